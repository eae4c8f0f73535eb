"""From a folder or a database URL to the database that is meant."""

from __future__ import annotations

from pathlib import Path

from memory_store.database.base import Database
from memory_store.database.location import database_file
from memory_store.database.server_urls import is_server
from memory_store.encryption import cipher, remains
from memory_store.errors import InvalidInput, StoreUnavailable
from memory_store.postgresql.place import place_of
from memory_store.sqlite.database import FileDatabase


def database_at(path_or_url: str | Path, passphrase: str | None) -> tuple[Database, Path | None]:
    """The database, and the folder it lies in, if it does. Raises StoreUnavailable, StoreLocked, WrongPassphrase,
    InvalidInput (a passphrase for what is not encrypted)."""
    if is_server(path_or_url):
        return _on_a_server(str(path_or_url), passphrase), None
    file = database_file(path_or_url)
    remains.settle(file)
    return FileDatabase(file, cipher.key_for(file, passphrase)), file.parent


def _on_a_server(url: str, passphrase: str | None) -> Database:
    place = place_of(url)
    if passphrase is not None:
        raise InvalidInput(
            f"{place}: mneme does not encrypt what is on a database server. Encrypt the server's disk, or keep the"
            " memory in a folder (`mneme memory migrate --to DIR`)."
        )
    try:
        from memory_store.postgresql.database import ServerDatabase
    except ImportError as error:
        raise StoreUnavailable(
            f"Memories on PostgreSQL need the package psycopg, which cannot be used here ({error}). Install it:"
            ' pip install "mneme[postgres]"'
        ) from None
    return ServerDatabase(place)
