"""From the logits of the next token to the token: greedy, or drawn as the sampling settings say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from agent.models.base import Sampling

_COLDEST = 1e-3  # below this, dividing by the temperature gains nothing and overflows in the end

Choose = Callable[[Any, Sequence[int]], int]
"""(logits, shape (vocabulary,); the tokens said so far) -> the next token."""


def chooser(sampling: Sampling) -> Choose:
    """The function that chooses. Its random numbers are its own: the same seed draws the same reply."""
    import torch

    if sampling.temperature < _COLDEST:
        return lambda logits, said: int(torch.argmax(_less_repeated(logits, said, sampling.repetition_penalty)))
    dice = torch.Generator()
    if sampling.seed is None:
        dice.seed()
    else:
        dice.manual_seed(sampling.seed)

    def choose(logits: Any, said: Sequence[int]) -> int:
        logits = _less_repeated(logits.float().cpu(), said, sampling.repetition_penalty)
        chances, order = torch.softmax(logits / sampling.temperature, dim=-1).sort(descending=True)
        chances[chances < sampling.min_p * chances[0]] = 0
        if sampling.top_k:
            chances[sampling.top_k :] = 0
        chances[chances.cumsum(0) - chances >= sampling.top_p * chances.sum()] = 0
        return int(order[torch.multinomial(chances, 1, generator=dice)])

    return choose


def _less_repeated(logits: Any, said: Sequence[int], penalty: float) -> Any:
    """Logits of tokens said already divided by ``penalty``, or multiplied where negative (Keskar and others, 2019)."""
    if penalty == 1 or not said:
        return logits
    import torch

    tokens = torch.tensor(sorted(set(said)), device=logits.device)
    found = logits[tokens]
    return logits.index_put((tokens,), torch.where(found > 0, found / penalty, found * penalty))
