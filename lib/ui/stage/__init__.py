"""The PMM or growth page."""
