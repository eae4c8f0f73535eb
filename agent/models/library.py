"""The model library kept quiet, offline and watched; and what it raises when something is wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from agent.errors import ModelError
from agent.models.base import Progress

_QUIET_AND_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def silence(transformers: Any) -> None:
    """Bars and warnings on standard error would be drawn over the app."""
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


@contextmanager
def quiet_and_offline() -> Iterator[None]:
    """The environment in which no hub is asked for anything; as it was, afterwards."""
    before = {name: os.environ.get(name) for name in _QUIET_AND_OFFLINE}
    os.environ.update(_QUIET_AND_OFFLINE)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def load_errors() -> tuple[type[Exception], ...]:
    """What the libraries are known to raise for a damaged folder."""
    from safetensors import SafetensorError

    return (SafetensorError, OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError, EOFError)


def is_out_of_memory(error: Exception) -> bool:
    """torch has a class for GPUs and only a text for the CPU."""
    text = str(error).lower()
    return "out of memory" in text or "can't allocate memory" in text or "cannot allocate memory" in text


def out_of_memory(name: str) -> ModelError:
    return ModelError(f"{name} does not fit the memory. Use a smaller model, or lower model.context_size.")


@contextmanager
def told(progress: Progress, transformers: Any) -> Iterator[None]:
    """``progress`` hears how many of the tensors are in place: from the library's own bar, where that can be heard."""
    logging = transformers.utils.logging
    if not hasattr(logging, "set_tqdm_hook"):
        progress(0, "reading the weights")
        yield
        return

    def hook(bar: Any, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if given and "weights" in str(named.get("desc", "")).lower():
            given = (_counted(given[0], progress), *given[1:])
        return bar(*given, **named)

    before = logging.set_tqdm_hook(hook)
    try:
        yield
    finally:
        logging.set_tqdm_hook(before)


def _counted(tensors: Any, progress: Progress) -> Iterator[Any]:
    number = len(tensors)
    for done, tensor in enumerate(tensors):
        progress(done / number, f"reading the weights, {done} of {number} tensors")
        yield tensor
