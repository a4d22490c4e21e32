"""What `python -m fercourse` does, one file per command."""
