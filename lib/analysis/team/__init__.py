"""Skills, the gap to hire for, and the next role."""
