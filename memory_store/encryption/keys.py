"""From a passphrase to a key. Neither is ever written down, printed, or kept longer than the store is open.

The derivation is SQLCipher's own (PBKDF2-HMAC-SHA512, 256,000 rounds, the file's salt), so any SQLCipher 4 program that
is given the passphrase can read the file. It is done here once for all connections; SQLCipher would do it for each.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from dataclasses import dataclass

from memory_store.errors import InvalidInput

ROUNDS = 256_000
KEY_BYTES = 32
SALT_BYTES = 16
SHORTEST = 8
"""Characters of a new passphrase. Whoever has the file can try as many as their machines allow."""

_FEWEST_DIFFERENT = 8


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """What opens a file. It prints as nothing that would help to."""

    raw: bytes
    salt: bytes

    def __repr__(self) -> str:
        return "Key(...)"

    def literal(self) -> str:
        """As SQLCipher takes it: not to be derived any more, with the salt that is to stand in the file."""
        return f"x'{self.raw.hex()}{self.salt.hex()}'"


def derive(passphrase: str, salt: bytes) -> Key:
    """The key of a file with this salt. Takes about a tenth of a second, which is the point of it."""
    return Key(hashlib.pbkdf2_hmac("sha512", _octets(passphrase), salt, ROUNDS, KEY_BYTES), salt)


def new_salt() -> bytes:
    """A random salt that :func:`is_salt` knows for one."""
    while not is_salt(salt := os.urandom(SALT_BYTES)):
        pass
    return salt


def is_salt(beginning: bytes) -> bool:
    """Whether a file that begins like this may be encrypted; text, zeros and a plain database begin otherwise."""
    return len(beginning) == SALT_BYTES and not beginning.isascii() and len(set(beginning)) >= _FEWEST_DIFFERENT


def accepted(passphrase: str) -> str:
    """A new passphrase that is worth having. Raises InvalidInput."""
    if len(passphrase) < SHORTEST or not passphrase.strip():
        raise InvalidInput(f"A passphrase needs at least {SHORTEST} characters; four or five words are better.")
    _octets(passphrase)
    return passphrase


def _octets(passphrase: str) -> bytes:
    """The same bytes on every keyboard: NFC, as most systems type it."""
    try:
        return unicodedata.normalize("NFC", passphrase).encode()
    except UnicodeEncodeError:
        raise InvalidInput("That passphrase is not valid Unicode (a lone surrogate).") from None
