"""What a file is, told by its bytes."""

from __future__ import annotations

import codecs
from pathlib import PurePath
from typing import Literal

Kind = Literal["text", "Markdown", "PDF", "image"]

LARGEST = 100_000_000
"""Bytes of a file that is read."""

MARKDOWN = {".md", ".markdown", ".mdown"}
_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"II*\x00", b"MM\x00*")
_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


NEITHER = "neither text, Markdown, PDF nor an image: save it as a PDF"


class NotReadable(ValueError):
    """Why a file cannot be a memory: the end of "FILE: …"."""


def kind_of(content: bytes, name: str) -> Kind:
    """Raises NotReadable for what is none of them."""
    if not content.strip():
        raise NotReadable("the file is empty")
    if is_pdf(content):
        return "PDF"
    if is_image(content):
        return "image"
    if not content.startswith(_BOMS) and b"\0" in content[: 1 << 16]:
        raise NotReadable(NEITHER)
    return "Markdown" if PurePath(name).suffix.lower() in MARKDOWN else "text"


def is_pdf(head: bytes) -> bool:
    return b"%PDF-" in head[:1024]


def is_image(head: bytes) -> bool:
    return head.startswith(_IMAGES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def decoded(content: bytes) -> str:
    """Text in UTF-8, or in UTF-16 with a byte-order mark. Raises NotReadable."""
    encoding = "utf-16" if content.startswith(_BOMS) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise NotReadable("not UTF-8 text: save the file as UTF-8") from None
    if "\0" in text:
        raise NotReadable(NEITHER)
    return text
