"""The record of truth in one SQLite file: a profile's folder."""
