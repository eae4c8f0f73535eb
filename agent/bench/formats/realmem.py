"""RealMem: a user and an assistant over some 200 sessions; evidence is the earlier sessions a query needs.

A session has a day but no hour: the n-th of the file is dated n minutes into its day, which keeps their order. What is
recalled for a query is limited to what was said before its session began: the session itself is before one's eyes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agent.bench.data import Corpus, DataError, DataSet, Question
from agent.bench.formats.files import a_list, a_text, an_object, read_json
from memory_store.records import NewTurn

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def load_realmem(path: Path) -> DataSet:
    """One persona's file, or a folder of them. Raises DataError."""
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    loaded = [_persona(file) for file in files]
    dropped = sum(without for _, without in loaded)
    corpora = tuple(corpus for corpus, _ in loaded)
    return DataSet("RealMem", "session", corpora, {"question without an earlier session to find": dropped})


def is_realmem(value: object) -> bool:
    """Whether this document looks like a persona's file."""
    sessions = value.get("dialogues") if isinstance(value, dict) else None
    return isinstance(sessions, list) and bool(sessions) and "dialogue_turns" in sessions[0]


def _persona(path: Path) -> tuple[Corpus, int]:
    sessions = a_list(an_object(read_json(path), path, "a RealMem file").get("dialogues"), path, '"dialogues"')
    turns: list[NewTurn] = []
    keys: list[str] = []
    asked: list[Question] = []
    dropped = 0
    for number, value in enumerate(sessions):
        what = f"session {number + 1}"
        session = an_object(value, path, what)
        own, began = a_text(session, "session_uuid", path, what), _began(session, number, path, what)
        said = [an_object(turn, path, what) for turn in a_list(session.get("dialogue_turns"), path, what)]
        new = list(_turns(said, own, began, path, what))
        found = list(_queries(said, began, path, what))
        turns += new
        keys += [own] * len(new)
        asked += [question for question in found if question.evidence]
        dropped += sum(not question.evidence for question in found)
    return Corpus(path.stem.removesuffix("_dialogues_256k"), tuple(turns), tuple(keys), tuple(asked)), dropped


def _began(session: dict[str, Any], number: int, path: Path, what: str) -> datetime:
    words = a_text(session, "current_time", path, what)
    found = _DAY.match(words)
    try:
        day = datetime.fromisoformat(found[0] if found else words)
    except ValueError as error:
        raise DataError(str(path), None, f'{what}: "current_time" must begin with a day like 2025-12-19') from error
    return day.replace(tzinfo=UTC) + timedelta(minutes=number)


def _turns(said: list[dict[str, Any]], own: str, began: datetime, path: Path, what: str) -> Iterator[NewTurn]:
    for place, turn in enumerate(said):
        words = a_text(turn, "content", path, what)
        if words.strip():
            speaker = a_text(turn, "speaker", path, what).lower()
            yield NewTurn(words, speaker, own, began + timedelta(milliseconds=place), f"{own}-{place}")


def _queries(said: list[dict[str, Any]], began: datetime, path: Path, what: str) -> Iterator[Question]:
    """What the user asks; what it needs stands with the answer after it."""
    for turn, answer in zip(said, [*said[1:], {}], strict=True):
        if turn.get("is_query") and str(turn.get("speaker")).lower() == "user":
            needed = a_list(answer.get("memory_session_uuids") or [], path, f'"memory_session_uuids" in {what}')
            category = str(turn.get("category_name") or "")
            before = began - timedelta(milliseconds=1)
            yield Question(a_text(turn, "content", path, what), frozenset(map(str, needed)), category, before)
