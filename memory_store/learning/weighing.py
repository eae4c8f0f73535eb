"""The head in force, applied to what recall has found."""

from __future__ import annotations

from sqlalchemy import Connection

from memory_store.addressing import Floats, Weights
from memory_store.learning.features import candidate_features, query_features
from memory_store.learning.files import Heads
from memory_store.learning.head import TOP, Head, with_opinion
from memory_store.learning.traits import Traits
from memory_store.recall.looking import Look
from memory_store.recall.signals import ranked, weighed


class Learned:
    """Weighs as was learned, where something was. Thread-safe."""

    def __init__(self, heads: Heads) -> None:
        self.heads = heads
        self.traits = Traits()

    def terms(self, connection: Connection, look: Look) -> tuple[dict[str, Floats] | None, str]:
        """Every term of the score, as learned; None: the fixed formula is to weigh, and a remark where that is worth
        one."""
        head, refusal = self.heads.in_force()
        if head is None or not head.knows(look.signals):
            return None, refusal
        return applied(head, look, self.traits.of(connection, look.pool.seqs)), ""


def applied(head: Head, look: Look, own_traits: Floats) -> dict[str, Floats]:
    """Every term of the score by name, each of shape (n,), the network's among them. Their sum is the score."""
    asked = query_features(look)
    weights, sharpness = head.weights_for(asked, Weights())
    terms = weighed(look.signals, weights, sharpness)
    fixed = weighed(look.signals, Weights())
    best = ranked(fixed, look.pool.seqs, look.pool.said_at)[:TOP]
    rows = candidate_features(look.signals, own_traits, fixed)[best]
    return with_opinion(terms, best, head.opinion(rows, asked)) if len(best) else terms
