"""BEAM (Tavakoli et al. 2025): a user and an assistant over 100 thousand to ten million tokens; evidence is messages.

A conversation is a folder with ``chat.json`` (batches of turns; in the largest ones, plans of batches) and
``probing_questions.json`` (ability -> questions), the latter also in a folder of its name. Each batch is a session.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agent.bench.data import Corpus, DataError, DataSet, Question
from agent.bench.formats.files import a_list, a_text, an_object, read_json
from memory_store.interchange.entries import kind
from memory_store.records import NewTurn

CHAT, PROBES = "chat.json", "probing_questions.json"
MONTHS = "january february march april may june july august september october november december".split()
_ANCHOR = re.compile(r"([A-Za-z]+)-(\d\d?)-(\d{4})")
_MARK = re.compile(r"\s*->->[\s\d,.A-Za-z]*$")
"""The generator's own numbering at the end of a user's words."""


def load_beam(path: Path) -> DataSet:
    """A conversation's folder or its chat.json, or a folder of many. Raises DataError."""
    chats = [path] if path.name == CHAT else sorted(path.rglob(CHAT), key=_in_order)
    if not chats:
        raise DataError(str(path), None, f"no {CHAT} there: this is not BEAM")
    loaded = [_conversation(chat, path) for chat in chats]
    dropped = sum(without for _, without in loaded)
    corpora = tuple(corpus for corpus, _ in loaded)
    return DataSet("BEAM", "turn", corpora, {"question without evidence that can be told apart": dropped})


def is_beam(path: Path) -> bool:
    """Whether there is a BEAM conversation at or under ``path``."""
    return path.name == CHAT or (path.is_dir() and next(path.rglob(CHAT), None) is not None)


def _in_order(chat: Path) -> list[tuple[int, str]]:
    """Folders are numbered: 2 comes before 10."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in chat.parts]


def _conversation(chat: Path, root: Path) -> tuple[Corpus, int]:
    probes = [chat.with_name(PROBES), chat.parent / Path(PROBES).stem / PROBES]
    asked = next((file for file in probes if file.exists()), None)
    if asked is None:
        raise DataError(str(chat.parent), None, f"no {PROBES} in it, nor in {Path(PROBES).stem}/")
    name = chat.parent.name if chat.parent == root else str(chat.parent.relative_to(root.parent))
    turns = tuple(_turns(read_json(chat), chat))
    if not turns:
        raise DataError(str(chat), None, 'no message with "role" and "content" in it')
    keys = tuple(turn.source_id or "" for turn in turns)
    told_apart = frozenset(key for key, times in Counter(keys).items() if times == 1)
    questions = list(_questions(an_object(read_json(asked), asked, PROBES), asked))
    good = tuple(question for question in questions if question.evidence and question.evidence <= told_apart)
    return Corpus(name, turns, keys, good), len(questions) - len(good)


def _turns(document: Any, path: Path) -> Iterator[NewTurn]:
    anchor: datetime | None = None
    for number, batch in enumerate(_batches(document), start=1):
        said = [message for message in _messages(batch) if str(message["content"]).strip()]
        anchor = next((day for row in (batch, *said) if (day := _day(row.get("time_anchor")))), anchor)
        for place, message in enumerate(said):
            what = f"batch {number}, message {place + 1}"
            words = _MARK.sub("", a_text(message, "content", path, what))
            when = None if anchor is None else anchor + timedelta(minutes=number, seconds=place)
            if words:
                yield NewTurn(words, a_text(message, "role", path, what), f"batch {number}", when, str(message["id"]))


def _batches(value: Any) -> Iterator[dict[str, Any]]:
    """Objects with ``turns``, however deep: the longest conversations are plans of batches."""
    if isinstance(value, dict) and "turns" in value:
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _batches(inner)


def _messages(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict) and {"role", "content", "id"} <= value.keys():
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _messages(inner)


def _day(anchor: object) -> datetime | None:
    """``March-15-2024``. Month names are English whatever the locale."""
    found = _ANCHOR.fullmatch(anchor.strip()) if isinstance(anchor, str) else None
    if found is None or found[1].lower() not in MONTHS:
        return None
    try:
        return datetime(int(found[3]), MONTHS.index(found[1].lower()) + 1, int(found[2]), tzinfo=UTC)
    except ValueError:
        return None


def _questions(probes: dict[str, Any], path: Path) -> Iterator[Question]:
    for ability, values in probes.items():
        for number, value in enumerate(a_list(values, path, f'"{ability}"'), start=1):
            what = f"{ability} {number}"
            row = an_object(value, path, what)
            evidence = frozenset(_ids(row.get("source_chat_ids"), path, what))
            yield Question(a_text(row, "question", path, what), evidence, ability)


def _ids(value: Any, path: Path, what: str) -> Iterator[str]:
    """A number, a list of them, or an object of such lists: ``first_statement``, ``updated_info``, ..."""
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _ids(inner, path, what)
    elif isinstance(value, (int, str)) and not isinstance(value, bool):
        yield str(value)
    elif value is not None:
        raise DataError(str(path), None, f'{what}: "source_chat_ids" must hold message ids, not {kind(value)}')
