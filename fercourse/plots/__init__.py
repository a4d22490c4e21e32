"""What a reader sees under a cell: figures, tables and widgets."""
