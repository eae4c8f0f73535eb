"""migrate: a profile's memory into another database, and back. docs/servers.md."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.opening import open_settings
from tui.commands.options import Home, Json, Profile, Yes
from tui.commands.progress import progress
from tui.process import exit_codes
from tui.process.lazy import RUNNING
from tui.text import show

if TYPE_CHECKING:
    from agent.settings import Settings
    from memory_store.interchange.moving import Moved


def migrate(
    to: Annotated[
        str, typer.Option("--to", metavar="URL|DIR", help="A PostgreSQL URL or a folder that holds no memory yet.")
    ],
    yes: Yes = False,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Copy the whole memory to a database server, or back to a folder.

    Words, history, audit and vectors are copied in one transaction and compared row by row before it counts; where it
    is broken off, nothing was kept of it, and it can be done again. The memory stays where it was, too: afterwards set
    store.url (or take it away), and erase the old one when you are sure.

    \b
    mneme memory migrate --to postgresql+psycopg://anna@db.example/mneme
    mneme memory migrate --to ~/memory-back
    """
    from memory_store.database.server_urls import shown
    from memory_store.interchange.moving import move
    from tui.commands.asking import confirmed

    settings = open_settings(home, profile)
    source, passphrase = _source(settings)
    target = _target(settings, to)
    if passphrase is not None and not confirmed(
        f"This memory is encrypted, and in {shown(str(target))} it will not be. Copy it?", yes=yes
    ):
        raise typer.Exit(exit_codes.FAILED)
    with progress("copying and comparing") as bar:
        moved = move(
            source, target, passphrase=passphrase, actor=RUNNING.get(), beside=settings.paths.profile_dir, progress=bar
        )
    _say(settings, moved, target, as_json=as_json)


def _source(settings: Settings) -> tuple[str | Path, str | None]:
    from agent.opening import on_the_server, secure
    from tui.commands.passphrases import unlocked

    settings.paths.create()
    secure(settings, show.say)
    if settings.store.url is not None:
        return on_the_server(settings), None
    return settings.paths.profile_dir, unlocked(settings)


def _target(settings: Settings, to: str) -> str | Path:
    from memory_store.database.server_urls import is_server

    if is_server(to):
        from memory_store.postgresql.place import for_profile

        return for_profile(to, settings.profile)
    if "://" in to:
        raise typer.BadParameter("give a folder, or postgresql+psycopg://USER@HOST/DATABASE", param_hint="--to")
    return Path(to)


def _say(settings: Settings, moved: Moved, target: str | Path, *, as_json: bool) -> None:
    if as_json:
        from dataclasses import asdict

        show.document(asdict(moved))
        return
    for table in moved.tables:
        show.say(f"  {table.table:<14} {table.rows:>9,} rows  {table.sha256[:16]}")
    show.line(f"{show.count(moved.memories, 'memory', 'memories')} copied to {moved.target}, every row compared.")
    if isinstance(target, Path):
        own = target.expanduser().absolute() == settings.paths.profile_dir.absolute()
        show.say(
            f"To use it, take store.url out of {settings.paths.config_file}"
            + ("." if own else f" and put {target}/memory.db into {settings.paths.profile_dir}.")
        )
    else:
        show.say(
            f"To use it, set store.url in {settings.paths.config_file} or MNEME_STORE__URL. The old one stays as it is."
        )
