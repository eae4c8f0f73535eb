"""Late interaction: query and memory compared token by token, after each was read alone (Khattab and Zaharia 2020).

A text's one vector is the mean of its tokens'; a single telling word drowns in it. Here each token of the query looks
for its best match instead. The vectors are those of the embedder in force; nothing is trained for it or stored.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from memory_store.addressing import Floats
from memory_store.embedding.base import TokenEmbedder, Vectors

REASON = "late interaction"
GOOD_WEIGHT = 0.3
"""Half of what meaning weighs: it is a second reading by the same embedder."""
LONGEST = 2_000
"""Characters of a memory that are compared: the default embedder reads about 1,200 of English."""
KEPT_BYTES = 64 * 2**20
"""Token vectors kept in memory: some 4,000 memories of twenty tokens."""


class LateInteraction:
    """A :class:`~memory_store.reranking.base.Reranker` over an embedder's token vectors. Thread-safe."""

    reason = REASON
    sees_speakers = False

    def __init__(self, embedder: TokenEmbedder, kept_bytes: int = KEPT_BYTES) -> None:
        self._embedder = embedder
        self._kept_bytes = kept_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Vectors] = OrderedDict()
        self._bytes = 0

    @property
    def scripts(self) -> frozenset[str]:
        return self._embedder.scripts

    def scores(self, query: str, texts: Sequence[str]) -> Floats:
        """Shape (len(texts),), each -1 to 1: the mean over the query's tokens of the best cosine in the text.

        Raises EmbedderError.
        """
        return maxsim(self._embedder.tokens([query])[0], self._tokens([text[:LONGEST] for text in texts]))

    def let_go(self) -> None:
        """Drop every text and its token vectors."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    def _tokens(self, texts: Sequence[str]) -> list[Vectors]:
        with self._lock:
            known = {text: self._kept[text] for text in texts if text in self._kept}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, self._embedder.tokens(new), strict=True))
        self._keep({text: known[text] for text in texts})
        return [known[text] for text in texts]

    def _keep(self, found: dict[str, Vectors]) -> None:
        """Half precision is exact to three digits of a cosine. The longest unused go first."""
        with self._lock:
            for text, rows in found.items():
                if text not in self._kept:
                    self._kept[text] = rows.astype(np.float16)
                    self._bytes += self._kept[text].nbytes
                self._kept.move_to_end(text)
            while self._bytes > self._kept_bytes:
                self._bytes -= self._kept.popitem(last=False)[1].nbytes


def maxsim(query: Vectors, texts: Sequence[Vectors]) -> Floats:
    """M_i = mean over q of max over t of q . t: q a token of the query, t one of text i; ColBERT's eq. 3, as a mean.

    ``query`` has shape (m, d), each text its own (t_i, d), all rows of length 1. A text without tokens has -1.
    """
    found = np.full(len(texts), -1.0)
    filled = [place for place, rows in enumerate(texts) if len(rows)]
    if not filled or not len(query):
        return found
    starts = np.cumsum([0, *(len(texts[place]) for place in filled[:-1])])
    cosines = np.concatenate([texts[place] for place in filled]).astype(np.float32) @ query.T
    found[filled] = np.maximum.reduceat(cosines, starts, axis=0).mean(1)
    return found
