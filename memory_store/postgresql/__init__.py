"""The record of truth on a PostgreSQL server: a schema for each profile, owned by who made it (docs/servers.md)."""
