"""Lesson 08, train the real thing: its exercises' checks, figures and widgets."""
