"""What an embedder is, to the rest of the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into unit vectors. Loading is lazy: making one costs nothing, the first ``encode`` loads it."""

    @property
    def name(self) -> str:
        """For people."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever its vectors would: recorded with every vector."""
        ...

    @property
    def dimensions(self) -> int: ...

    @property
    def scripts(self) -> frozenset[str]:
        """What means anything to it beside Latin letters, of :data:`memory_store.language.scripts.SAMPLES`; recall
        closes its gate for the rest."""
        ...

    @property
    def baseline(self) -> float:
        """The cosine two unrelated texts have with it: where meaning begins."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), dimensions), float32, each row of length 1. Raises EmbedderError."""
        ...


@runtime_checkable
class TokenEmbedder(Protocol):
    """An embedder that can also tell its tokens apart: what late interaction needs."""

    @property
    def scripts(self) -> frozenset[str]: ...

    def tokens(self, texts: Sequence[str]) -> list[Vectors]:
        """For each text, shape (t, d), float32: what each of its t tokens means where it stands, each of length 1.

        Raises EmbedderError.
        """
        ...
