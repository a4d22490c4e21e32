"""Lesson 00, start here: its exercises' checks, figures and widgets."""
