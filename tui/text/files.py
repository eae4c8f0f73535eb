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
    if file.is_dir():
        raise MnemeError(f"{file} is a folder. Name a file in it.")
    if file.exists() and not file.is_file():  # a pipe or a device: nothing is kept there, nothing is put in its place
        with _told(file), file.open("w", encoding="utf-8", newline="\n") as stream:
            yield stream
        return
    if file.exists() and not force:
        raise MnemeError(f"{file} exists. Name another file{or_else}.")
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with _told(file):
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
                yield stream
                stream.flush()
                os.fsync(descriptor)
            part.replace(file)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MnemeError(f"{file} cannot be written: {error.strerror}. Nothing was exported.") from error
