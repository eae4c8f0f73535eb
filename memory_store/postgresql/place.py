"""What a database URL means: a server, and the schema on it that is one profile's memory."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from memory_store.errors import StoreUnavailable

SCHEMA = "mneme"
"""Where the URL names none."""
LONGEST = 63
"""Bytes of a name in PostgreSQL."""
POOL_SIZE = 10
"""Connections that one open store uses at most."""
_NAME = re.compile(r"\w[\w.-]*")
_FORM = "postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE"


@dataclass(frozen=True, slots=True)
class Place:
    """A parsed URL. ``str()`` shows it without the password, and so does everything that is logged."""

    url: URL
    schema: str
    pool_size: int

    def __str__(self) -> str:
        return f"{self.url.render_as_string(hide_password=True)} (schema {self.schema})"

    @property
    def key(self) -> int:
        """What the locks of this memory are named by on the server: 64 bits, signed."""
        return int.from_bytes(sha256(f"mneme {self.schema}".encode()).digest()[:8], "big", signed=True)


def place_of(url: str) -> Place:
    """``schema`` and ``pool_size`` are taken out of the URL's parameters; the others are PostgreSQL's own, such as
    ``sslmode``. Raises StoreUnavailable, without the URL's password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreUnavailable(f"That is no database URL. It looks like {_FORM}.") from None
    if parsed.drivername not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise StoreUnavailable(f"mneme speaks to PostgreSQL through psycopg: {_FORM}.")
    query = {name: value if isinstance(value, str) else value[-1] for name, value in parsed.query.items()}
    schema, size = query.pop("schema", SCHEMA), query.pop("pool_size", str(POOL_SIZE))
    if not _NAME.fullmatch(schema) or len(schema.encode()) > LONGEST:
        raise StoreUnavailable(f"A schema's name has letters, digits, '-', '_' and '.', and {LONGEST} bytes at most.")
    if not size.isdecimal() or not 1 <= int(size) <= 1000:
        raise StoreUnavailable("pool_size, in a database URL, is a number from 1 to 1000.")
    return Place(parsed.set(drivername="postgresql+psycopg", query=query), schema, int(size))


def for_profile(url: str, profile: str) -> str:
    """``url`` with the schema of a profile; as it is where it names a schema itself."""
    parsed = place_of(url)
    if "schema" in make_url(url).query:
        return url
    name = f"{SCHEMA}_{profile}"
    if len(name.encode()) > LONGEST:
        name = f"{SCHEMA}_{sha256(profile.encode()).hexdigest()[:32]}"
    with_schema = parsed.url.update_query_dict({"schema": name, "pool_size": str(parsed.pool_size)})
    return with_schema.render_as_string(hide_password=False)
