"""LoCoMo (Maharana et al. 2024): two people over months; evidence is turns. Categories 1 to 4; 5 has no answer.

The conversations are read by the importer's own reader, so the store holds what `mneme memory import` would put there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.bench.data import Corpus, DataSet, Question, as_data_error
from agent.bench.formats.files import a_list, a_text, an_object
from memory_store.interchange.locomo import read_locomo
from memory_store.interchange.source import opened
from memory_store.records import NewTurn

CATEGORIES = {1: "1 multi-hop", 2: "2 temporal", 3: "3 open-domain", 4: "4 single-hop"}
"""By the numbers in the data; tables elsewhere permute the names."""

_EVIDENCE = re.compile(r"D:?0*(\d+):0*(\d+)")


def load_locomo(path: Path) -> DataSet:
    """One sample or a list of them; each conversation is a store of its own. Raises DataError."""
    with as_data_error(), opened(path) as source:
        turns = [entry for entry in read_locomo(source) if isinstance(entry, NewTurn)]
        document = source.decode(source.text())
    samples = document if isinstance(document, list) else [document]
    corpora: list[Corpus] = []
    dropped = 0
    for number, sample in enumerate(samples, start=1):
        row = an_object(sample, path, f"sample {number}")
        name = str(row.get("sample_id") or (f"{path.stem}-{number}" if isinstance(document, list) else path.stem))
        mine = tuple(turn for turn in turns if (turn.conversation or "").rpartition("/")[0] == name)
        keys = tuple(turn.source_id or "" for turn in mine)
        asked, without = _questions(row, frozenset(keys), path, name)
        corpora.append(Corpus(name, mine, keys, tuple(asked)))
        dropped += without
    return DataSet("LoCoMo", "turn", tuple(corpora), {"question without evidence": dropped})


def _questions(row: dict[str, Any], known: frozenset[str], path: Path, name: str) -> tuple[list[Question], int]:
    asked: list[Question] = []
    dropped = 0
    for number, value in enumerate(a_list(row.get("qa", []), path, f'"qa" of {name}'), start=1):
        what = f"question {number} of {name}"
        qa = an_object(value, path, what)
        category = qa.get("category")
        if category not in CATEGORIES:
            continue
        evidence = frozenset(_turn_ids(a_list(qa.get("evidence", []), path, f'"evidence" of {what}'))) & known
        if evidence:
            answers = () if qa.get("answer") is None else (str(qa["answer"]),)  # some are numbers
            text = a_text(qa, "question", path, what)
            asked.append(Question(text, evidence, CATEGORIES[category], answers=answers))
        else:
            dropped += 1
    return asked, dropped


def _turn_ids(evidence: list[Any]) -> Iterator[str]:
    """Ids as they should have been written: "D8:6; D9:17", "D30:05" and "D:11:26" all occur."""
    for value in evidence:
        for part in re.split(r"[;,\s]+", str(value)):
            found = _EVIDENCE.fullmatch(part)
            if found:
                yield f"D{found[1]}:{found[2]}"
