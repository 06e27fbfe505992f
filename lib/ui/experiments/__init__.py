"""The Shared experiments page."""
