"""Lesson 02, transfer learning with VGG19: its exercises' checks, figures and widgets."""
