"""What embedder and reranker of the user's own have in common: transformers, kept quiet, and what a tokenizer knows."""

from __future__ import annotations

from typing import Any

from memory_store.scripts import known


def silence() -> None:
    """Bars and warnings on standard error would be drawn over the app. Imports transformers."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def scripts_of(tokenizer: Any) -> frozenset[str]:
    """The scripts that a transformers tokenizer knows (:mod:`memory_store.scripts`)."""

    def pieces(text: str) -> tuple[list[int], int | None]:
        return list(tokenizer(text, add_special_tokens=False)["input_ids"]), tokenizer.unk_token_id

    return known(pieces)
