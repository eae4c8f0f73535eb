"""``/attach FILE [WORDS]``: a file becomes memories."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from memory_store.errors import InvalidInput
from tui.memories import undo
from tui.slash.references import Shown
from tui.text.wording import count

if TYPE_CHECKING:
    from memory_store import MemoryStore

INCOGNITO = "Nothing is remembered in incognito, so no file is read. /incognito off ends it."

_NAME = re.compile(r"""'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<bare>(?:\\.|\S)+)""")
"""As shells and terminals write a file that is dropped on them."""


def attach(store: MemoryStore, rest: str, shown: Shown) -> undo.Done:
    """Raises InvalidInput for a file that cannot be read."""
    del shown
    from memory_store.interchange import import_files

    path, words = named(rest)
    report = import_files(store, [path], words=words)
    if report.refused:
        raise InvalidInput(f"{path.name or path}: {report.refused[0].reason}.")
    total = report.total
    known = f"{path.name} is remembered already."
    new = f"{path.name} is remembered: {count(total.turns_new, 'memory', 'memories')}."
    return undo.Done(
        " ".join([new if total.turns_new else known, *total.notes]), (store.conversation(report.conversations[0]),)
    )


def named(rest: str) -> tuple[Path, str]:
    """The file, and what is said of it. A name with spaces needs no quotes where nothing follows it."""
    whole = Path(rest).expanduser()
    if whole.is_file():
        return whole, ""
    found = _NAME.match(rest)
    if found is None:
        raise InvalidInput("/attach FILE [WORDS]: which file is to be remembered.")
    name = found["single"] or found["double"] or re.sub(r"\\(.)", r"\1", found["bare"] or "")
    return Path(name).expanduser(), rest[found.end() :].strip()
