"""``mneme models list``: looks at files and asks servers on this machine; nothing is loaded or downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.commands.opening import open_settings
from tui.commands.options import Home, Json, Profile
from tui.text import show

if TYPE_CHECKING:
    from agent.models.catalogue import InstalledModel

HEADINGS = ("", "NAME", "SIZE", "CONTEXT", "NEEDS", "LICENCE", "REMARK")
REMARK = 32
"""Cells that a remark has at least, however long the names are."""


def list_models(as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """List the language models on this machine.

    The one in use is marked. NEEDS is the memory it takes when it is loaded. memory_only is always there: it answers by
    quoting memories. Servers are looked for at their usual ports on this machine only.

    \b
    mneme models list
    mneme models list --json
    """
    from agent.models.catalogue import list_models as installed
    from agent.models.catalogue import running_servers

    settings = open_settings(home, profile)
    found = installed(settings, running_servers(settings))
    if as_json:
        show.document([as_document(model) for model in found])
        return
    columns = [column for column in zip(HEADINGS, *map(_row, found), strict=True) if any(column[1:])]
    headings, *rows = zip(*columns, strict=True)
    show.table(headings, rows, width=_width(columns))
    if len(found) == 1:
        show.say("No language model is here. Get one: mneme models pull OWNER/NAME (goes to huggingface.co).")


def as_document(model: InstalledModel) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(model) | {"path": str(model.path) if model.path else None}


def _row(model: InstalledModel) -> tuple[str, ...]:
    return (
        "*" if model.in_use else "",
        model.name,
        show.size(model.bytes) if model.bytes else "",
        f"{model.context_size:,}" if model.context_size else "",
        show.size(model.memory_bytes) if model.memory_bytes else "",
        model.licence,
        model.remark,
    )


def _width(columns: list[tuple[str, ...]]) -> int:
    """A name is for copying: it is never cut, so long ones make the table wider."""
    return max(show.WIDTH, sum(max(map(show.cell_width, column)) + 2 for column in columns[:-1]) + REMARK)
