"""Connections to the server, as mneme wants them."""

from __future__ import annotations

from typing import Any

import psycopg

from memory_store.postgresql import words
from memory_store.postgresql.place import Place

LOCK_WAIT = "30s"


def connect(place: Place) -> psycopg.Connection[Any]:
    """A new connection that sees the schema of ``place`` alone. Raises psycopg.Error."""
    url = place.url
    # Acknowledged means durable, whatever the role's own setting; and a dead network is noticed in a minute on both
    # sides: the server would keep the writers' lock for two hours for one who is gone.
    options = (
        f'-csearch_path="{place.schema}" -clock_timeout={LOCK_WAIT} -csynchronous_commit=on'
        " -ctcp_keepalives_idle=30 -ctcp_keepalives_interval=10 -ctcp_keepalives_count=3"
    )
    given: dict[str, Any] = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "dbname": url.database,
        "client_encoding": "utf8",
        "application_name": "mneme",
        "connect_timeout": 10,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,
        "options": options,
    }
    given |= dict(url.query)
    connection = psycopg.connect(**{name: value for name, value in given.items() if value is not None})
    words.adapt(connection)
    return connection
