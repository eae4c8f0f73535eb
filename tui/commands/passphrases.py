"""Asking for passphrases at the terminal, where neither the environment nor the keyring has them. Nothing is echoed."""

from __future__ import annotations

import getpass
import os
import sys
from typing import TYPE_CHECKING

from memory_store.errors import InvalidInput, StoreLocked, WrongPassphrase
from tui.text import show

if TYPE_CHECKING:
    from agent.settings import Settings
    from memory_store.backups.archive import Backup

BACKUPS = "MNEME_BACKUP_PASSPHRASE"


def unlocked(settings: Settings) -> str | None:
    """The passphrase the profile needs, asked for if nobody gave it; None where it needs none.

    Raises StoreLocked where there is nobody to ask, WrongPassphrase after three tries.
    """
    from agent import unlocking

    wanted = unlocking.need(settings)
    if wanted == "none":
        return None
    _no_core_dumps()
    found = unlocking.passphrase(settings)
    if found is None and at_a_terminal():
        found = _right(settings) if wanted == "passphrase" else new_passphrase(f"new profile {settings.profile}")
        unlocking.hold(settings, found)
    return found


def unlocked_again(settings: Settings) -> None:
    """After a lock: somebody has to type the passphrase, wherever it came from before. Raises WrongPassphrase."""
    import gc

    from agent import unlocking

    unlocking.forget()
    gc.collect()
    unlocking.hold(settings, _right(settings))


def _right(settings: Settings) -> str:
    from memory_store.database.location import DATABASE
    from memory_store.encryption.cipher import unlock

    for last in (False, False, True):
        given = ask(f"Passphrase of profile {settings.profile}: ")
        try:
            unlock(settings.paths.profile_dir / DATABASE, given)
        except WrongPassphrase:
            if last:
                raise
            show.say("That is not it.")
        else:
            return given
    raise AssertionError("the last try returns or raises")


def _no_core_dumps() -> None:
    """Should this process crash, its memory is not written to the disk."""
    try:
        import resource
    except ImportError:  # not on Windows, which writes none by itself
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def new_passphrase(what: str, variable: str | None = None) -> str:
    """A passphrase to be set, from the environment (``variable``) or typed twice the same.

    Raises InvalidInput (too short, or typed differently), StoreLocked where there is nobody to ask.
    """
    from agent.unlocking import VARIABLE, from_environment
    from memory_store.encryption.keys import accepted

    found = from_environment(variable or VARIABLE)
    if found is not None:
        return accepted(found)
    if not at_a_terminal():
        raise StoreLocked(f"A passphrase is needed: run this at a terminal, or set {variable or VARIABLE}.")
    show.say("There is no way back in without it: nobody can reset it. Four or five words are good.")
    first = accepted(ask(f"New passphrase for the {what}: "))
    if ask("Once more: ") != first:
        raise InvalidInput("The two are not the same. Nothing was changed.")
    return first


def of_backup(settings: Settings, backup: Backup) -> list[str]:
    """Passphrases that may open a backup: that of the profile, and one for the backup alone where they differ."""
    from agent import unlocking

    if not backup.manifest.encrypted:
        return []
    own = unlocking.passphrase(settings) if unlocking.need(settings) == "passphrase" else None
    given = unlocking.from_environment(BACKUPS)
    if given is None and own is None and at_a_terminal():
        given = ask("Passphrase of the backup: ")
    return [one for one in (given, own) if one is not None]


def at_a_terminal() -> bool:
    """Whether there is somebody to ask, even where standard input is a pipe."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return sys.stdin is not None and sys.stdin.isatty()
    return True


def ask(question: str) -> str:
    """One line that is not shown while it is typed."""
    try:
        return getpass.getpass(question)
    except EOFError:
        raise StoreLocked("No passphrase was given.") from None
