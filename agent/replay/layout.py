"""Plain text of a known width: escapes made visible, wrapping by what characters fill on a screen, two columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import zip_longest

WIDTH = 100
_HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ud800-\udfff]"
)
_WIDE = ("W", "F")
_UNSEEN = ("Mn", "Me", "Cf")


def visible(text: str) -> str:
    """``text`` with every character that a terminal would obey shown as an escape; newlines stay, tabs are spaces."""
    text = text.replace("\r\n", "\n").expandtabs(4)
    return _HARMFUL.sub(lambda match: _escaped(ord(match[0])), text)


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def one_line(text: str) -> str:
    """``text`` made visible, on one line."""
    return visible(" ".join(text.split()))


def cells(text: str) -> int:
    """Columns that ``text`` fills: two for a Chinese character, none for a combining mark."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.category(character) in _UNSEEN:
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1


def wrap(text: str, width: int, *, indent: str = "", hanging: str | None = None) -> list[str]:
    """Lines of at most ``width`` cells. ``hanging`` begins every line but the first; as ``indent`` when None.

    A Chinese character may end a line; a word longer than a line is cut.
    """
    hanging = indent if hanging is None else hanging
    lines: list[str] = []
    for paragraph in visible(text).split("\n"):
        lead = hanging if lines else indent
        room = max(2, width - cells(hanging))
        first = max(2, width - cells(lead))
        for number, line in enumerate(_broken(paragraph, first, room)):
            lines.append((hanging if number else lead) + line)
    return [line.rstrip() for line in lines]


def _broken(paragraph: str, first: int, room: int) -> Iterator[str]:
    line, limit, used = "", first, 0
    for piece in _pieces(paragraph, min(first, room)):
        if line and used + cells(piece.rstrip()) > limit:
            yield line.rstrip()
            line, limit, used = piece.lstrip(), room, cells(piece.lstrip())
        else:
            line, used = line + piece, used + cells(piece)
    yield line.rstrip()


def _pieces(paragraph: str, width: int) -> Iterator[str]:
    """What may not be broken: a word with the spaces after it, or one wide character."""
    for word in re.findall(r"\s+|\S+\s*", paragraph):
        piece, used = "", 0
        for character in word:
            size = _cells(character)
            if piece and (size == 2 or (used + size > width and not character.isspace())):
                yield piece
                piece, used = "", 0
            piece += character
            used += size
        yield piece


def beside(left: Iterable[str], right: Iterable[str], width: int = WIDTH) -> list[str]:
    """Two columns with a rule between them. Lines must not be wider than :func:`column`."""
    space = column(width)
    pairs = zip_longest(left, right, fillvalue="")
    return [f"{one}{' ' * (space - cells(one))} │ {other}".rstrip() for one, other in pairs]


def column(width: int = WIDTH) -> int:
    """Cells of one column of :func:`beside`."""
    return (width - 3) // 2
