"""What guards against a damaged index: a mark while it is open, and a place where damaged ones are kept aside."""

from __future__ import annotations

import json
import logging
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from memory_store.database.location import make_private

log = logging.getLogger(__name__)

MARK = "index.open"
ASIDE = "damaged-index"
WHY = "why.txt"
TOO_OFTEN = 3
"""Every so many unclean ends in a row an index is given up although it reads well: it may be what ends the process."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A damaged index that is kept, the last one only."""

    folder: Path
    why: str
    size: int
    """Bytes."""


class Mark:
    """The file ``index.open`` beside the words: there while Chroma has the index open, and after an unclean end."""

    def __init__(self, root: Path) -> None:
        self._file = root.parent / MARK
        self._ends = 0

    def left(self) -> int:
        """How many times in a row the index was not closed in order; 0: it was. The index lock must be held."""
        try:
            self._ends = int(json.loads(self._file.read_text())["ends"]) + 1
        except FileNotFoundError:
            self._ends = 0
        except (OSError, ValueError, KeyError, TypeError):  # cut short by the same unclean end
            self._ends = 1
        return self._ends

    def there(self) -> bool:
        """Whether some process has the index open, or ended without closing it."""
        return self._file.exists()

    def set(self) -> None:
        """The index is open from now on. Raises OSError."""
        part = self._file.with_name(f".{MARK}.part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            json.dump({"ends": self._ends, "process": os.getpid()}, stream)
        part.replace(self._file)

    def clear(self) -> None:
        """It was closed in order."""
        self._ends = 0
        try:
            self._file.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s stays, and the index is tried out at the next start: %s", self._file, error)


def set_aside(folder: Path, profile: Path, why: str) -> None:
    """Keep a damaged index for whoever wants to look at it, in the place of the one before. A purge deletes it."""
    place = profile / ASIDE
    shutil.rmtree(place, ignore_errors=True)
    if not folder.is_dir():
        return
    try:
        make_private(place)
        (place / WHY).write_text(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {why}\n")
        folder.replace(place / folder.name)
    except OSError as error:
        log.warning("a damaged index could not be kept aside: %s", error)
        shutil.rmtree(folder, ignore_errors=True)


def kept_aside(profile: Path) -> Aside | None:
    """The damaged index that is kept, if one is."""
    place = profile / ASIDE
    if not place.is_dir():
        return None
    try:
        why = (place / WHY).read_text().strip()
    except OSError:
        why = ""
    return Aside(place, why, sum(file.stat().st_size for file in place.rglob("*") if file.is_file()))


def throw_away(profile: Path) -> None:
    """Delete the damaged index that is kept."""
    shutil.rmtree(profile / ASIDE, ignore_errors=True)
