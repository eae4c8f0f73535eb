"""Citations in a reply: ``[3]`` names the third memory of its prompt. Found, resolved, linked, and taken out again.

``[3]``, ``[1, 2]``, ``[1-3]`` and ``[3][5]`` are citations. What Markdown means otherwise is none: code (fenced, also
while its fence is still open, or inline), ``[3](link)``, ``[text][3]``, ``[3]: reference``, ``![3]`` and ``\\[3\\]``.
Pure functions of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from memory_store.records import Turn

_CODE = re.compile(
    r"^ {0,3}(?P<fence>`{3,}|~{3,}).*?(?:^ {0,3}(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|(?<!`)(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)",
    re.DOTALL | re.MULTILINE,
)
_NUMBER = r"[1-9][0-9]{0,2}"
_NUMBERS = rf"{_NUMBER}(?:[ ]*(?:[,;]|-|–|and|&)[ ]*{_NUMBER})*"
_GROUP = rf"\[[ ]*{_NUMBERS}[ ]*\]"
# A run of groups is looked at as a whole: `[1][2]` are two citations, `[text][2]` and `[2](link)` are none.
_RUN = re.compile(rf"(?<![\\!\]])(?!^{_GROUP}:)(?:{_GROUP}[ ]?)*{_GROUP}(?![(\[])", re.MULTILINE)
_ONE_GROUP = re.compile(_GROUP)
_SPAN = re.compile(r"([0-9]+)(?: *[-–] *([0-9]+))?")


@dataclass(frozen=True, slots=True)
class Citation:
    """A memory that a reply names."""

    number: int
    """By which it stood in the prompt."""
    memory: Turn


def cited(text: str, memories: Sequence[Turn]) -> tuple[Citation, ...]:
    """The memories that ``text`` cites, each once, in the order they are first named.

    ``memories``: those of the prompt in the order of their numbers, from 1. A number that names none is no citation.
    """
    return tuple(Citation(number, memories[number - 1]) for number in numbers(text, len(memories)))


def numbers(text: str, highest: int) -> tuple[int, ...]:
    """The numbers from 1 to ``highest`` that ``text`` cites, each once, in the order they are first named."""
    found = (number for start, end in _groups(text) for number in _in_group(text[start:end], highest))
    return tuple(dict.fromkeys(found))


def replaced(text: str, known: Iterable[int], link: Callable[[int, str], str]) -> str:
    """``text`` with every citation of a known number as ``link(number, shown)``; ``[1, 2]`` becomes one for each."""
    wanted = frozenset(known)
    highest = max(wanted, default=0)

    def each(group: str) -> str:
        inside = list(dict.fromkeys(_in_group(group, highest)))
        if not inside or not wanted.issuperset(inside):
            return group
        return "".join(link(number, f"[{number}]") for number in inside)

    return _rewritten(text, each)


def without_citations(text: str) -> str:
    """``text`` as it reads where its numbers mean nothing: in a later prompt, whose memories are numbered anew.

    Every group of numbers goes, with the space before it (or after it, at the beginning of a line).
    """
    kept: list[str] = []
    place = 0
    for start, end in _groups(text):
        before = text[place:start]
        opening = before.endswith("\n") or (not before and (not kept or kept[-1].endswith("\n")))
        kept.append(before if opening else before.rstrip(" \t"))
        place = end + (1 if opening and text[end : end + 1] == " " else 0)
    return "".join([*kept, text[place:]])


def _rewritten(text: str, each: Callable[[str], str]) -> str:
    parts: list[str] = []
    place = 0
    for start, end in _groups(text):
        parts += [text[place:start], each(text[start:end])]
        place = end
    return "".join([*parts, text[place:]])


def _groups(text: str) -> Iterator[tuple[int, int]]:
    """Where each group of numbers begins and ends, outside code and links."""
    if "[" not in text:
        return
    code = [match.span() for match in _CODE.finditer(text)] if "`" in text or "~~~" in text else []
    for run in _RUN.finditer(text):
        if not any(start < run.end() and run.start() < end for start, end in code):
            yield from (group.span() for group in _ONE_GROUP.finditer(text, run.start(), run.end()))


def _in_group(group: str, highest: int) -> Iterator[int]:
    for span in _SPAN.finditer(group):
        first, last = int(span[1]), int(span[2] or span[1])
        yield from range(max(1, first), min(last, highest) + 1)
