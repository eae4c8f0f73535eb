"""The text of a PDF file, page by page, by pypdf.

It is read by a process of its own: a file of 60 kB can keep pypdf busy for many minutes, and an app would stand still.

python -m memory_store.interchange.files.pdf <FILE      prints what was read as one JSON object
"""

from __future__ import annotations

import io
import json
import logging
import struct
import subprocess
import sys
import zlib
from dataclasses import asdict, dataclass

from memory_store.interchange.files.cutting import unwrapped
from memory_store.interchange.files.kinds import NotReadable

_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What pypdf lets through where a file is not what it says it is, beside its own errors."""

PATIENCE_S = 60.0
"""Seconds for any file, beside one for each :data:`BYTES_A_SECOND`."""
BYTES_A_SECOND = 20_000
MEMORY = 4_000_000_000
"""Bytes of address space that a file may take to be read."""


@dataclass(frozen=True, slots=True)
class PdfText:
    pages: tuple[str, ...]
    """Empty where a page holds no text: a scan, a picture, or what could not be read."""
    title: str
    """That of its properties, or empty."""
    unread: int
    """Pages that could not be read."""


def pdf_text(content: bytes) -> PdfText:
    """Raises NotReadable for a file that is broken, encrypted with a password, or takes too long."""
    command = [sys.executable, "-P", "-m", "memory_store.interchange.files.pdf"]
    patience = PATIENCE_S + len(content) / BYTES_A_SECOND
    try:
        ended = subprocess.run(command, input=content, capture_output=True, check=False, timeout=patience)
    except subprocess.TimeoutExpired:
        raise NotReadable("a PDF file that takes too long to read") from None
    except OSError as error:
        raise NotReadable(f"no process could be started to read it ({error.strerror})") from error
    if ended.returncode:
        raise NotReadable("a damaged PDF file")
    told = json.loads(ended.stdout)
    if "refused" in told:
        raise NotReadable(told["refused"])
    return PdfText(tuple(told["pages"]), told["title"], told["unread"])


def read(content: bytes) -> PdfText:
    """The same in this process, however long it takes. Raises NotReadable."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what is odd in other people's files is no news to anybody
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise NotReadable("a PDF file with a password: save a copy without one")
        count = len(reader.pages)
    except DependencyError:
        raise NotReadable("a PDF file that is encrypted in a way that cannot be read") from None
    except (PyPdfError, *_BROKEN) as error:
        if isinstance(error, NotReadable):
            raise
        raise NotReadable("a damaged PDF file") from error
    pages, unread = [], 0
    for number in range(count):
        try:
            # Fonts may name marks that are none: halves of pairs, which no store takes, and NUL.
            text = reader.pages[number].extract_text().encode("utf-8", "replace").decode().replace("\0", "")
            pages.append(unwrapped(text))
        except (PyPdfError, *_BROKEN):
            pages.append("")
            unread += 1
    if unread == count:
        raise NotReadable("a damaged PDF file")
    return PdfText(tuple(pages), _title(reader), unread)


def _title(reader: object) -> str:
    from pypdf.errors import PyPdfError

    try:
        title = reader.metadata.title  # type: ignore[attr-defined]  # pypdf is loaded where it is needed
    except (PyPdfError, *_BROKEN):
        return ""
    title = " ".join(title.encode("utf-8", "replace").decode().split())[:200] if isinstance(title, str) else ""
    return "" if title.casefold() == "untitled" else title


def main() -> None:
    try:
        import resource
    except ImportError:  # Windows has none
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        told: dict[str, object] = asdict(read(sys.stdin.buffer.read()))
    except NotReadable as error:
        told = {"refused": str(error)}
    except MemoryError:
        told = {"refused": "a PDF file that takes too much memory to read"}
    sys.stdout.buffer.write(json.dumps(told).encode())


if __name__ == "__main__":
    main()
