"""What can go wrong, as one tree. Every message says what happened and what to do next.

MnemeError                 the base: shown to a person as one line, never as a traceback
└── StoreError             something about the memory store
    ├── InvalidInput       words, a date or a policy that cannot be accepted; nothing was changed
    │   └── SecretInWords      words that hold what looks like a secret, before anybody was asked about it
    ├── UnknownId          no memory or conversation has this id
    ├── AmbiguousId        a prefix that fits more than one id
    ├── CannotUndo         an act that cannot be taken back, or not before another; nothing was changed
    ├── StoreUnavailable   the folder or database cannot be opened, read or written (permissions, disk full)
    │   └── ConnectionLost     the database server went away; nothing of what was being done is there
    ├── StoreTooNew        written by a newer mneme than this one
    ├── StoreDamaged       the database file is not a readable SQLite database
    ├── BackupDamaged      a backup is cut short, changed, or no backup
    ├── StoreLocked        the store is encrypted, and no passphrase was given
    │   └── WrongPassphrase    one was given, and it does not open it
    ├── EmbedderError      the embedding model is missing, altered or unusable
    ├── RerankerError      the reranker of the settings is missing, of another kind, or unusable
    ├── HeadRefused        a learned head is damaged, of another version, or for another embedder
    ├── NotLearned         there is nothing to learn from, or learning went wrong; nothing was changed
    └── ImportFailed       a line of an import cannot be read; nothing of the file was imported
"""

from __future__ import annotations


class MnemeError(Exception):
    """Base of every error mneme raises on purpose. ``str(error)`` is one line fit for a terminal."""


class StoreError(MnemeError):
    """Something about the memory store."""


class InvalidInput(StoreError):
    """Words, a date or a policy that cannot be accepted. Nothing was changed."""


class SecretInWords(InvalidInput):
    """Words hold what looks like a key, a token or a card number, and nobody has said yet what is to become of it."""

    def __init__(self, kinds: str) -> None:
        self.kinds = kinds
        super().__init__(
            f"This holds what looks like a secret ({kinds}). Nothing was written. Say it without, or set"
            ' privacy.secrets to "redact" (such is left out) or "keep".'
        )


class UnknownId(StoreError):
    """No memory or conversation has this id."""


class AmbiguousId(StoreError):
    """A prefix that fits more than one id."""


class CannotUndo(StoreError):
    """An act that cannot be taken back, or not before another one. Nothing was changed."""


class StoreUnavailable(StoreError):
    """The folder or database cannot be opened, read or written."""


class ConnectionLost(StoreUnavailable):
    """The database server cannot be reached, or went away before what was being done was committed. It is not done."""


class StoreTooNew(StoreError):
    """The store was written by a newer mneme than this one."""


class StoreDamaged(StoreError):
    """The database file is not a readable SQLite database."""


class BackupDamaged(StoreError):
    """A backup is cut short, changed, or no backup. Nothing was changed."""


class StoreLocked(StoreError):
    """The store is encrypted, and no passphrase was given."""


class WrongPassphrase(StoreLocked):
    """This passphrase does not open the store. Nothing was changed."""


class HeadRefused(StoreError):
    """A learned head cannot be used. Its message is a reason, to go into a sentence."""


class NotLearned(StoreError):
    """There is nothing to learn from, or learning went wrong. Nothing was changed."""


class EmbedderError(StoreError):
    """The embedding model is missing, altered or unusable."""


class RerankerError(StoreError):
    """The reranker of the settings is missing, of another kind, or unusable."""


class ImportFailed(StoreError):
    """A line of an import cannot be read. Nothing of the file was imported."""

    def __init__(self, source: str, line: int | None, problem: str) -> None:
        self.source, self.line, self.problem = source, line, problem
        place = f"{source}, line {line}" if line is not None else source
        super().__init__(f"{place}: {problem}. Nothing was imported.")
