"""One module per question: query, small table, frozen result with a verdict."""
