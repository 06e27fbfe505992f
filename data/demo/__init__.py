"""The demo company: planted truths, generator, files."""
