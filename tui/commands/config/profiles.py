"""profiles: whose memories are here."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

from tui.commands.opening import open_settings
from tui.commands.options import Home, Json, Profile
from tui.text import show

if TYPE_CHECKING:
    from pathlib import Path


def list_profiles(as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """List the profiles that are here.

    The one in force is marked. Nothing is opened; a profile is deleted with its folder.

    \b
    mneme config profiles
    mneme config profiles --json
    """
    settings = open_settings(home, profile)
    folder = settings.paths.profiles_dir
    found = [_looked_at(folder / name, in_force=name == settings.profile) for name in settings.paths.profiles()]
    if as_json:
        show.document(found)
    elif found:
        rows = [("*" if one["in_force"] else "", one["name"], _when(one), show.size(one["bytes"])) for one in found]
        show.table(("", "NAME", "LAST USED", "ON DISK"), rows)
        show.say(f"They are in {folder}.")
    else:
        show.say("There is no profile yet: the first word makes one.")


def _looked_at(folder: Path, *, in_force: bool) -> dict[str, Any]:
    files = []
    for file in (folder, *folder.rglob("*")):
        with suppress(OSError):  # others may use the profile: a file can go away meanwhile
            files.append(file.stat())
    used = max((one.st_mtime for one in files), default=0.0)
    return {
        "name": folder.name,
        "in_force": in_force,
        "path": str(folder),
        "bytes": sum(one.st_size for one in files if S_ISREG(one.st_mode)),
        "used_at": datetime.fromtimestamp(used, UTC).isoformat().replace("+00:00", "Z"),
    }


def _when(one: dict[str, Any]) -> str:
    return show.when(datetime.fromisoformat(one["used_at"]))
