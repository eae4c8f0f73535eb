"""LoCoMo conversations (Maharana et al. 2024, https://github.com/snap-research/locomo), original schema.

A file is one sample or a list of samples. Each session of a sample becomes one conversation: ``conv-26/session_1``,
titled ``Caroline & Melanie, session 1 (conv-26)``. A turn keeps its ``dia_id`` as ``source_id``, its speaker as named,
and as text its words plus what a shared image showed (``blip_caption``); the annotators' search words (``query``) are
not part of the conversation and are left out.

A session has one date for all its turns, in no zone: it is read as UTC, and the n-th turn (from 0) is dated n seconds
later, so that the order within a session is also the order of time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from memory_store.interchange.entries import (
    Entry,
    FieldError,
    Heading,
    Row,
    Skipped,
    a_list,
    an_object,
    first_of,
    instant,
    name,
    storable,
    text,
)
from memory_store.interchange.source import Source, line_of
from memory_store.records import NewTurn

_SESSION = re.compile(r"session_(0|[1-9][0-9]*)")


def read_locomo(source: Source) -> Iterator[Entry]:
    """Every session of every sample. Raises ImportFailed naming the line."""
    words = source.text()
    document = source.decode(words)
    try:
        yield from _samples(document, source.stem)
    except FieldError as bad:
        raise source.failed(line_of(words, bad.path), str(bad)) from bad


def is_locomo(document: object) -> bool:
    """Whether ``document`` looks like a LoCoMo sample, or a list that begins with one."""
    first = document[0] if isinstance(document, list) and document else document
    return isinstance(first, dict) and (_is_sample(first.get("conversation")) or _is_sample(first))


def _is_sample(value: object) -> bool:
    return isinstance(value, dict) and any(_SESSION.fullmatch(key) for key in value)


def _samples(document: Any, stem: str) -> Iterator[Entry]:
    many = isinstance(document, list)
    seen: set[str] = set()
    for index, sample in enumerate(document if many else [document]):
        path = (index,) if many else ()
        try:
            row = an_object(sample, "a LoCoMo sample")
            sample_id = name(row, "sample_id") or (f"{stem}-{index + 1}" if many else stem)
            if sample_id in seen:
                raise FieldError(f'the "sample_id" {sample_id} is used twice', "sample_id")
            seen.add(sample_id)
            yield from _sample(row, sample_id)
        except FieldError as bad:
            raise FieldError(str(bad), *path, *bad.path) from bad


def _sample(row: Row, sample_id: str) -> Iterator[Entry]:
    nested = "conversation" in row
    path = ("conversation",) if nested else ()
    try:
        conversation = an_object(row["conversation"] if nested else row, '"conversation"')
        numbers = sorted(int(found[1]) for key in conversation if (found := _SESSION.fullmatch(key)))
        if not numbers:
            raise FieldError('no "session_1" in it: this is not a LoCoMo conversation')
        for number in numbers:
            yield from _session(conversation, number, sample_id)
    except FieldError as bad:
        raise FieldError(str(bad), *path, *bad.path) from bad


def _session(conversation: Row, number: int, sample_id: str) -> Iterator[Entry]:
    key = f"session_{number}"
    try:
        turns = a_list(conversation[key], f'"{key}"')
    except FieldError as bad:
        raise FieldError(str(bad), key) from bad
    if not turns:
        return
    began = instant(conversation, f"{key}_date_time")
    if began is None:
        raise FieldError(f'"{key}_date_time" is missing: the turns of session {number} have no date', key)
    heading = Heading(f"{sample_id}/{key}", _title(conversation, turns, number, sample_id), began)
    yield heading
    for position, turn in enumerate(turns):
        try:
            yield _turn(turn, heading.id, began + timedelta(seconds=position))
        except FieldError as bad:
            raise FieldError(str(bad), key, position, *bad.path) from bad


def _title(conversation: Row, turns: list[Any], number: int, sample_id: str) -> str:
    people = [name(conversation, "speaker_a"), name(conversation, "speaker_b")]
    if None in people:
        people = list(dict.fromkeys(turn["speaker"] for turn in turns if isinstance(turn, dict) and _named(turn)))
    return f"{' & '.join(filter(None, people)) or 'LoCoMo'}, session {number} ({sample_id})"


def _named(turn: dict[str, Any]) -> bool:
    return isinstance(turn.get("speaker"), str)


def _turn(value: object, conversation: str, said_at: datetime) -> NewTurn | Skipped:
    row = an_object(value, "a turn")
    speaker, dia_id = name(row, "speaker"), name(row, "dia_id")
    for key, found in (("speaker", speaker), ("dia_id", dia_id)):
        if found is None:
            raise FieldError(f'a turn without "{key}"')
    words = _words(row)
    if not words:
        return Skipped("turn without words")
    return NewTurn(words, speaker or "", conversation, said_at, dia_id)


def _words(row: Row) -> str:
    if first_of(row, "text", "blip_caption") is None:
        return text(row, "text")  # raises: neither words nor an image
    said = _optional(row, "text")
    caption = _optional(row, "blip_caption").strip()
    image = f"[caption: {caption}]" if caption else ""
    if not said.strip():
        return image
    return f"{said} {image}" if image else said


def _optional(row: Row, key: str) -> str:
    return "" if row.get(key) is None else storable(row[key], key)
