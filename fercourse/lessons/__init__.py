"""What only lessons need: a folder for each, how they start, how they check."""
