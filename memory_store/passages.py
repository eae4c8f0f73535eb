"""Fits recollections into a budget of tokens: what is worth most first, a memory that says the same only once."""

from __future__ import annotations

from dataclasses import replace

from memory_store.records import Recollection, Recollections
from memory_store.words import cjk_share

OVERHEAD = 12
"""Tokens that a memory's date, speaker and quotes take."""


def estimated_tokens(text: str) -> int:
    """Tokens of ``text`` without a tokenizer: a letter and a half of an unspaced script, or four of any other."""
    share = cjk_share(text)
    return OVERHEAD + int(len(text) * (share / 1.5 + (1 - share) / 4)) + 1


def pack(found: Recollections, budget: int) -> Recollections:
    """The best of ``found`` that fit into ``budget`` tokens. Equal wordings are folded into the newest of them."""
    kept: list[Recollection] = []
    spent = 0
    for item in _folded(found):
        cost = estimated_tokens(item.memory.text)
        if spent + cost <= budget:
            kept.append(item)
            spent += cost
    return Recollections(kept, confidence=found.confidence, remarks=found.remarks)


def _folded(found: Recollections) -> list[Recollection]:
    groups: dict[tuple[str, str], list[Recollection]] = {}
    for item in found:
        groups.setdefault((item.memory.speaker, " ".join(item.memory.text.casefold().split())), []).append(item)
    folded = []
    for same in groups.values():
        newest = max(same, key=lambda item: item.memory.said_at)
        others = tuple(item.memory.id for item in same if item is not newest)
        folded.append(replace(newest, score=same[0].score, reasons=same[0].reasons, folded=others))
    return folded
