"""The text of a PDF file, page by page, by pypdf."""

from __future__ import annotations

import io
import logging
import struct
import zlib
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class PdfText:
    pages: tuple[str, ...]
    """Empty where a page holds no text: a scan, a picture, or what could not be read."""
    title: str
    """That of its properties, or empty."""
    unread: int
    """Pages that could not be read."""


def pdf_text(content: bytes) -> PdfText:
    """Raises NotReadable for a file that is broken, or encrypted with a password."""
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
            pages.append(unwrapped(reader.pages[number].extract_text()))
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
    title = " ".join(title.split())[:200] if isinstance(title, str) else ""
    return "" if title.casefold() == "untitled" else title
