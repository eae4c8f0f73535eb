"""What PostgreSQL and its driver complain of, as ours: one line that says what to do, never with a password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from memory_store.errors import ConnectionLost, InvalidInput, MnemeError, StoreDamaged, StoreUnavailable
from memory_store.postgresql.place import Place

COMPLAINTS = (DBAPIError, psycopg.Error, PoolExhausted)

_AWAY = re.compile(
    r"refused|timed? ?out|timeout expired|starting up|shutting down|recovery mode|not yet accepting|terminating"
    r"|closed the connection|connection (?:was |has been )?(?:lost|closed|reset)|no route|unreachable|broken pipe"
    r"|server closed|consuming input failed|in recovery|No such file or directory",
    re.IGNORECASE,
)
"""Of connections that could not be made, the driver gives the words only."""
_LOST = ("08", "57P01", "57P02", "57P03")
"""Connection exceptions; the server shuts down, crashed, or cannot take connections yet."""


def cause(error: BaseException) -> BaseException:
    """The driver's own error."""
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def is_loss(error: BaseException) -> bool:
    """Whether the server went away or is not there yet, so that it is worth trying again."""
    inner = cause(error)
    if not isinstance(inner, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    if inner.sqlstate is not None:
        return inner.sqlstate.startswith(_LOST)
    return isinstance(inner, psycopg.InterfaceError) or _AWAY.search(str(inner)) is not None


@contextmanager
def translated(place: Place) -> Iterator[None]:
    """Raises StoreUnavailable, ConnectionLost, StoreDamaged, InvalidInput in the place of what the driver raises."""
    try:
        yield
    except MnemeError:
        raise
    except UnicodeEncodeError as error:
        raise InvalidInput("That is not valid Unicode (a lone surrogate). Give it as UTF-8.") from error
    except COMPLAINTS as error:
        if (told := told_of(error, place)) is None:
            raise
        raise told from error


def told_of(error: BaseException, place: Place) -> MnemeError | None:
    """The same complaint for a person; None where a person could not do anything about it."""
    if isinstance(error, PoolExhausted):
        return StoreUnavailable(
            f"All {place.pool_size} connections to {place} are in use. Try again, or raise pool_size in the URL."
        )
    inner = cause(error)
    if is_loss(error):
        return ConnectionLost(
            f"{place} cannot be reached ({_line(inner)}). Nothing was done or lost; start it, or try again."
        )
    if isinstance(inner, psycopg.OperationalError | psycopg.errors.InsufficientPrivilege):
        return StoreUnavailable(_advice(inner, place))
    if isinstance(inner, psycopg.errors.DataCorrupted | psycopg.errors.IndexCorrupted):
        return StoreDamaged(f"{place} is damaged ({_line(inner)}). Restore the server's backup.")
    return None


def _advice(error: psycopg.Error, place: Place) -> str:
    line, state = _line(error), error.sqlstate or ""
    said = line.lower()
    if state.startswith("28") or "password" in said or "authentication" in said or "pg_hba" in said:
        return (
            f"{place} refuses the user or the password. Put the right ones into store.url, or the password into"
            " PGPASSWORD or ~/.pgpass."
        )
    if state == "3D000" or re.search(r'database ".*" does not exist', said):
        return f"{place}: there is no such database. Make it with createdb, or correct store.url."
    if state == "42501" or "permission denied" in said:
        return f"{place} belongs to another user of the server ({line}). Use your own schema, or ask its owner."
    if state.startswith("53") or "too many" in said or "remaining connection slots" in said:
        return f"{place} has no room: {line}. Nothing was lost; try again, or lower pool_size in the URL."
    if state == "55P03":
        return f"{place} is being written by another process for too long. Close it, or try again."
    if state == "25006":
        return f"{place} is read-only, a replica perhaps. Name the primary server in store.url."
    return f"{place} cannot be used: {line}."


def _line(error: BaseException) -> str:
    """The first line that says something, without what the driver puts before it."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    fatal = next((line for line in lines if "FATAL:" in line), lines[0] if lines else type(error).__name__)
    return fatal.rpartition("FATAL:")[2].strip().rstrip(".")[:200]
