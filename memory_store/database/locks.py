"""The lock whose holder keeps the index of meaning: it dies with its process."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from memory_store.errors import StoreUnavailable


class IndexLock(Protocol):
    """Held by one process at a time."""

    @property
    def held(self) -> bool:
        """Whether this process has it."""

    def take(self) -> bool:
        """Take it if it is free; True where it is ours. Raises StoreUnavailable."""

    def release(self) -> None:
        """Let it go."""


class FileLock:
    """A file beside the words, ``index.lock``."""

    def __init__(self, folder: Path) -> None:
        from filelock import FileLock as Lock

        self._folder = folder
        self._lock = Lock(folder / "index.lock", mode=0o600, thread_local=False)

    @property
    def held(self) -> bool:
        return bool(self._lock.is_locked)

    def take(self) -> bool:
        from filelock import Timeout

        try:
            if not self._lock.is_locked:
                self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except OSError as error:
            raise StoreUnavailable(f"{self._folder} cannot be written: {error}.") from error
        return True

    def release(self) -> None:
        self._lock.release()
