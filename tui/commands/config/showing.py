"""show, path and keys: the settings in force."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Annotated

import typer

from agent.errors import SettingsError
from agent.paths import make_private
from tui.commands.opening import open_settings
from tui.commands.options import Home, Json, Profile
from tui.text import show


def show_settings(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="Only this setting, or this section.", show_default=False)
    ] = "",
    template: Annotated[bool, typer.Option("--template", help="A configuration file to start from.")] = False,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Print every setting, its value, and where that comes from.

    \b
    mneme config show
    mneme config show recall.limit
    mneme config show --template > "$(mneme config path)"
    """
    if template:
        from agent.settings_files import default_toml

        show.line(default_toml().rstrip("\n"))
        return
    settings = open_settings(home, profile)
    rows = [row for row in settings.rows() if name in ("", row[0], row[0].partition(".")[0])]
    if not rows:
        from agent.settings_keeping import no_such_setting

        raise no_such_setting(name)
    if as_json:
        show.document({key: {"value": value, "from": origin} for key, value, origin in rows})
        return
    shown = [(key, origin, json.dumps(value, ensure_ascii=False)) for key, value, origin in rows]
    show.table(("SETTING", "FROM", "VALUE"), shown)


def path(
    everything: Annotated[bool, typer.Option("--all", help="Everything else's places too.")] = False,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Print where the configuration file is, or would be.

    \b
    mneme config path
    mneme config path --all
    """
    paths = open_settings(home, profile).paths
    with suppress(SettingsError):  # made, so that something can be written there: the template, say
        make_private(paths.config_file.parent)
    places = {
        "config": str(paths.config_file),
        "profile": str(paths.profile_dir),
        "log": str(paths.log_file),
        "state": str(paths.state_dir),
    }
    if as_json:
        show.document(places)
    elif everything:
        for name, place in places.items():
            show.line(f"{name:<8} {place}")
    else:
        show.line(places["config"])


def list_keys(as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """Print what the app's keys do, and the names to change them by.

    Other keys are set in the table [keys] of the configuration file, such as "memory.pin" = "P"; several with commas.

    \b
    mneme config keys
    mneme config keys --json
    """
    from tui.keys.keymap import checked
    from tui.keys.table import keys_of, places, spoken

    keymap = checked(open_settings(home, profile).keys)
    found = [(place.where, binding) for place in places() for binding in place.bindings if binding.id]
    if as_json:
        rows = [(binding.id, keys_of(binding, keymap), where, binding.description) for where, binding in found]
        show.document([dict(zip(("name", "keys", "where", "does"), row, strict=True)) for row in rows])
        return
    shown = [(one.id or "", spoken(keys_of(one, keymap)), f"{where}: {one.description}") for where, one in found]
    show.table(("NAME", "KEYS", "DOES"), shown)
