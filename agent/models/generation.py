"""Next tokens, one at a time, on transformers' models: our own loop, so that it stops wherever it is asked to.

``model.generate`` would need a second thread to stream, draws from torch's global random numbers, and cannot stop while
it reads the prompt. This reads the prompt in blocks and looks at the cancel event between any two of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from agent.models.base import Sampling

_BLOCK = 512  # prompt tokens read between two looks at the cancel event

_COLDEST = 1e-3  # below this, dividing by the temperature gains nothing and overflows in the end


class Reading:
    """What a model has read so far: the ids, and its attention cache over them."""

    def __init__(self, model: Any) -> None:
        from transformers import DynamicCache

        self._model = model
        self._cache = DynamicCache(config=model.config)
        self._block = _BLOCK if _reads_in_blocks(model.config) else None
        self.ids: list[int] = []

    def read(self, ids: Sequence[int], cancel: threading.Event) -> Any:
        """Read on. Returns the logits, shape (vocabulary,), for what comes next; None when cancelled midway."""
        logits = None
        step = self._block or max(len(ids), 1)
        for start in range(0, len(ids), step):
            if cancel.is_set():
                return None
            logits = self._forward(ids[start : start + step])
        return logits

    def _forward(self, ids: Sequence[int]) -> Any:
        import torch

        # Entered for each step and never across a yield: the mode belongs to the thread, not to this generator.
        with torch.inference_mode():
            tokens = torch.tensor([list(ids)], device=self._model.device)
            out = self._model(input_ids=tokens, past_key_values=self._cache, use_cache=True, logits_to_keep=1)
        self.ids.extend(ids)
        return out.logits[0, -1]


def next_tokens(
    reading: Reading, ids: Sequence[int], limit: int, choose: Callable[[Any], int], cancel: threading.Event
) -> Iterator[int]:
    """Read ``ids``, then yield up to ``limit`` tokens; fewer once ``cancel`` is set."""
    logits = reading.read(ids, cancel)
    for made in range(limit):
        if logits is None or cancel.is_set():
            return
        token = choose(logits)
        yield token
        if made + 1 < limit:
            logits = reading.read([token], cancel)


def chooser(sampling: Sampling) -> Callable[[Any], int]:
    """The function from logits, shape (vocabulary,), to the next token. Its random numbers are its own."""
    import torch

    if sampling.temperature < _COLDEST:
        return lambda logits: int(torch.argmax(logits))
    dice = torch.Generator()
    if sampling.seed is None:
        dice.seed()
    else:
        dice.manual_seed(sampling.seed)

    def choose(logits: Any) -> int:
        chances, order = torch.softmax(logits.float().cpu() / sampling.temperature, dim=-1).sort(descending=True)
        chances[chances.cumsum(0) - chances >= sampling.top_p] = 0
        return int(order[torch.multinomial(chances, 1, generator=dice)])

    return choose


def _reads_in_blocks(config: Any) -> bool:
    """Attention layers may read a prompt in blocks; recurrent ones are only sure to go on from one token."""
    text = config.get_text_config()
    kinds = getattr(text, "layer_types", None) or []
    return all("attention" in kind and "linear" not in kind for kind in kinds)
