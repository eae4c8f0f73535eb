"""``mneme models``: what can reply. Looks at files only; nothing is loaded or downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui import show
from tui.commands.opening import open_settings
from tui.commands.options import Home, Json, Profile
from tui.lazy import Entry, group

if TYPE_CHECKING:
    from agent.models.catalogue import InstalledModel

COMMANDS = {"list": Entry("tui.commands.models:list_models", "List the language models on this machine.")}

app = group(COMMANDS, "The language models that can be used.")


def list_models(as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """List the language models on this machine.

    memory_only is always there: it answers by quoting memories. Set one for good with `name` under [model] in the
    configuration file, or for once with --model.

    \b
    mneme models list
    mneme ask --model ~/models/small-chat "Hello"
    """
    from agent.models.catalogue import list_models as installed

    found = installed(open_settings(home, profile))
    if as_json:
        show.document([_json(model) for model in found])
        return
    show.table(("", "NAME", "SIZE", "CONTEXT", "REMARK"), [_row(model) for model in found], width=_width(found))


def _row(model: InstalledModel) -> tuple[str, ...]:
    size = show.size(model.bytes) if model.bytes else ""
    return ("*" if model.in_use else "", model.name, size, str(model.context_size or ""), model.remark)


def _width(models: list[InstalledModel]) -> int:
    """A name is for copying: it is never cut, so long ones make the table wider."""
    return max(show.WIDTH, max(show.cell_width(model.name) for model in models) + 60)


def _json(model: InstalledModel) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(model) | {"path": str(model.path) if model.path else None}
