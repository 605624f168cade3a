"""CSV: charset, delimiter, columns, rows."""
