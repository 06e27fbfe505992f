"""The Summary page."""
