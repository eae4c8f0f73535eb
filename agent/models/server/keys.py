"""API keys: from the environment or the system's keyring, never from a file, never in a message."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pydantic import SecretStr

from agent.errors import ModelError
from agent.models.server.address import Address

if TYPE_CHECKING:
    from agent.settings import ModelSettings

SERVICE = "mneme"
"""Under which the keyring keeps keys; the account is the server's host and port."""


def api_key(settings: ModelSettings, address: Address) -> SecretStr | None:
    """The key for ``address``; None when the settings name none. Raises ModelError when the named one is not there."""
    if settings.api_key is not None:
        return _checked(settings.api_key.get_secret_value(), "MNEME_MODEL__API_KEY")
    if settings.api_key_variable:
        value = os.environ.get(settings.api_key_variable, "")
        if not value.strip():
            raise ModelError(
                f"The environment variable {settings.api_key_variable}, which model.api_key_variable names, is not "
                "set. Set it to the server's key."
            )
        return _checked(value, f"The environment variable {settings.api_key_variable}")
    return _checked(_from_keyring(address), "The keyring") if settings.api_key_keyring else None


def _from_keyring(address: Address) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise ModelError(
            "model.api_key_keyring needs the package keyring: install mneme[keyring], or put the key into "
            "MNEME_MODEL__API_KEY."
        ) from None
    try:
        found = keyring.get_password(SERVICE, address.place)
    except (KeyringError, RuntimeError, OSError) as error:
        raise ModelError(
            f"The system's keyring cannot be read ({type(error).__name__}). Unlock it, or put the key into "
            "MNEME_MODEL__API_KEY."
        ) from None
    if not found:
        raise ModelError(f"The keyring holds no key for {address.place}: run `keyring set {SERVICE} {address.place}`.")
    return str(found)


def _checked(key: str, source: str) -> SecretStr:
    """A key that fits into a header. What is wrong with it is said without saying it."""
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ModelError(f"{source} holds no usable key: it must be printable ASCII in one piece.")
    return SecretStr(key)
