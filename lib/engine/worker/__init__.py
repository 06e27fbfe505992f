"""One supervised throw-away process for intake, free SQL and export."""
