"""What embedder and reranker of the user's own have in common: transformers, kept quiet, and what a tokenizer knows."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from functools import cache
from typing import Any

from memory_store.language.scripts import known


def silence() -> None:
    """Bars and warnings on standard error would be drawn over the app. Imports transformers."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def scripts_of(tokenizer: Any) -> frozenset[str]:
    """The scripts that a transformers tokenizer knows (:mod:`memory_store.language.scripts`)."""

    def pieces(text: str) -> tuple[list[int], int | None]:
        return list(tokenizer(text, add_special_tokens=False)["input_ids"]), tokenizer.unk_token_id

    return known(pieces)


@cache
def quicker_kind() -> Any:
    """torch.bfloat16 where this processor multiplies that faster (on some three times), else torch.float32. Tried, in
    some milliseconds, since flags do not tell. Imports torch."""
    import torch

    def took(kind: torch.dtype) -> float:
        left, right = torch.ones(512, 384, dtype=kind), torch.ones(384, 1536, dtype=kind)
        times = []
        for _ in range(4):
            began = time.perf_counter()
            _ = left @ right
            times.append(time.perf_counter() - began)
        return min(times)

    return torch.bfloat16 if took(torch.bfloat16) < took(torch.float32) else torch.float32


def quicker() -> Any:
    """A context in which a transformers model computes in :func:`quicker_kind`."""
    import torch

    kind = quicker_kind()
    return torch.autocast("cpu", torch.bfloat16, enabled=kind is torch.bfloat16)


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """torch on one thread in here: what is cut small is done sooner by one than by two that wait for each other, and
    thirty times as soon where other programs want the processor (measured). Imports torch."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
