"""backup restore, which is ``mneme memory restore-backup`` too."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.backup.looking import Named
from tui.commands.opening import open_settings, store_of
from tui.commands.options import Home, Json, Profile, Yes
from tui.commands.progress import progress
from tui.process import exit_codes
from tui.text import show

if TYPE_CHECKING:
    from pathlib import Path

    from memory_store.backups.archive import Backup


def restore(
    named: Named,
    yes: Yes = False,
    set_aside: Annotated[
        bool,
        typer.Option(
            "--set-aside",
            help="What is there cannot be opened (passphrase lost, file damaged): move it aside as it is. The backup"
            " comes back under its own passphrase.",
        ),
    ] = False,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Make the memory what it was when a backup was made.

    The backup is verified first. What it replaces is kept: as one more backup, or, when it is damaged, as files aside.
    Nothing is done without --yes or a yes at the terminal.

    \b
    mneme backup restore latest
    mneme memory restore-backup 7 --yes
    mneme backup restore /media/stick/0007-20261125T091810Z.zip --profile copy
    mneme backup restore latest --set-aside
    """
    from agent.opening import in_a_folder, secure
    from memory_store.backups import shelf
    from memory_store.backups.restoring import restore as restore_backup
    from memory_store.clock import utc_now
    from memory_store.errors import StoreError
    from tui.commands.asking import confirmed
    from tui.commands.passphrases import of_backup, unlocked

    settings = open_settings(home, profile)
    folder = in_a_folder(settings, "A backup")
    backup = shelf.found(folder, named)
    settings.paths.create()
    secure(settings, show.say)
    passphrase = None if set_aside else unlocked(settings)
    opens = of_backup(settings, backup)
    show.say(_question(folder, backup, passphrase))
    if not confirmed("Put it in the place of what is there?", yes=yes):
        raise typer.Exit(exit_codes.FAILED)
    with progress("restoring") as move:
        done = restore_backup(
            folder,
            backup,
            now=utc_now(),
            progress=move,
            passphrase=passphrase,
            passphrases=opens,
            set_aside=set_aside,
        )
    with suppress(StoreError), store_of(settings) as store:  # for the audit; what was asked for is done
        store.note_act("restore_backup")
    kept = None if done.kept is None else str(done.kept)
    if as_json:
        from memory_store.jsonable import backup_json

        show.document(backup_json(backup) | {"kept": kept})
        return
    show.line(f"{show.count(backup.manifest.memories, 'memory', 'memories')} restored.")
    if kept is not None:
        show.say(f"What was there before is in {kept}.")


def _question(folder: Path, backup: Backup, passphrase: str | None) -> str:
    """What is there, and what would come."""
    said = backup.manifest
    comes = f"The backup of {show.when(said.made_at)} holds {show.count(said.memories, 'memory', 'memories')}"
    return f"{comes}; this profile has {_present(folder, passphrase)}."


def _present(folder: Path, passphrase: str | None) -> str:
    from memory_store import MemoryStore
    from memory_store.database.location import DATABASE
    from memory_store.errors import StoreError

    if not (folder / DATABASE).exists():
        return "none"
    try:
        with MemoryStore.open(folder, indexing="off", passphrase=passphrase) as store:
            return f"{store.stats().memories:,}"
    except StoreError as error:
        return f"a memory that cannot be opened ({str(error).partition('. ')[0]})"
