"""Sections of the document, a module per feature."""
