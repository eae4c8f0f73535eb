"""A generated set of updates, corrections and what only looks like them: how many contradictions are found, and how
many of those found are some. ``python -m benchmarks.updates`` measures; wording.py has the templates."""
