"""Exports that come as zip files: their members are read where they lie. Nothing is unpacked, and no name is a path."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, BinaryIO

from memory_store.errors import ImportFailed

MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
"""How a zip file begins; and one with nothing in it."""
MAX_BYTES = 16 << 30
"""No member is read beyond this many bytes."""
MAX_RATIO = 200
"""Conversations shrink to a tenth; what grows more than this is no export but a bomb."""
FREE = 64 << 20
"""Up to this many bytes nobody asks about the ratio."""


class NothingInside(ImportFailed):
    """The zip file has no member that is wanted."""


def is_zip(handle: BinaryIO) -> bool:
    """Whether it begins like a zip file. Leaves the handle at its start."""
    handle.seek(0)
    begins = handle.read(len(MAGIC[0]))
    handle.seek(0)
    return begins in MAGIC


def members(name: str, handle: BinaryIO, wanted: re.Pattern[str]) -> list[str]:
    """The members whose file name (without folders) is ``wanted``, sorted. Raises ImportFailed."""
    with _zip(name, handle) as archive:
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
    return sorted(member for member in names if wanted.fullmatch(member.rsplit("/", 1)[-1]))


@contextmanager
def member(name: str, handle: BinaryIO, inside: str) -> Iterator[BinaryIO]:
    """A member as a stream. Raises ImportFailed when it cannot be read, also while it is read."""
    with _zip(name, handle) as archive:
        info = archive.getinfo(inside)
        if info.flag_bits & 1:
            raise ImportFailed(name, None, f"{inside} is encrypted: unpack it first")
        with archive.open(info) as stream:
            yield io.BufferedReader(_Bounded(f"{name}/{inside}", stream, info.compress_size), 1 << 16)


@contextmanager
def _zip(name: str, handle: BinaryIO) -> Iterator[zipfile.ZipFile]:
    handle.seek(0)
    try:
        with zipfile.ZipFile(handle) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
        raise ImportFailed(name, None, f"the zip file is damaged ({error}): download it again") from error


class _Bounded(io.RawIOBase):
    """A stream that ends in an error before it fills the machine."""

    def __init__(self, name: str, stream: IO[bytes], packed: int) -> None:
        self._name = name
        self._stream = stream
        self._most = min(MAX_BYTES, max(FREE, packed * MAX_RATIO))
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._stream.read(len(buffer))
        self._read += len(found)
        if self._read > self._most:
            raise ImportFailed(self._name, None, "it unpacks to far more than a conversation would: refused")
        buffer[: len(found)] = found
        return len(found)
