"""Loading a model folder into memory, offline and without a word on the screen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import ModelError, one_line
from agent.models.base import Progress, unwatched
from agent.models.installed import context_size, read_config, weight_bytes, what_is_missing

if TYPE_CHECKING:
    from agent.settings import ModelSettings


_QUIET_AND_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
_SMALL = 1_500_000_000  # bytes of weights: below this, float32 on a CPU costs little memory and is the exact choice
_FALLBACK_CONTEXT = 2048


@dataclass(slots=True)
class Checkpoint:
    """A loaded model: transformers' own objects, and what had to be found out about them."""

    folder: Path
    model: Any
    tokenizer: Any
    context_size: int
    device: str
    end_tokens: frozenset[int]


def load_checkpoint(folder: Path, settings: ModelSettings, progress: Progress = unwatched) -> Checkpoint:
    """Load the model in ``folder``. ``progress`` is told a fraction (0 to 1) and what is being done.

    Raises ModelError: one line, for a folder that lacks something, broken weights, or too little memory.
    """
    missing = what_is_missing(folder)
    if missing:
        raise ModelError(f"{folder} {missing}. `mneme models list` shows the models that can be used.")
    with quiet_and_offline():
        try:
            progress(0.05, "starting the model library")
            import torch
            import transformers

            _silence(transformers)
            return _load(folder, settings, progress, torch, transformers)
        except ImportError as error:
            raise ModelError(f"{folder.name} needs a library that is not installed: {one_line(error)}.") from error
        except MemoryError as error:
            raise out_of_memory(folder.name) from error
        except load_errors() as error:
            if is_out_of_memory(error):
                raise out_of_memory(folder.name) from error
            raise ModelError(f"The model in {folder} cannot be loaded: {one_line(error)}.") from error


def _load(folder: Path, settings: ModelSettings, progress: Progress, torch: Any, transformers: Any) -> Checkpoint:
    local = {"local_files_only": True, "trust_remote_code": False}
    progress(0.3, "reading the tokenizer")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **local)
    progress(0.4, "reading the weights")
    device = chosen_device(settings.device, torch)
    dtype = chosen_dtype(settings.dtype, device, weight_bytes(folder), torch)
    model, report = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=dtype, output_loading_info=True, **local
    )
    lacking = sorted(report["missing_keys"]) or sorted(map(str, report["mismatched_keys"]))
    if lacking:  # transformers fills these with random numbers and carries on
        raise ModelError(
            f"The weights in {folder} are incomplete ({len(lacking)} tensors, first {lacking[0]}). Download them again."
        )
    progress(0.9, f"moving to {device}")
    model.to(device).eval()
    progress(1.0, "ready")
    size = context_size(read_config(folder)) or _tokenizer_limit(tokenizer)
    size = min(size, settings.context_size or size)
    return Checkpoint(folder, model, tokenizer, size, device, _end_tokens(model, tokenizer))


def chosen_device(wanted: str, torch: Any) -> str:
    """``auto``: CUDA, then Apple's GPU, then the CPU. Raises ModelError for one that is not there."""
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if wanted == "auto":
        return "cuda" if cuda else "mps" if mps else "cpu"
    index = int(wanted.partition(":")[2] or 0)
    there = {"cpu": True, "mps": mps, "cuda": cuda and index < torch.cuda.device_count()}[wanted.partition(":")[0]]
    if not there:
        raise ModelError(f'model.device is "{wanted}", which this machine or this torch does not have. Use "auto".')
    return wanted


def chosen_dtype(wanted: str, device: str, size: int, torch: Any) -> Any:
    """``auto``: bfloat16 on CUDA that has it; float32 for small models on a CPU; else as the weights were saved."""
    if wanted != "auto":
        return getattr(torch, wanted)
    if device.startswith("cuda"):
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.float32 if device == "cpu" and size < _SMALL else "auto"


def _end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    """Every token that ends a reply: the generation config may know several, the tokenizer one."""
    ends: set[int] = set()
    for source in (getattr(model.generation_config, "eos_token_id", None), tokenizer.eos_token_id):
        ends |= {
            int(token) for token in (source if isinstance(source, (list, tuple)) else [source]) if token is not None
        }
    return frozenset(ends)


def _tokenizer_limit(tokenizer: Any) -> int:
    limit = int(min(getattr(tokenizer, "model_max_length", 0) or 0, 2**31))
    return limit if 0 < limit < 2**24 else _FALLBACK_CONTEXT


def _silence(transformers: Any) -> None:
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
