"""The record of truth as a database: where it is, and how it is opened, migrated and moved."""
