"""The Metric audit page."""
