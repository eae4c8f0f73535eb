"""The learned head as recall applies it, in NumPy: other weights for a query, and a small network's word on the best.

:mod:`network` has the same equations in torch, where they are trained; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from memory_store.addressing import Floats, Ints, Weights
from memory_store.learning import features
from memory_store.recall.signals import Signals

TOP = 100
"""How many of the best the network looks at."""

WEIGHTS = tuple(field.name for field in fields(Weights) if getattr(Weights(), field.name))
"""The constants that a head may change: those that are not off."""

REASON = "learned"
"""The network's own name among a recollection's reasons."""

FARTHEST = 1.4
"""No constant becomes more than e^1.4 = 4 times what it was, or less than a quarter."""

WIDEST = 4.0
"""Standard deviations from the mean at which a feature is cut."""

LEEWAY = 0.15
"""How far outside of what a head was trained on a query's candidates may be for it to have a say."""


@dataclass(frozen=True, slots=True)
class Head:
    """What was learned. q: query features (15), f: candidate features (53), w: weights (12), m: members, h: hidden."""

    query_mean: Floats
    query_scale: Floats
    mean: Floats
    scale: Floats
    gates: Floats
    """(w + 1, q + 1): from the query's features, and 1, to the logarithm of what each constant is multiplied by; the
    last row is sharpness."""
    inward: Floats
    """(m, h, f + q)."""
    bias: Floats
    """(m, h)."""
    outward: Floats
    """(m, h)."""
    kind: Floats
    """(2, 2): least and most of :func:`kind_of` among what it was trained on."""

    def standard(self, asked: Floats) -> Floats:
        """The query's features as the head sees them."""
        cut: Floats = np.clip((asked - self.query_mean) / self.query_scale, -WIDEST, WIDEST)
        return cut

    def scaled(self, rows: Floats) -> Floats:
        """Candidates' features, (n, f), as the head sees them."""
        cut: Floats = np.clip((rows - self.mean) / self.scale, -WIDEST, WIDEST)
        return cut

    def knows(self, signals: Signals) -> bool:
        """Whether the candidates are of a kind that it was trained on: chat with an assistant or among people, in a
        script that the embedder reads or not. Across kinds nothing is gained, and something may be lost."""
        kind = kind_of(signals)
        return bool((kind >= self.kind[0] - LEEWAY).all() and (kind <= self.kind[1] + LEEWAY).all())

    def weights_for(self, asked: Floats, base: Weights) -> tuple[Weights, float]:
        """The constants for a query with these features, and the sharpness: w_j exp(F tanh((u_j . q + a_j) / F))."""
        raw = self.gates @ np.append(self.standard(asked), 1.0)
        factors = np.exp(FARTHEST * np.tanh(raw / FARTHEST))
        changed = {name: getattr(base, name) * float(by) for name, by in zip(WEIGHTS, factors, strict=False)}
        return replace(base, **changed), float(factors[-1])

    def opinion(self, rows: Floats, asked: Floats) -> Floats:
        """Shape (n,): what the network adds to n candidates, 0 for the one it likes least.

        (1/m) sum_m v_m . silu(A_m [x; q] + b_m), A network of one hidden layer, the mean of m of them.
        """
        width = rows.shape[1]
        own = self.scaled(rows) @ self.inward[:, :, :width].reshape(-1, width).T
        hidden = own + (self.inward[:, :, width:] @ self.standard(asked) + self.bias).reshape(-1)
        said: Floats = silu(hidden) @ self.outward.reshape(-1) / len(self.outward)
        return said - said.min() if len(said) else said


def silu(x: Floats) -> Floats:
    """x / (1 + e^-x)."""
    return x / (1.0 + np.exp(-x))


def kind_of(signals: Signals) -> NDArray[np.float64]:
    """Shape (2,): the share of the candidates that user or assistant said, and how far meaning may be trusted."""
    return np.array([float(signals.chat.mean()) if len(signals) else 0.0, signals.gate])


def blank(kind: NDArray[np.float64] | None = None) -> Head:
    """The head that changes nothing: exactly the fixed formula."""
    asked, own = len(features.QUERY), len(features.CANDIDATE)
    return Head(
        query_mean=np.zeros(asked),
        query_scale=np.ones(asked),
        mean=np.zeros(own),
        scale=np.ones(own),
        gates=np.zeros((len(WEIGHTS) + 1, asked + 1)),
        inward=np.zeros((1, 1, own + asked)),
        bias=np.zeros((1, 1)),
        outward=np.zeros((1, 1)),
        kind=np.array([[0.0, 0.0], [1.0, 1.0]]) if kind is None else kind,
    )


def with_opinion(terms: Mapping[str, Floats], best: Ints, said: Floats) -> dict[str, Floats]:
    """The terms, and what the network said of those at ``best``."""
    count = len(next(iter(terms.values())))
    learned = np.zeros(count)
    learned[best] = said
    return {**terms, REASON: learned}
