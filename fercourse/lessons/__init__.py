"""What only the lessons need: one folder per lesson, and what all lessons start with."""
