"""The executive Summary and its writers."""
