"""Lesson 05, Table III, measured: its exercises' checks, figures and widgets."""
