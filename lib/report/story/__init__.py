"""What a summary says: its model, slides, edits, redaction."""
