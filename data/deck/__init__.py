"""The house template of decks, the widths of letters, and the tools that make both."""
