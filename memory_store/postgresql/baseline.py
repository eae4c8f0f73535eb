"""The tables as they are on a new server: schema 0005, at which PostgreSQL came in. Frozen, as a migration is.

What comes later is in ``migrations/versions`` for both kinds of database. Texts compare by code point, as in SQLite.
"""

from __future__ import annotations

from sqlalchemy import Connection

REVISION = "0005"

_TEXT = 'text COLLATE "C"'
_TABLES = f"""
CREATE TABLE meta (key {_TEXT} PRIMARY KEY, value {_TEXT} NOT NULL);
CREATE TABLE speakers (
    seq bigserial PRIMARY KEY, name {_TEXT} NOT NULL, CONSTRAINT uq_speakers_name UNIQUE (name));
CREATE TABLE conversations (
    seq bigserial PRIMARY KEY, id {_TEXT} NOT NULL, title {_TEXT}, created_at bigint NOT NULL,
    updated_at bigint NOT NULL, turns bigint NOT NULL DEFAULT 0, archived_at bigint, deleted_at bigint,
    branched_from bigint REFERENCES conversations (seq), branched_position bigint,
    CONSTRAINT uq_conversations_id UNIQUE (id));
CREATE INDEX ix_conversations_updated_at ON conversations (updated_at);
CREATE TABLE turns (
    seq bigserial PRIMARY KEY, id {_TEXT} NOT NULL, conversation_seq bigint REFERENCES conversations (seq),
    position bigint NOT NULL, session bigint NOT NULL, speaker_seq bigint NOT NULL REFERENCES speakers (seq),
    text {_TEXT} NOT NULL, said_at bigint NOT NULL, recorded_at bigint NOT NULL, source_id {_TEXT},
    status {_TEXT} NOT NULL, standing bigint NOT NULL, pinned_at bigint, forgotten_at bigint,
    revision bigint NOT NULL DEFAULT 0,
    CONSTRAINT status_known CHECK (status IN ('complete', 'partial')),
    CONSTRAINT uq_turns_id UNIQUE (id),
    CONSTRAINT uq_turns_conversation_seq_position UNIQUE (conversation_seq, position));
CREATE INDEX ix_turns_said_at ON turns (said_at);
CREATE INDEX ix_turns_conversation_seq_source_id ON turns (conversation_seq, source_id) WHERE source_id IS NOT NULL;
CREATE INDEX ix_turns_pinned_at ON turns (pinned_at) WHERE pinned_at IS NOT NULL;
CREATE INDEX ix_turns_forgotten_at ON turns (forgotten_at) WHERE forgotten_at IS NOT NULL;
CREATE TABLE revisions (
    turn_seq bigint REFERENCES turns (seq), revision bigint, text {_TEXT} NOT NULL, superseded_at bigint NOT NULL,
    PRIMARY KEY (turn_seq, revision));
CREATE TABLE ledger (
    reply_seq bigint REFERENCES turns (seq), rank bigint, memory_seq bigint REFERENCES turns (seq),
    memory_id {_TEXT} NOT NULL, score double precision NOT NULL, reasons {_TEXT} NOT NULL, in_prompt bigint NOT NULL,
    number bigint, cited bigint NOT NULL DEFAULT 0, actor {_TEXT}, PRIMARY KEY (reply_seq, rank));
CREATE INDEX ix_ledger_memory_seq ON ledger (memory_seq);
CREATE TABLE embedders (
    seq bigserial PRIMARY KEY, name {_TEXT} NOT NULL, fingerprint {_TEXT} NOT NULL, dimensions bigint NOT NULL,
    CONSTRAINT uq_embedders_fingerprint UNIQUE (fingerprint));
CREATE TABLE vectors (
    stamp bigserial PRIMARY KEY, turn_seq bigint NOT NULL REFERENCES turns (seq),
    embedder_seq bigint NOT NULL REFERENCES embedders (seq), vector bytea NOT NULL,
    CONSTRAINT uq_vectors_turn_seq UNIQUE (turn_seq));
ALTER TABLE vectors ALTER COLUMN vector SET STORAGE PLAIN;
CREATE INDEX ix_vectors_embedder_seq ON vectors (embedder_seq);
CREATE TABLE index_queue (
    seq bigserial PRIMARY KEY, turn_seq bigint NOT NULL, op {_TEXT} NOT NULL,
    CONSTRAINT op_known CHECK (op IN ('upsert', 'delete')));
CREATE INDEX ix_index_queue_turn_seq ON index_queue (turn_seq);
CREATE TABLE titles (
    conversation_seq bigint REFERENCES conversations (seq), revision bigint, title {_TEXT},
    superseded_at bigint NOT NULL, PRIMARY KEY (conversation_seq, revision));
CREATE TABLE feedback (
    reply_seq bigint REFERENCES turns (seq), memory_seq bigint REFERENCES turns (seq), signal {_TEXT} NOT NULL,
    at bigint NOT NULL, CONSTRAINT signal_known CHECK (signal IN ('helpful', 'wrong')),
    PRIMARY KEY (reply_seq, memory_seq));
CREATE INDEX ix_feedback_memory_seq ON feedback (memory_seq);
CREATE TABLE acts (
    seq bigserial PRIMARY KEY, at bigint NOT NULL, act {_TEXT} NOT NULL, actor {_TEXT} NOT NULL,
    subjects {_TEXT} NOT NULL, changes {_TEXT} NOT NULL, original bigint, together bigint, chain {_TEXT} NOT NULL);
CREATE INDEX ix_acts_original ON acts (original) WHERE original IS NOT NULL;
CREATE INDEX ix_acts_together ON acts (together) WHERE together IS NOT NULL;
CREATE TABLE turns_fts (
    turn_seq bigint, part integer, length integer NOT NULL, terms tsvector NOT NULL, PRIMARY KEY (turn_seq, part));
CREATE INDEX ix_turns_fts_terms ON turns_fts USING gin (terms) WITH (gin_pending_list_limit = 512);
"""

