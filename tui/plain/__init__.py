"""The chat a line at a time: for screen readers, dumb terminals and pipes. Nothing is drawn and nothing moves."""
