"""The Handoff map page."""
