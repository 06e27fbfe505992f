"""Result to chart: one spec, drawn by Altair on pages and natively in decks."""
