"""Scripted conversations on a virtual clock, with expectations. docs/replay.md is the reference of the vocabulary."""
