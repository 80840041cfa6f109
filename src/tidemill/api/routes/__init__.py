"""One file for each noun; a handler is a translation, not a decision."""
