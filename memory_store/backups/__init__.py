"""Backups: a profile's words and vectors in one file, whole or not at all, and back again."""
