"""Loading a model folder into memory, offline and without a word on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import ModelError, one_line
from agent.models.base import Progress, unwatched
from agent.models.device import chosen_device, chosen_dtype, cpu_has_bfloat16, free_bytes
from agent.models.fitting import Fit, fit
from agent.models.installed import context_size, read_config, what_is_missing
from agent.models.library import is_out_of_memory, load_errors, out_of_memory, quiet_and_offline, silence, told
from agent.models.memory_need import cache_bytes_per_token, weights_of

if TYPE_CHECKING:
    from agent.settings import ModelSettings


_FALLBACK_CONTEXT = 2048


@dataclass(slots=True)
class Checkpoint:
    """A loaded model: transformers' own objects, and what had to be found out about them."""

    folder: Path
    model: Any
    tokenizer: Any
    context_size: int
    device: str
    dtype: str
    end_tokens: frozenset[int]
    cache_bytes: int
    """Of attention cache for one token; 0: unknown."""
    remark: str
    """What the user should know about how it was loaded; empty when there is nothing."""


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

            silence(transformers)
            return _load(folder, settings, progress, torch, transformers)
        except ImportError as error:
            named = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
            how = f" Install it with `pip install {named}`." if named else ""
            raise ModelError(f"{folder.name} needs a library that is not installed: {one_line(error)}.{how}") from error
        except MemoryError as error:
            raise out_of_memory(folder.name) from error
        except load_errors() as error:
            if is_out_of_memory(error):
                raise out_of_memory(folder.name) from error
            raise ModelError(
                f"The model in {folder} cannot be loaded: {one_line(error)}. "
                "Download it again, or choose another: `mneme models list`."
            ) from error


def _load(folder: Path, settings: ModelSettings, progress: Progress, torch: Any, transformers: Any) -> Checkpoint:
    progress(0.2, "reading the tokenizer")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    plan = _planned(folder, settings, _tokenizer_limit(tokenizer), torch)
    progress(0.25, f"reading the weights, {plan.fit.need}")
    model = _weights(folder, plan, lambda share, what: progress(0.25 + 0.65 * share, what), transformers)
    progress(0.9, f"moving to {plan.device}")
    if plan.device_map is None:
        model.to(plan.device)
    model.eval()
    progress(1.0, "ready")
    return Checkpoint(
        folder=folder,
        model=model,
        tokenizer=tokenizer,
        context_size=plan.fit.context_size,
        device=plan.device,
        dtype=str(model.dtype).removeprefix("torch."),
        end_tokens=_end_tokens(model, tokenizer),
        cache_bytes=cache_bytes_per_token(read_config(folder), plan.dtype),
        remark=plan.remark,
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    device: str
    dtype: str
    fit: Fit
    device_map: dict[str, str] | None
    """Where quantised weights are put while they are read; others are moved afterwards."""
    remark: str


def _planned(folder: Path, settings: ModelSettings, limit: int, torch: Any) -> _Plan:
    """Everything that can be settled from the headers. Raises ModelError when the model does not fit the memory."""
    config, weights = read_config(folder), weights_of(folder)
    device = chosen_device(settings.device, torch)
    free = free_bytes(device)
    dtype = chosen_dtype(settings.dtype, device, weights, free, torch)
    context = context_size(config) or limit
    found = fit(folder, weights, config, dtype, min(context, settings.context_size or context), free)
    emulated = device == "cpu" and dtype != "float32" and not cpu_has_bfloat16(torch)
    slow = f"This CPU has no {dtype} instructions: it will be slow." if emulated else ""
    remark = " ".join(part for part in (found.remark, slow) if part)
    device_map = {"": device} if weights.quantised and find_spec("accelerate") else None
    return _Plan(device, dtype, found, device_map, remark)


def _weights(folder: Path, plan: _Plan, progress: Progress, transformers: Any) -> Any:
    options = {"device_map": plan.device_map} if plan.device_map else {}
    with told(progress, transformers):
        model, report = transformers.AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=plan.dtype,  # the library's name for it since 4.56; before, torch_dtype
            output_loading_info=True,
            local_files_only=True,
            trust_remote_code=False,
            **options,
        )
    lacking = sorted(report["missing_keys"]) or sorted(map(str, report["mismatched_keys"]))
    if lacking:  # transformers fills these with random numbers and carries on
        raise ModelError(
            f"The weights in {folder} are incomplete ({len(lacking)} tensors, first {lacking[0]}). Download them again."
        )
    return model


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