# The audit stays as it was written; a purge says in `meta` that it may take from the ledger, as long as it lasts. The
# highest number an act was given is kept, so that a missing one shows: a sequence would count what was rolled back too.
_GUARDS = """
CREATE FUNCTION no_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$;
CREATE FUNCTION no_change_but_a_purge() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM meta WHERE key = 'purging') THEN
            RAISE EXCEPTION 'the audit is append-only';
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$;
CREATE FUNCTION act_given() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO meta (key, value) VALUES ('acts_given', NEW.seq::text)
            ON CONFLICT (key) DO UPDATE SET value = greatest(meta.value::bigint, NEW.seq)::text;
        RETURN NULL;
    END $$;
CREATE TRIGGER acts_no_update BEFORE UPDATE ON acts FOR EACH ROW EXECUTE FUNCTION no_change();
CREATE TRIGGER acts_no_delete BEFORE DELETE ON acts FOR EACH ROW EXECUTE FUNCTION no_change();
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger FOR EACH ROW EXECUTE FUNCTION no_change_but_a_purge();
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION no_change_but_a_purge();
CREATE TRIGGER acts_given AFTER INSERT ON acts FOR EACH ROW EXECUTE FUNCTION act_given();
"""

# SQLite has `instr`, and is given `folded` by its connection: Python's casefold. This comes as near as the server can.
_FUNCTIONS = """
CREATE FUNCTION instr(text, text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT strpos($1, $2) $$;
CREATE FUNCTION folded(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT translate(replace(lower($1{collation}), 'ß', 'ss'), 'ςſµ', 'σsμ') $$;
"""
_ICU = "SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu'"


_ELSEWISE = """
    SELECT c.relname, a.attname, a.atttypid = 'integer'::regtype FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_collation l ON l.oid = a.attcollation
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname <> 'turns_fts'
    AND a.attnum > 0 AND NOT a.attisdropped
    AND (a.atttypid = 'integer'::regtype OR a.atttypid = 'text'::regtype AND l.collname <> 'C')
"""


def as_in_sqlite(connection: Connection) -> None:
    """Bring the tables that a migration made to what its types mean in SQLite: numbers of eight bytes, and texts in the
    order of their code points, in which ids are looked up."""
    for table, column, narrow in connection.exec_driver_sql(_ELSEWISE).all():
        kind = "bigint" if narrow else _TEXT
        connection.exec_driver_sql(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE {kind}')


def create(connection: Connection) -> None:
    """Make the tables in the connection's schema, and say in it which revision they are."""
    known = connection.exec_driver_sql(_ICU).first() is not None
    functions = _FUNCTIONS.replace("{collation}", ' COLLATE "und-x-icu"' if known else "")
    version = f"""
    CREATE TABLE alembic_version (version_num varchar(32) NOT NULL PRIMARY KEY);
    INSERT INTO alembic_version VALUES ('{REVISION}');
    """
    for statements in (_TABLES, functions, _GUARDS, version):
        connection.exec_driver_sql(statements)
