"""What embedder and reranker of the user's own have in common: transformers, kept quiet, and what a tokenizer knows."""

from __future__ import annotations

from typing import Any

_READABLE = 0.2
"""A script is read when fewer of its tokens than this share are unknown."""
_CHINESE = "我住在上海，喜欢喝茶，周末常常去公园散步。"


def silence() -> None:
    """Bars and warnings on standard error would be drawn over the app. Imports transformers."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


def knows_cjk(tokenizer: Any) -> bool:
    """Whether a transformers tokenizer knows the characters of a plain Chinese sentence."""
    ids = tokenizer(_CHINESE, add_special_tokens=False)["input_ids"]
    unknown = sum(token == tokenizer.unk_token_id for token in ids)
    return bool(ids) and unknown / len(ids) < _READABLE
