"""Lesson 03, spatial attention from scratch: its exercises' checks, figures and widgets."""
