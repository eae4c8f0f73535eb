"""Acts of the door that are one transaction each."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection

from memory_store.database.base import Database

Given = ParamSpec("Given")
Result = TypeVar("Result")


class _Door(Protocol):
    _database: Database


Door = TypeVar("Door", bound=_Door)


def in_one_transaction(
    act: Callable[Concatenate[Door, Connection, Given], Result],
) -> Callable[Concatenate[Door, Given], Result]:
    """A method that gets a connection inside a transaction that writes, before what its caller gives.

    Where a database server goes away before the commit it is done once more from the beginning
    (:meth:`~memory_store.database.base.Database.written`), so it keeps nothing of what it did but what it returns.
    """

    @wraps(act)
    def done(door: Door, /, *given: Given.args, **named: Given.kwargs) -> Result:
        return door._database.written(lambda connection: act(door, connection, *given, **named))

    told = inspect.signature(act)
    own, _, *rest = told.parameters.values()
    done.__signature__ = told.replace(parameters=[own, *rest])  # type: ignore[attr-defined]
    return done
