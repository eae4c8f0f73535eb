"""``mneme models use``: which model replies from now on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.opening import open_settings
from tui.commands.options import Home, Json
from tui.text import show
from tui.text.wording import place

if TYPE_CHECKING:
    from agent.models.catalogue import InstalledModel
    from agent.settings_keeping import Kept

Name = Annotated[str, typer.Argument(metavar="NAME", help="As `mneme models list` has it, or a folder.")]
Profile = Annotated[str | None, typer.Option("--profile", metavar="NAME", help="For this profile alone.")]
Server = Annotated[
    str | None, typer.Option("--server", metavar="URL", help="The server that has it, such as http://127.0.0.1:11434.")
]


def use(
    name: Name,
    server: Server = None,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Choose the language model, from now on.

    Writes the settings file of all profiles, or with --profile the one of that profile, and says what it changed.
    Everything else in the file stays as it is, comments too.

    \b
    mneme models use Qwen/Qwen3-0.6B
    mneme models use ~/models/small-chat --profile work
    mneme models use llama3.2 --server http://127.0.0.1:11434
    mneme models use memory_only
    """
    from agent.models.catalogue import list_models, running_servers
    from agent.models.selecting import find, keep

    settings = open_settings(home, profile)
    model = find(name, list_models(settings, running_servers(settings)), settings, server)
    kept = keep(settings, model, for_profile=profile is not None)
    if as_json:
        show.document(_document(model, kept))
        return
    for change in kept.changes:
        show.line(f"{change.key}: {_value(change.before)} -> {_value(change.after)}")
    _narrate(model, kept, profile, allow_remote=settings.model.allow_remote)


def _narrate(model: InstalledModel, kept: Kept, profile: str | None, *, allow_remote: bool) -> None:
    whom = f"the profile {profile}" if profile is not None else "all profiles"
    if kept.changes:
        show.say(f"In {place(kept.file)}, for {whom}. In an app that is open, Ctrl+L chooses.")
    else:
        show.say(f"Nothing to change: {place(kept.file)} says so already, for {whom}.")
    if model.fits is False:
        show.say(f"It needs about {show.size(model.memory_bytes or 0)} of memory, and less is free now.")
    if kept.stronger:
        show.say(kept.stronger)
    if model.base_url is not None:
        from agent.models.selecting import answers_there

        if problem := answers_there(model.name, model.base_url, allow_remote=allow_remote):
            show.say(problem)


def _value(value: object) -> str:
    return "(not set)" if value is None else json.dumps(value, ensure_ascii=False)


def _document(model: InstalledModel, kept: Kept) -> dict[str, object]:
    changes = [{"setting": one.key, "before": one.before, "after": one.after} for one in kept.changes]
    return {
        "name": model.name,
        "kind": model.kind,
        "file": str(kept.file),
        "changes": changes,
        "in_force": not kept.stronger,
    }
