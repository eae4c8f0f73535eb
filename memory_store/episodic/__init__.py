"""Episodic memory, the words: how turns are written, read and changed in the record of truth, and full-text search."""
