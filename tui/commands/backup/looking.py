"""backup list and verify: neither opens the memory, so that both work when it is damaged."""

from __future__ import annotations

from typing import Annotated

import typer

from tui.commands.opening import open_settings
from tui.commands.options import Home, Json, Profile
from tui.commands.progress import progress
from tui.process import exit_codes
from tui.text import show

Named = Annotated[
    str,
    typer.Argument(metavar="BACKUP", help='A number of the list, "latest", or a file.', show_default=False),
]


def list_backups(as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """List the backups of a profile, newest first.

    \b
    mneme backup list
    mneme backup list --json
    """
    from agent.opening import in_a_folder
    from memory_store.backups.shelf import listed, shelf_of

    folder = in_a_folder(open_settings(home, profile), "A backup")
    sound, damaged = listed(folder)
    if as_json:
        from memory_store.jsonable import backup_json

        show.document([backup_json(backup) for backup in sound])
    elif sound:
        rows = [
            (
                str(one.manifest.number),
                show.when(one.manifest.made_at),
                f"{one.manifest.memories:,}",
                show.size(one.size),
                one.manifest.reason,
            )
            for one in sound
        ]
        show.table(("NR", "MADE", "MEMORIES", "SIZE", "WHY"), rows)
        show.say(f"They are in {shelf_of(folder)}.")
    else:
        show.say("There is no backup yet: `mneme backup create` makes one.")
    for file in damaged:
        show.say(f"{file} is cut short or damaged, or no backup.")


def verify(named: Named, as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """Take a backup out beside the memory and look at all of it.

    The database in it is compared with the checksum and the counts that were written when it was made, and checked
    page by page. Exit code 1 when it cannot be relied on.

    \b
    mneme backup verify latest
    mneme backup verify /media/stick/0007-20261125T091810Z.zip
    """
    from agent.opening import in_a_folder
    from memory_store.backups import making, shelf
    from memory_store.errors import BackupDamaged
    from memory_store.jsonable import backup_json
    from tui.commands.passphrases import of_backup

    settings = open_settings(home, profile)
    folder = in_a_folder(settings, "A backup")
    problem = ""
    document: dict[str, object] = {"file": named}
    try:
        backup = shelf.found(folder, named)
        document = backup_json(backup)
        opens = of_backup(settings, backup)
        with progress("verifying") as move:
            making.verify(folder, backup, progress=move, passphrases=opens)
    except BackupDamaged as error:
        problem = str(error)
    if as_json:
        show.document(document | {"ok": not problem, "problem": problem or None})
    elif not problem:
        show.line("sound")
        show.say(f"{document['memories']} memories, schema {document['schema']}, made {document['made_at']}.")
    else:
        show.say(problem)
    if problem:
        raise typer.Exit(exit_codes.FAILED)
