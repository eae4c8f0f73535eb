"""What decides what is kept, what is recalled, what supersedes and what gives way: named strategies, as they are now.

Each is something the code does; where a setting chooses among several, its key is named. Nothing is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from agent.settings import Settings

Kind = Literal["write", "query", "update", "free"]


@dataclass(frozen=True, slots=True)
class Policy:
    """One decision, and the strategy that takes it."""

    kind: Kind
    decides: str
    strategy: str
    does: str
    setting: str = ""
    """The key of the settings that chooses it; empty where there is no choice."""


def policies(settings: Settings) -> tuple[Policy, ...]:
    """All of them, in the order in which a memory meets them."""
    return (*_writing(settings), *_querying(settings), *_updating(), *_freeing(settings))


_SOURCES = "what comes again with its conversation, source id and words is kept once"
_MERGED = {
    "sources": f"{_SOURCES}; other repetitions are kept, and fold into one before the model",
    "notes": f"{_SOURCES}, and so is a note that says just what one says already",
}
_SECRETS = {
    "ask": "keys, tokens and card numbers are asked about before they are written; where nobody can be asked, kept",
    "redact": "keys, tokens and card numbers are left out of everything that is written, replies too",
    "keep": "keys, tokens and card numbers are not looked for",
}


def _writing(settings: Settings) -> tuple[Policy, ...]:
    secrets = settings.privacy.secrets
    return (
        Policy("write", "kept", "everything", "every turn, word for word, and the replies; of /incognito nothing"),
        Policy(
            "write",
            "merged",
            settings.writing.merge,
            _MERGED[settings.writing.merge],
            "writing.merge",
        ),
        Policy("write", "secrets", secrets, _SECRETS[secrets], "privacy.secrets"),
    )


def _querying(settings: Settings) -> tuple[Policy, ...]:
    from memory_store.learning.tuned import tuned_in

    recall = settings.recall
    looks = [f"late interaction, weight {recall.late_interaction:g}"] if recall.late_interaction else []
    looks += [f"cross-encoder, weight {recall.reranker_weight:g}"] if recall.reranker else []
    if recall.learned and not recall.reranker and tuned_in(settings.paths.profile_dir):
        looks.append("cross-encoder, tuned by `mneme learn --reranker`")
    learned = "what `mneme learn` adopted for this profile, else the fixed formula" if recall.learned else ""
    return (
        Policy(
            "query",
            "score",
            "learned" if recall.learned else "formula",
            learned or "the fixed formula of docs/recall.md, whatever was learned",
            "recall.learned",
        ),
        Policy(
            "query",
            "second look",
            "; ".join(looks) or "none",
            "the best of recall are looked at again" if looks else "the first ranking stands",
            "recall.late_interaction, recall.reranker",
        ),
        Policy(
            "query",
            "budget",
            f"{recall.limit} memories, {recall.budget:,} tokens",
            "what is worth most per token is put before the model, repetitions folded",
            "recall.limit, recall.budget",
        ),
    )


def _updating() -> tuple[Policy, ...]:
    return (
        Policy("update", "edit", "supersede", "the new wording stands; earlier ones stay in its history"),
        Policy(
            "update", "reply made anew", "discard", "the old reply is forgotten in the transaction that keeps the new"
        ),
        Policy(
            "update",
            "contradiction",
            "newer first",
            "both are kept and marked; recall shows the newer first and the older as earlier",
        ),
        Policy(
            "update",
            "usage",
            "write and free gates",
            "each reply that used a memory adds to its usage, a mark as wrong frees half of it (docs/forgetting.md)",
        ),
    )


def _freeing(settings: Settings) -> tuple[Policy, ...]:
    from memory_store.retention.freeing import ORDERS

    wanted = settings.retention
    criteria = [
        f"older than {wanted.older_than_days} days" if wanted.older_than_days is not None else "",
        f"weaker than {wanted.weaker_than:g}" if wanted.weaker_than is not None else "",
        f"not among the newest {wanted.keep_last:,}" if wanted.keep_last is not None else "",
        f"over {wanted.at_most:,} memories" if wanted.at_most is not None else "",
        f"over {wanted.at_most_mb:g} MB" if wanted.at_most_mb is not None else "",
    ]
    met = ", ".join(filter(None, criteria))
    daily = f"once a day, what is {met} is forgotten; `mneme undo` takes it back"
    by_hand = "nothing is forgotten by itself; `mneme memory prune` proposes" + (f" what is {met}" if met else "")
    return (
        Policy(
            "free",
            "when",
            "daily" if wanted.automatic else "by hand",
            daily if wanted.automatic else by_hand,
            "retention.automatic",
        ),
        Policy("free", "order", wanted.order, f"goes first: {ORDERS[wanted.order].frees}", "retention.order"),
    )
