"""Consolidation: a language model writes notes on what was said. Never by itself, never in place of the words."""
