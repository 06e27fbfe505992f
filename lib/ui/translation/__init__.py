"""The Translation page."""
