"""encrypt, decrypt, change-passphrase: the whole memory of a profile under a passphrase, or not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.opening import open_settings
from tui.commands.options import Home, Json, Profile, Yes
from tui.commands.progress import progress
from tui.process import exit_codes
from tui.text import show

if TYPE_CHECKING:
    from agent.settings import Settings
    from memory_store.encryption.converting import Converted, Reached

    Backups = tuple[list[Path], list[Path]]
    """Those that were encrypted as well, and those that could not be."""

NEW = "MNEME_NEW_PASSPHRASE"

InKeyring = Annotated[
    bool, typer.Option("--keyring", help="Keep the passphrase in the system's keyring, and take it from there.")
]
STEPS = {
    "copying": "writing a copy beside it",
    "comparing": "comparing every row",
    "replacing": "putting it in its place",
    "overwriting": "overwriting the old file",
    "searching": "searching every file of the profile",
}


def encrypt(keyring: InKeyring = False, as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """Put the whole memory of a profile under a passphrase.

    Words, vectors, full-text and history are encrypted (SQLCipher, AES-256); the index of meaning then lives in memory
    only. The passphrase is asked for, or taken from MNEME_PASSPHRASE. Nobody can reset it. A profile in which nothing
    was said yet is begun encrypted. docs/security.md says what this protects.

    \b
    mneme memory encrypt
    mneme --profile diary memory encrypt --keyring
    """
    from memory_store.encryption import remains
    from memory_store.encryption.converting import encrypt as convert
    from tui.resuming.draft import Draft

    settings = _settings(home, profile)
    _need(settings, "plain")
    _keyring_there(keyring)
    passphrase = _new(settings)
    folder = settings.paths.profile_dir
    done = convert(folder, passphrase, reached=_telling(as_json))
    remains.overwrite(Draft(settings.paths.state_dir, settings.profile).file)
    _noted(folder, passphrase, "encrypt")
    kept = _into_keyring(settings, passphrase, keyring)
    _report(done, as_json, "Encrypted", _backups(folder, passphrase, ()), sound=kept)


def decrypt(yes: Yes = False, as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """Take the encryption of a profile's memory away.

    \b
    mneme memory decrypt
    """
    from memory_store.encryption.converting import decrypt as convert
    from tui.commands.asking import confirmed

    settings = _settings(home, profile)
    _need(settings, "encrypted")
    if not confirmed("Write this memory to the disk in the plain?", yes=yes):
        return
    done = convert(settings.paths.profile_dir, _present(settings), reached=_telling(as_json))
    _noted(settings.paths.profile_dir, None, "decrypt")
    gone = _into_keyring(settings, None, False)
    _report(done, as_json, "Decrypted", ([], []), sound=gone)


def change_passphrase(
    keyring: InKeyring = False, as_json: Json = False, home: Home = None, profile: Profile = None
) -> None:
    """Encrypt a profile's memory anew, under another passphrase.

    The new one is asked for, or taken from MNEME_NEW_PASSPHRASE. The profile's own backups come along.

    \b
    mneme memory change-passphrase
    """
    from memory_store.encryption.converting import change_passphrase as convert
    from tui.commands.passphrases import new_passphrase

    settings = _settings(home, profile)
    _need(settings, "encrypted")
    _keyring_there(keyring or settings.privacy.passphrase_keyring)
    old = _present(settings)
    new = new_passphrase(f"profile {settings.profile}", NEW)
    folder = settings.paths.profile_dir
    done = convert(folder, old, new, reached=_telling(as_json))
    _noted(folder, new, "change_passphrase")
    kept = _into_keyring(settings, new, keyring or settings.privacy.passphrase_keyring)
    _report(done, as_json, "Encrypted anew", _backups(folder, new, (old,)), sound=kept)


def _noted(folder: Path, passphrase: str | None, act: str) -> None:
    """Leave a line in the audit."""
    from memory_store import MemoryStore
    from tui.process.lazy import RUNNING

    with MemoryStore.open(folder, passphrase=passphrase, indexing="off", actor=RUNNING.get()) as store:
        store.note_act(act)


def _settings(home: Path | None, profile: str | None) -> Settings:
    from agent.opening import in_a_folder, secure

    settings = open_settings(home, profile)
    in_a_folder(settings, "Encryption")
    settings.paths.create()
    secure(settings, show.say)
    return settings


def _need(settings: Settings, kind: str) -> None:
    """Refuse before anybody types a passphrase in vain. Raises InvalidInput."""
    from memory_store.database.location import DATABASE
    from memory_store.encryption.cipher import kind_of
    from memory_store.errors import InvalidInput

    encrypted = kind_of(settings.paths.profile_dir / DATABASE) == "encrypted"
    if kind == "plain" and encrypted:
        raise InvalidInput(
            f"The memory of profile {settings.profile} is encrypted already. `mneme memory change-passphrase` gives it "
            "another passphrase."
        )
    if kind == "encrypted" and not encrypted:
        raise InvalidInput(f"The memory of profile {settings.profile} is not encrypted.")


def _new(settings: Settings) -> str:
    from tui.commands.passphrases import new_passphrase

    return new_passphrase(f"profile {settings.profile}")


def _present(settings: Settings) -> str:
    from memory_store.errors import StoreLocked
    from tui.commands.passphrases import unlocked

    found = unlocked(settings)
    if found is None:
        raise StoreLocked("Its passphrase is needed: run this at a terminal, or set MNEME_PASSPHRASE.")
    return found


def _telling(quiet: bool) -> Reached | None:
    return None if quiet else _tell


def _tell(step: str) -> None:
    if step in STEPS:
        show.say(f"{STEPS[step]}…")


def _keyring_there(wanted: bool) -> None:
    """Before anything is encrypted. Raises SettingsError for a keyring that cannot be used."""
    from agent.unlocking import keyring_there

    if wanted:
        keyring_there()


def _into_keyring(settings: Settings, passphrase: str | None, wanted: bool) -> bool:
    """Keep the passphrase there, or take it out, and let the profile's own settings say so. False, and told, where
    that fails: the memory is converted already, and its backups come next."""
    from agent.errors import SettingsError
    from agent.settings_editing import set_values
    from agent.unlocking import into_keyring

    folder, config = settings.paths.profile_dir, settings.paths.profile_config
    try:
        if wanted:
            into_keyring(folder, passphrase)
            set_values(config, {"privacy.passphrase_keyring": True})
            show.say("Its passphrase is in the system's keyring.")
        elif passphrase is None and settings.privacy.passphrase_keyring:
            if config.exists():
                set_values(config, {"privacy.passphrase_keyring": None})
            into_keyring(folder, None)
    except SettingsError as error:
        show.say(f"THE KEYRING WAS NOT CHANGED: {error}")
        return False
    return True


def _backups(folder: Path, passphrase: str, opens: tuple[str, ...]) -> Backups:
    from memory_store.backups.rekeying import rekey

    with progress("encrypting backups") as move:
        return rekey(folder, passphrase, opens, progress=move)


def _report(done: Converted, as_json: bool, what: str, backups: Backups, *, sound: bool) -> None:
    also, left = backups
    if as_json:
        from dataclasses import asdict

        names = {"backups": [str(file) for file in also], "backups_left": [str(file) for file in left]}
        show.document(asdict(done) | names)
    else:
        show.say(f"{what}: {show.count(done.rows, 'row')}, each compared with the one it was copied from.")
        if done.encrypted and not done.traces:
            found = f"{show.count(done.files_searched, 'file')} ({show.size(done.bytes_searched)})"
            show.say(f"Searched {found} of the profile: no word and no vector lies there in the plain.")
        if also:
            show.say(f"{show.count(len(also), 'backup')} encrypted as well.")
    for file in left:
        show.say(f"LEFT AS IT IS: {file}, which is damaged or under another passphrase.")
    for name in done.traces:
        show.say(f"STILL IN THE PLAIN: {name}. Delete it, or move it to where it may be.")
    if done.traces or left or not sound:
        raise typer.Exit(exit_codes.FAILED)
