"""Table III: the paper's rows and the measured ones."""
