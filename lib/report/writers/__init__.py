"""The summary as brief, page, Markdown, evidence book and tables."""
