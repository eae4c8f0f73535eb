"""A text as passages: cut between paragraphs, else between sentences, else between words."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 900
"""Characters of a passage: about what an embedder of 256 tokens reads whole, and what a prompt has room for."""

_PARAGRAPHS = re.compile(r"\n\s*\n")
_SENTENCES = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n")
_HEADING = re.compile(r"#{1,6}\s")
_BROKEN_WORD = re.compile(r"(?<=\w)[-\u00ad]\n(?=[^\W\d_])")


def passages(text: str, longest: int = LONGEST) -> Iterator[str]:
    """``text`` in order, nothing but white space left out, no passage longer than ``longest`` characters.

    Short paragraphs stand together, a heading with what follows it; a passage that has grown ends before a heading.
    """
    held = ""
    for section in _sections(text.replace("\r\n", "\n")):
        joined = f"{held}\n\n{section}" if held else section
        grown = len(held) > longest // 3 and _HEADING.match(section)
        if len(joined) <= longest and not grown:
            held = joined
            continue
        if held:
            yield held
        *whole, held = _pieces(section, longest)
        yield from whole
    if held:
        yield held


def unwrapped(text: str) -> str:
    """The text of a page as paragraphs: lines joined, words that were divided at a line's end made whole."""
    whole = _BROKEN_WORD.sub("", text.replace("\r\n", "\n"))
    return "\n\n".join(" ".join(part.split()) for part in _PARAGRAPHS.split(whole) if part.strip())


def _sections(text: str) -> Iterator[str]:
    """Paragraphs, each behind the headings that stand right before it."""
    above: list[str] = []
    for paragraph in filter(None, map(str.strip, _PARAGRAPHS.split(text))):
        above.append(paragraph)
        if "\n" in paragraph or not _HEADING.match(paragraph):
            yield "\n\n".join(above)
            above = []
    if above:
        yield "\n\n".join(above)


def _pieces(paragraph: str, longest: int) -> list[str]:
    """A paragraph that may be too long, as parts that are not. At least one."""
    done, held = [], ""
    for sentence in _sentences(paragraph):
        for part in _words(sentence, longest):
            if held and len(held) + len(part) > longest:
                done.append(held.strip())
                held = ""
            held += part
    return [*filter(None, done), held.strip()]


def _sentences(paragraph: str) -> Iterator[str]:
    """The sentences, each with the white space behind it."""
    begin = 0
    for cut in _SENTENCES.finditer(paragraph):
        yield paragraph[begin : cut.end()]
        begin = cut.end()
    yield paragraph[begin:]


def _words(sentence: str, longest: int) -> Iterator[str]:
    """A sentence whole where it fits, else cut at spaces, else anywhere."""
    while len(sentence) > longest:
        at = sentence.rfind(" ", longest // 2, longest) + 1 or longest
        yield sentence[:at]
        sentence = sentence[at:]
    yield sentence
