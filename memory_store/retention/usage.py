"""How much a memory was used, kept as a differentiable neural computer keeps it (Graves et al. 2016, Methods).

There a slot's usage grows by ``u <- u + w - u * w`` with each write weight ``w``, and what is read with a free gate
``f`` leaves only ``psi = prod_r (1 - f_r w_r)`` of it. Here each use of a memory is such a write, and each time its
owner called it wrong, or outdated by a newer one, a read that frees:

    u = n / (n + 1) * psi,   n = recalls + 1 * cited + 2 * helpful,   psi = (1 / 2) ** wrong

``n / (n + 1)`` is what the recurrence comes to when the n-th use is written with ``w = 1 / (n + 1)``: each tells less
than the one before. NumPy, broadcasting; the same equations in PyTorch, for training, are in ``neural/usage.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

CITED = 1.0
"""What a citation counts beyond the recall that it needs."""
HELPFUL = 2.0
FREE_GATE = 0.5
"""How much of a memory's usage, and of its strength, one mark as wrong frees."""


@dataclass(frozen=True, slots=True)
class Uses:
    """What became of a memory in replies that still stand."""

    recalls: int = 0
    """Replies in whose prompt it was put."""
    cited: int = 0
    """Replies that name it."""
    helpful: int = 0
    wrong: int = 0
    """Replies in which its owner marked it so, and contradictions decided for a newer memory."""

    @property
    def times(self) -> float:
        """``n`` of the module."""
        return self.recalls + CITED * self.cited + HELPFUL * self.helpful


NONE = Uses()


def write(before: ArrayLike, weight: ArrayLike) -> Floats:
    """u + w - u * w: the usage after a write. Values in [0, 1] stay there."""
    used, written = np.asarray(before, np.float64), np.asarray(weight, np.float64)
    return np.asarray(used + written - used * written, np.float64)


def retained(wrong: ArrayLike) -> Floats:
    """psi, in (0, 1]: what is left after so many reads that free."""
    return np.asarray((1.0 - FREE_GATE) ** np.maximum(np.asarray(wrong, np.float64), 0.0), np.float64)


def usage(times: ArrayLike, wrong: ArrayLike = 0) -> Floats:
    """u, in [0, 1). Rises with ``times`` (n of the module), falls with ``wrong``."""
    used = np.maximum(np.asarray(times, np.float64), 0.0)
    return np.asarray(used / (used + 1.0) * retained(wrong), np.float64)
