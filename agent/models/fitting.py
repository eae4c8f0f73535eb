"""Does it fit: settled before anything is loaded, from file headers and free memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import ModelError
from agent.models.memory_need import LIBRARIES, Weights, cache_bytes_per_token, gigabytes

_LEAST_CONTEXT = 1024  # tokens: with less there is no conversation


@dataclass(frozen=True, slots=True)
class Fit:
    """How a model will be held."""

    context_size: int
    need: str
    """For people: "5.2 GB (weights 5.0 GB)"."""
    remark: str
    """What to know about it; empty when there is nothing."""


def fit(folder: Path, weights: Weights, config: dict[str, Any], dtype: str, context: int, free: int | None) -> Fit:
    """The longest context up to ``context`` tokens whose attention cache fits beside the weights.

    Raises ModelError when the weights do not fit ``free`` bytes: loading them would swap, or be killed.
    """
    held, per_token = weights.bytes_as(dtype), cache_bytes_per_token(config, dtype)
    least = held + LIBRARIES + per_token * min(context, _LEAST_CONTEXT)
    need = f"{gigabytes(least)} (weights {gigabytes(held)} as {dtype})"
    if free is None:
        return Fit(context, need, "")
    if least > free:
        raise ModelError(
            f"{folder.name} needs {need} of memory and {gigabytes(free)} is free. "
            f"{_advice(weights, dtype, least - held, free)}"
        )
    most = (free - held - LIBRARIES) // per_token if per_token else context
    if most >= context:
        return Fit(context, need, "")
    return Fit(most, need, f"Reads {most:,} tokens at once instead of {context:,}: what fits the free memory.")


def _advice(weights: Weights, dtype: str, beside: int, free: int) -> str:
    if dtype == "float32" and weights.floats and weights.bytes_as("bfloat16") + beside <= free:
        return 'Set model.dtype to "bfloat16", close other programs, or use a smaller model.'
    return "Close other programs, or use a smaller or a quantised model."
