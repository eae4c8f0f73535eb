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

    Short paragraphs stand together; a heading begins a passage and is never its last line.
    """
    held = ""
    for paragraph in filter(None, map(str.strip, _PARAGRAPHS.split(text.replace("\r\n", "\n")))):
        joined = f"{held}\n\n{paragraph}" if held else paragraph
        begins = bool(_HEADING.match(paragraph)) and not _only_headings(held)
        if len(joined) <= longest and not begins:
            held = joined
            continue
        if held and not (_only_headings(held) and len(joined) > longest):
            yield held
            joined = paragraph
        *whole, held = _pieces(joined, longest)
        yield from whole
    if held:
        yield held


def unwrapped(text: str) -> str:
    """The text of a page as paragraphs: lines joined, words that were divided at a line's end made whole."""
    whole = _BROKEN_WORD.sub("", text.replace("\r\n", "\n"))
    return "\n\n".join(" ".join(part.split()) for part in _PARAGRAPHS.split(whole) if part.strip())


def _only_headings(held: str) -> bool:
    return bool(held) and all(_HEADING.match(part) for part in held.split("\n\n"))


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
