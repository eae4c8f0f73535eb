"""set and unset: one setting, in the file where it belongs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.opening import announced
from tui.commands.options import Home, Json
from tui.text import show
from tui.text.wording import place

if TYPE_CHECKING:
    from pathlib import Path

Name = Annotated[str, typer.Argument(metavar="NAME", help="As `mneme config show` has it.", show_default=False)]
OwnProfile = Annotated[str | None, typer.Option("--profile", metavar="NAME", help="For this profile alone.")]


def set_setting(
    name: Name,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="As in the file; quotes can be left out.")],
    as_json: Json = False,
    home: Home = None,
    profile: OwnProfile = None,
) -> None:
    """Set something, from now on.

    Writes the settings file of all profiles, or with --profile the one of that profile, and says what it changed.
    Everything else in the file stays as it is, comments too.

    \b
    mneme config set recall.limit 5
    mneme config set chat.user_name Ana --profile work
    mneme config set recall.learned false
    """
    _change(name, value, home, profile, as_json)


def unset(name: Name, as_json: Json = False, home: Home = None, profile: OwnProfile = None) -> None:
    """Go back to the default of something that was set.

    \b
    mneme config unset recall.limit
    """
    _change(name, None, home, profile, as_json)


def _change(name: str, words: str | None, home: Path | None, profile: str | None, as_json: bool) -> None:
    from agent.settings_keeping import choose

    kept = choose(name, words, home, profile, before=announced if profile is not None else None)
    if as_json:
        changes = [{"setting": one.key, "before": one.before, "after": one.after} for one in kept.changes]
        show.document({"file": str(kept.file), "changes": changes, "in_force": not kept.stronger})
        return
    for one in kept.changes:
        before, after = (_value(value) for value in (one.before, one.after))
        show.line(f"{one.key}: {before} -> {after}")
    whom = f"the profile {profile}" if profile is not None else "all profiles"
    how = "In" if kept.changes else "Nothing to change: so it stands in"
    show.say(f"{how} {place(kept.file)}, for {whom}.")
    if kept.stronger:
        show.say(kept.stronger)


def _value(value: object) -> str:
    return "(not set)" if value is None else json.dumps(value, ensure_ascii=False)
