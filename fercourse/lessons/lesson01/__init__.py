"""Lesson 01, explore FER2013: its exercises' checks, figures and widgets."""
