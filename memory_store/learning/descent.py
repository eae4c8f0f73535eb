"""AdamW (Loshchilov and Hutter 2019, algorithm 2), as torch.optim has it.

torch.optim imports torch's compiler when the first optimizer is made: most of a second, of the few that learning takes.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

MOMENTS = (0.9, 0.999)
EPSILON = 1e-8


class AdamW:
    """One step after the other over some parameters, each with the gradient it has by then."""

    def __init__(self, parameters: Iterable[Tensor], decay: float) -> None:
        self._parameters = [one for one in parameters if one.requires_grad]
        self._decay = decay
        self._means = [torch.zeros_like(one) for one in self._parameters]
        self._squares = [torch.zeros_like(one) for one in self._parameters]
        self._done = 0

    def step(self, rate: float) -> None:
        """Move every parameter against its gradient, and forget the gradient."""
        self._done += 1
        with torch.no_grad():
            for one, mean, square in zip(self._parameters, self._means, self._squares, strict=True):
                if one.grad is not None:
                    self._move(one, one.grad, mean, square, rate)
                    one.grad = None

    def _move(self, one: Tensor, gradient: Tensor, mean: Tensor, square: Tensor, rate: float) -> None:
        first, second = MOMENTS
        mean.lerp_(gradient, 1 - first)
        square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
        spread = (square / (1 - second**self._done)).sqrt_().add_(EPSILON)
        one.mul_(1 - rate * self._decay).addcdiv_(mean, spread, value=-rate / (1 - first**self._done))
