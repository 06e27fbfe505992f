"""The summary as an editable PowerPoint file."""
