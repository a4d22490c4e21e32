"""Lesson 04, move the attention block: its exercises' checks, figures and widgets."""
