"""What a model has read, kept: ids and the attention cache over them, cut back to what the next prompt begins with.

A prompt mostly begins as the one before it did. The keys and values of that common beginning are kept and only the rest
is read. What is common is found by comparing token ids, so an edited turn, a regenerated reply, a history that was cut
or another conversation need no notice: they just share less.

Layers that attend to a sliding window are given a whole cache, because a windowed one cannot go back; the model's own
mask keeps what they see the same. Layers with a recurrent state cannot go back at all: such a model reads every prompt
anew.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

log = logging.getLogger("mneme.agent")

_BLOCK = 512  # prompt tokens read at a time


class State(NamedTuple):
    """What the model makes of all that it has read."""

    logits: Any
    """For the next token, shape (vocabulary,)."""
    hidden: Any
    """The state a third of the way up, shape (width,); None unless asked for."""


class _Cancelled(Exception):
    """Raised between two layers of a model, to leave it in the middle of a block."""


class Reading:
    """One model's reading. Not for two threads at a time: whoever uses it holds the model."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._block = _BLOCK if reads_in_blocks(model.config) else None
        self._cancel = threading.Event()
        self._hooks = [layer.register_forward_pre_hook(self._look) for layer in decoder_layers(model)]
        self.embeddings: Mapping[int, Any] = {}
        """Of ids below zero (soft tokens, :mod:`agent.models.soft_tokens`) -> (width,)."""
        self.keep_hidden = False
        """Whether ``State.hidden`` is wanted."""
        self.forget()
        self.goes_back = _goes_back(self._cache)
        """Whether anything is kept from one prompt to the next."""

    def forget(self) -> None:
        """Free the cache."""
        self.ids: list[int] = []
        self._cache: Any = _cache(self._model.config)

    def close(self) -> None:
        """Let go of the cache and of the model, which is left as it was."""
        self.ids, self._cache, self._model = [], None, None
        for hook in self._hooks:
            hook.remove()

    def go_back(self, ids: Sequence[int]) -> int:
        """Keep what was read of the longest beginning of ``ids``, all but their last token; return how much that is."""
        self._keep(min(common_beginning(self.ids, ids), max(len(ids) - 1, 0)))
        return len(self.ids)

    def read(self, ids: Sequence[int], cancel: threading.Event) -> State | None:
        """Read on. None when cancelled midway: nothing of the block that was being read is kept then."""
        state = None
        self._cancel = cancel
        step = self._block or max(len(ids), 1)
        try:
            for start in range(0, len(ids), step):
                self._look()
                state = self._forward(ids[start : start + step])
        except _Cancelled:
            self._keep(len(self.ids))
            return None
        except BaseException:
            self.forget()  # some layers may have read what others have not
            raise
        return state

    def apart(self, ids: Sequence[int], cancel: threading.Event) -> Any | None:
        """The states a third of the way up over ``ids`` read alone, shape (tokens, width); None when cancelled."""
        import torch

        self._cancel = cancel
        tokens = torch.tensor([list(ids)], device=self._model.device)
        try:
            with torch.inference_mode():
                out = self._model(input_ids=tokens, use_cache=False, output_hidden_states=True, logits_to_keep=1)
        except _Cancelled:
            return None
        return _early(out)[0]

    def _forward(self, ids: Sequence[int]) -> State:
        import torch

        # Entered for each step and never across a yield: the mode belongs to the thread, not to a generator.
        with torch.inference_mode():
            out = self._model(
                **self._inputs(torch.tensor([list(ids)], device=self._model.device)),
                past_key_values=self._cache,
                use_cache=True,
                logits_to_keep=1,
                output_hidden_states=self.keep_hidden,
            )
        self.ids.extend(ids)
        return State(out.logits[0, -1], _early(out)[0, -1] if self.keep_hidden else None)

    def _inputs(self, ids: Any) -> dict[str, Any]:
        """Words by their ids; where soft tokens are among them, all as embeddings."""
        soft = ids < 0
        if not soft.any():
            return {"input_ids": ids}
        import torch

        embedded = self._model.get_input_embeddings()(ids.clamp_min(0))
        rows = torch.stack([self.embeddings[one] for one in ids[soft].tolist()]).to(embedded.dtype)
        return {"inputs_embeds": embedded.masked_scatter(soft.unsqueeze(-1), rows)}

    def _keep(self, number: int) -> None:
        """Go back to the first ``number`` tokens; to none where the cache cannot go back."""
        if not self.goes_back:
            self.forget()
            return
        for layer in self._cache.layers:
            extra = int(layer.get_seq_length()) - number
            if extra > 0:
                layer.crop(-extra)
        del self.ids[number:]

    def _look(self, *_: Any) -> None:
        if self._cancel.is_set():
            raise _Cancelled


def _early(out: Any) -> Any:
    """The states a third of the way up, shape (1, tokens, width): they tell what was just said. Layer 0 is the
    embedding."""
    return out.hidden_states[max(1, round((len(out.hidden_states) - 1) / 3))]


def common_beginning(one: Sequence[int], other: Sequence[int]) -> int:
    """How many ids both begin with."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def decoder_layers(model: Any) -> list[Any]:
    """The model's layers in order; empty when they are not found (then a cancel waits for the end of a block)."""
    from torch.nn import ModuleList

    number = getattr(model.config.get_text_config(), "num_hidden_layers", None)
    lists = (module for module in model.modules() if isinstance(module, ModuleList))
    return next((list(layers) for layers in lists if len(layers) == number), [])


def reads_in_blocks(config: Any) -> bool:
    """Attention layers may read a prompt in blocks; recurrent ones are only sure to go on from one token."""
    kinds = getattr(config.get_text_config(), "layer_types", None) or []
    return all("attention" in kind and "linear" not in kind for kind in kinds)


def _cache(config: Any) -> Any:
    """An empty cache with a whole layer in the place of every windowed one."""
    from transformers import DynamicCache
    from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

    cache = DynamicCache(config=config)
    cache.layers = [DynamicLayer() if type(layer) is DynamicSlidingWindowLayer else layer for layer in cache.layers]
    return cache


def _goes_back(cache: Any) -> bool:
    """Whether every layer holds all it has read; said in the log when one does not."""
    from transformers.cache_utils import DynamicLayer

    others = sorted({type(layer).__name__ for layer in cache.layers if type(layer) is not DynamicLayer})
    if others:
        log.info("this model's attention cache cannot go back (%s): every prompt is read anew", ", ".join(others))
    return not others
