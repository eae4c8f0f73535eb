"""Where the passphrase of an encrypted profile comes from, when nobody is asked: the environment, a file descriptor,
the system's keyring. Never the command line, where every other user of the machine could read it.

A passphrase is held in this process's memory until :func:`forget`, for commands that open the memory more than once.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from agent.errors import SettingsError

if TYPE_CHECKING:
    from agent.settings import Settings

VARIABLE = "MNEME_PASSPHRASE"
DESCRIPTOR = "MNEME_PASSPHRASE_FD"
SERVICE = "mneme"
LONGEST = 4096

Need = Literal["none", "passphrase", "new passphrase"]

_held: dict[Path, str] = {}


def need(settings: Settings) -> Need:
    """What the profile wants before it can be opened: a new one is encrypted where ``privacy.encrypt_new`` says so."""
    from memory_store.database.location import DATABASE
    from memory_store.encryption.cipher import kind_of

    if settings.store.url is not None:
        return "none"
    kind = kind_of(settings.paths.profile_dir / DATABASE)
    if kind == "encrypted":
        return "passphrase"
    return "new passphrase" if kind == "empty" and settings.privacy.encrypt_new else "none"


def passphrase(settings: Settings) -> str | None:
    """The profile's passphrase as far as it is known without asking. Raises SettingsError for a source that fails."""
    folder = settings.paths.profile_dir
    if folder not in _held:
        found = from_environment() or (_from_keyring(folder) if settings.privacy.passphrase_keyring else None)
        if found is None:
            return None
        _held[folder] = found
    return _held[folder]


def hold(settings: Settings, passphrase: str) -> None:
    """Keep what a person typed, for the next time this process opens the profile."""
    _held[settings.paths.profile_dir] = passphrase


def forget() -> None:
    """Let go of every passphrase. The interpreter may keep copies in its memory for a while; docs/security.md."""
    _held.clear()


def from_environment(variable: str = VARIABLE) -> str | None:
    """What ``MNEME_PASSPHRASE`` or the descriptor ``MNEME_PASSPHRASE_FD`` holds; read once, and then taken out of the
    environment, so that no child process inherits it."""
    given = os.environ.pop(variable, None)
    if given:
        return given
    number = os.environ.pop(f"{variable}_FD", None)
    if number is None:
        return None
    try:
        with os.fdopen(int(number), "rb") as stream:
            return stream.read(LONGEST).decode("utf-8").removesuffix("\n").removesuffix("\r") or None
    except (ValueError, OSError):
        raise SettingsError(
            f"{variable}_FD names no descriptor from which a passphrase in UTF-8 can be read."
        ) from None


def keyring_there() -> None:
    """Ask the system's keyring something. Raises SettingsError where it cannot be used."""
    keyring, complaint = _keyring()
    try:
        keyring.get_password(SERVICE, "")
    except complaint as error:
        raise SettingsError(_unusable(error)) from None


def into_keyring(folder: Path, passphrase: str | None) -> None:
    """Put a profile's passphrase into the system's keyring; None takes it out. Raises SettingsError."""
    keyring, complaint = _keyring()
    try:
        if passphrase is not None:
            keyring.set_password(SERVICE, _account(folder), passphrase)
        elif keyring.get_password(SERVICE, _account(folder)) is not None:
            keyring.delete_password(SERVICE, _account(folder))
    except complaint as error:
        raise SettingsError(_unusable(error)) from None


def _from_keyring(folder: Path) -> str | None:
    keyring, complaint = _keyring()
    try:
        found = keyring.get_password(SERVICE, _account(folder))
    except complaint as error:
        raise SettingsError(
            f"The system's keyring cannot be read ({type(error).__name__}). Unlock it, or set {VARIABLE}."
        ) from None
    return None if found is None else str(found)


def _unusable(error: Exception) -> str:
    return f"The system's keyring cannot be used ({type(error).__name__}). Unlock it, or set {VARIABLE} instead."


def _keyring() -> tuple[Any, tuple[type[Exception], ...]]:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise SettingsError(
            f"privacy.passphrase_keyring needs the package keyring: install mneme[keyring], or set {VARIABLE}."
        ) from None
    return keyring, (KeyringError, RuntimeError, OSError)


def _account(folder: Path) -> str:
    return f"memory {folder}"
