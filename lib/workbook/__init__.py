"""The document: model, event log store, undo, history, import and export."""
