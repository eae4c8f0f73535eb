"""A WhatsApp chat, exported as text from Android or an iPhone, alone or in its zip file.

A message begins with a date and a time as the phone writes them, then a name and a colon; what follows on further lines
belongs to it. Whether day or month comes first is told by the file itself: by numbers above twelve, else by the order
in which the dates rise. Times have no zone and are read as UTC.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import PurePath
from typing import BinaryIO

from memory_store.errors import ImportFailed
from memory_store.interchange.entries import Entry, FieldError, Heading, Remark, Skipped, digest, storable
from memory_store.interchange.exports.reading import Tolerance, titled
from memory_store.interchange.source import Source
from memory_store.records import NewTurn

_CHAT = re.compile(r"_chat\.txt|.*WhatsApp.*\.txt", re.IGNORECASE)
_BEGINS = re.compile(
    r"\[?(?P<date>\d{1,4}[./-]\d{1,2}[./-]\d{1,4})\.?,?\s(?:klo |kl\. |um |às )?"
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?(?:\s?(?P<half>[ap])\.?\s?m\.?)?"
    r"(?:\]|\s[-–])\s(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_SAID = re.compile(r"(?P<name>[^:\n]{1,100}?): (?P<words>.*)", re.DOTALL)
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACES = re.compile("[\u00a0\u202f]")
_ATTACHED = re.compile(r"<attached: (?P<one>[^>\n]+)>|(?P<other>\S[^\n]*\.\w{2,5}) \(file attached\)", re.IGNORECASE)
_OMITTED = re.compile(r"<media omitted>|(?:image|video|audio|sticker|gif|document|contact card) omitted", re.IGNORECASE)
MAX_LINE = 8 << 20
MOST_BYTES = 64 << 20
"""WhatsApp itself exports 40,000 messages at most, which are a few megabytes."""


@dataclass(slots=True)
class _Message:
    date: tuple[int, int, int]
    hour: int
    minute: int
    second: int
    rest: str
    lines: list[str] = field(default_factory=list)


def read_whatsapp(source: Source) -> Iterator[Entry]:
    """Every chat in the file. Raises ImportFailed."""
    told = Tolerance()
    for name, stream in source.streams(_CHAT):
        yield from _chat(name, [*_messages(name, stream)], told)
    yield from told.closing()


def is_whatsapp(first_line: str) -> bool:
    """Whether a chat would begin like this."""
    return _BEGINS.match(_plain(first_line)) is not None


def _messages(name: str, stream: BinaryIO) -> Iterator[_Message]:
    current: _Message | None = None
    size = 0
    for number, line in enumerate(iter(lambda: stream.readline(MAX_LINE), b""), start=1):
        size += len(line)
        if size > MOST_BYTES:  # which of both is the month, all of it tells
            raise ImportFailed(name, None, f"a chat of more than {MOST_BYTES >> 20} MB: export it without media")
        try:
            text = _plain(line.decode("utf-8").rstrip("\r\n"))
        except UnicodeDecodeError as error:
            raise ImportFailed(name, number, "not UTF-8 text: save the file as UTF-8") from error
        begins = _BEGINS.match(text)
        if begins:
            if current is not None:
                yield current
            current = _begun(begins)
        elif current is not None:
            current.lines.append(text)
        elif text.strip():
            raise ImportFailed(name, number, "this does not begin like a WhatsApp chat (a date, a time, a name)")
    if current is not None:
        yield current


def _plain(text: str) -> str:
    return _SPACES.sub(" ", _MARKS.sub("", text))


def _begun(begins: re.Match[str]) -> _Message:
    one, two, three = (int(part) for part in re.split(r"[./-]", begins["date"]))
    hour, half = int(begins["hour"]), (begins["half"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return _Message((one, two, three), hour, int(begins["minute"]), int(begins["second"] or 0), begins["rest"])


def _chat(name: str, messages: list[_Message], told: Tolerance) -> Iterator[Entry]:
    title = _title(name)
    conversation = f"whatsapp-{digest(title)}"
    order, sure = _order([message.date for message in messages])
    if not sure:
        yield Remark(f"{title}: dates are read as {'month/day' if order[0] == 1 else 'day/month'}; both were possible.")
    yield Heading(conversation, title)
    again: Counter[str] = Counter()
    for position, message in enumerate(messages, start=1):
        try:
            yield _turn(message, order, conversation, again, told)
        except FieldError as problem:
            yield from told.skipped("message", f"Message {position} of {name}", problem)


def _title(name: str) -> str:
    """A chat in a zip file is always called _chat.txt; then the zip file has the name of whom it was with."""
    path = PurePath(name)
    stem = path.stem if path.stem.lower() != "_chat" or not path.parent.stem else path.parent.stem
    return titled(re.sub(r"^WhatsApp Chat (?:with|-) ", "", stem)) or "WhatsApp"


def _order(dates: list[tuple[int, int, int]]) -> tuple[tuple[int, int, int], bool]:
    """Places of year, month and day in these dates, and whether that is sure."""
    if any(first > 31 for first, _, _ in dates):
        return (0, 1, 2), True
    day_first, month_first = (2, 1, 0), (2, 0, 1)
    firsts, seconds = (max((date[place] for date in dates), default=1) for place in (0, 1))
    if firsts > 12 or seconds > 12:
        return (day_first if firsts > 12 else month_first), True
    falls = {order: _falls(dates, order) for order in (day_first, month_first)}
    better = min(falls, key=lambda order: falls[order])
    return better, falls[day_first] != falls[month_first]


def _falls(dates: list[tuple[int, int, int]], order: tuple[int, int, int]) -> int:
    """How often a date lies before the one that stands before it."""
    rising = [tuple(date[place] for place in order) for date in dates]
    return sum(later < earlier for earlier, later in pairwise(rising))


def _turn(
    message: _Message, order: tuple[int, int, int], conversation: str, again: Counter[str], told: Tolerance
) -> NewTurn | Skipped:
    said = _SAID.fullmatch("\n".join([message.rest, *message.lines]))
    if said is None:
        return Skipped("message of a tool or the system")
    year, month, day = (message.date[place] for place in order)
    try:
        said_at = datetime(
            year + 2000 if year < 100 else year, month, day, message.hour, message.minute, message.second, tzinfo=UTC
        )
    except ValueError as error:
        raise FieldError(f"{'.'.join(map(str, message.date))} is not a date") from error
    words = _OMITTED.sub("", _ATTACHED.sub(lambda found: told.named([found["one"] or found["other"]]), said["words"]))
    if not words.strip():
        return Skipped("message without text")
    key = digest(said_at.isoformat(), said["name"], words)
    again[key] += 1  # the same said twice in a minute is two messages
    return NewTurn(storable(words.strip(), "text"), said["name"].strip(), conversation, said_at, f"{key}-{again[key]}")
