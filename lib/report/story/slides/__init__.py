"""The slides of a summary, a module per part of the story."""
