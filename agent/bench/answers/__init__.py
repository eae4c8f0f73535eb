"""Whether a language model answers better with what is remembered than without."""
