"""backup create, which is ``mneme memory backup`` too."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tui.commands.opening import open_store
from tui.commands.options import Home, Json, Profile
from tui.commands.progress import progress
from tui.text import show


def create(
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="A file or folder; without: the profile's own backups.")
    ] = None,
    keep: Annotated[
        int | None, typer.Option("--keep", metavar="N", min=1, help="Keep the newest N of those made by hand (10).")
    ] = None,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Keep a verified copy of the whole memory in one file.

    Words, history and vectors as they are at one instant, compressed, read back and compared. The memory may be in use
    meanwhile. Encrypted where the memory is, under its passphrase; else the file can be read by its owner alone.

    \b
    mneme backup create
    mneme backup create --to /media/stick --json
    mneme memory backup --keep 3
    """
    with open_store(home, profile) as store, progress("backing up") as move:
        made = store.backup(to=to, keep=keep, progress=move)
    if as_json:
        from memory_store.jsonable import backup_json

        show.document(backup_json(made.backup) | {"deleted": [str(file) for file in made.deleted]})
        return
    said = made.backup.manifest
    show.line(str(made.backup.file))
    show.say(f"{show.count(said.memories, 'memory', 'memories')} kept in {show.size(made.backup.size)}, and read back.")
    if made.deleted:
        show.say(f"{show.count(len(made.deleted), 'older backup')} deleted.")
