"""Each term of the score switched off in turn, by the weights the store can be opened with."""

from __future__ import annotations

from dataclasses import fields, replace

from memory_store.addressing import Weights

TOGETHER = {"neighbours": ("next_turn", "previous_turn"), "session": ("session", "session_words")}
"""Terms that more than one weight belongs to. Every other weight is a term of its own name."""


def switched_off() -> dict[str, Weights]:
    """Term -> all the present weights, with its own at 0. A weight added to the score later appears by itself."""
    known = [field.name for field in fields(Weights) if getattr(Weights(), field.name)]  # what is off stays off
    grouped = {name: [part for part in parts if part in known] for name, parts in TOGETHER.items()}
    taken = {part for parts in grouped.values() for part in parts}
    terms = {name: [name] for name in known if name not in taken} | {k: v for k, v in grouped.items() if v}
    return {name: replace(Weights(), **dict.fromkeys(parts, 0.0)) for name, parts in terms.items()}
