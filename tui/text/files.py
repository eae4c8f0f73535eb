"""Files written for the user: complete or not at all, and readable by their owner alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from memory_store.errors import MnemeError


@contextmanager
def written(file: Path | None, *, force: bool, or_else: str = ", or replace it with --force") -> Iterator[IO[str]]:
    """``file``, or standard output when there is none. ``or_else``: what to do about a file that is there already.

    Raises MnemeError.
    """
    if file is None:
        yield sys.stdout
        return
    if file.exists() and not force:
        raise MnemeError(f"{file} exists. Name another file{or_else}.")
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            yield stream
            stream.flush()
            os.fsync(descriptor)
        part.replace(file)
    except OSError as error:
        raise MnemeError(f"{file} cannot be written: {error.strerror}. Nothing was exported.") from error
    finally:
        part.unlink(missing_ok=True)
