"""What the server would note down of the words, to plan its queries by: samples of them, in a catalogue that no purge
reaches. So it is told to collect none of columns that hold words or vectors; how many rows there are, it counts still.
"""

from __future__ import annotations

from typing import Any

import psycopg

_COLUMNS = """
    SELECT quote_ident(c.relname), quote_ident(a.attname), format_type(a.atttypid, a.atttypmod)
        || CASE WHEN a.atttypid = 'text'::regtype THEN ' COLLATE "C"' ELSE '' END,
        EXISTS (SELECT 1 FROM pg_stats s
            WHERE s.schemaname = current_schema() AND s.tablename = c.relname AND s.attname = a.attname)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
    AND a.atttypid IN ('text'::regtype, 'tsvector'::regtype, 'bytea'::regtype) AND coalesce(a.attstattarget, -1) <> 0
"""


def collect_no_words(server: psycopg.Connection[Any]) -> None:
    """See to it that none are collected, and drop those that are there. Free where that was done before."""
    for table, column, kind, collected in server.execute(_COLUMNS.encode()).fetchall():
        if collected:  # a change of type, even to the same one, is what drops them
            server.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {kind}".encode())
        server.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0".encode())
