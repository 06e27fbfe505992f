"""Content, contracts and the demo company."""
