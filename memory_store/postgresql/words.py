"""Strings on their way to and from PostgreSQL, which keeps every character but one: NUL.

Words are kept as they were said, so a NUL travels as two characters, the first of which no text needs; where a text has
that one, it travels as two as well.
"""

from __future__ import annotations

import re
from typing import Any

from psycopg import Connection
from psycopg.abc import Buffer
from psycopg.types.string import StrDumperUnknown, TextLoader

ESCAPE = "\ufdd0"
"""A code point that Unicode reserves for a program's own use."""
_OUT = {"\0": f"{ESCAPE}0", ESCAPE: f"{ESCAPE}1"}
_BACK = {spelled: character for character, spelled in _OUT.items()}
_SPELLED = re.compile(f"{ESCAPE}[01]")
_CHARACTER = re.compile(f"[\0{ESCAPE}]")


def kept(text: str) -> str:
    """``text`` as PostgreSQL can hold it."""
    return _CHARACTER.sub(lambda found: _OUT[found[0]], text) if "\0" in text or ESCAPE in text else text


def said(text: str) -> str:
    """The inverse of :func:`kept`."""
    return _SPELLED.sub(lambda found: _BACK[found[0]], text) if ESCAPE in text else text


class _Dumper(StrDumperUnknown):
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(kept(obj))


class _Loader(TextLoader):
    def load(self, data: Buffer) -> Any:
        found = super().load(data)
        return said(found) if isinstance(found, str) else found


def adapt(connection: Connection[Any]) -> None:
    """Let this connection keep every string."""
    connection.adapters.register_dumper(str, _Dumper)
    connection.adapters.register_loader("text", _Loader)
