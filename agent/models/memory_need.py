"""How much memory a model folder will take, from its headers alone; and how much there is. Imports no torch.

Weights: every tensor's shape in the safetensors headers, times the bytes of the type it will be loaded as. Attention
cache: a key and a value for each token, layer and key-value head. Both are what the numbers say, not a measurement; the
libraries themselves take some 0.5 GB more.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.models.installed import WEIGHTS, read_config, weight_bytes
from agent.models.tensor_files import header

BYTES_OF = {"float32": 4, "bfloat16": 2, "float16": 2}
LIBRARIES = 400_000_000
"""Bytes kept free for the libraries' own needs and for what is computed while reading."""
_FLOATS = {"F64", "F32", "F16", "BF16"}
_STORED = {"F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2}
_SAVED_AS = {"F32": "float32", "BF16": "bfloat16", "F16": "float16"}


@dataclass(frozen=True, slots=True)
class Weights:
    """What the weights of a folder hold."""

    floats: int
    """Numbers that are loaded as the type asked for."""
    other_bytes: int
    """Of everything else: integers, and quantised numbers, which stay as they are."""
    saved_as: str
    """``float32``, ``bfloat16`` or ``float16``: the type of most of the numbers."""
    quantised: bool

    def bytes_as(self, dtype: str) -> int:
        """Bytes in memory; ``dtype`` is ``float32``, ``bfloat16`` or ``float16``."""
        return self.floats * BYTES_OF[dtype] + self.other_bytes


def weights_of(folder: Path) -> Weights:
    """Read the headers of every safetensors file; older files and unreadable headers are judged by their size."""
    config = read_config(folder)
    quantised = bool(config.get("quantization_config"))
    numbers: dict[str, int] = {}
    try:
        for tensor in _tensors(folder):
            numbers[tensor[0]] = numbers.get(tensor[0], 0) + tensor[1]
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        numbers = {}
    saved = _saved_as(config, numbers)
    if not numbers:
        size = weight_bytes(folder)
        return Weights(0, size, saved, True) if quantised else Weights(size // BYTES_OF[saved], 0, saved, False)
    other = sum(count * _STORED.get(kind, 1) for kind, count in numbers.items() if kind not in _FLOATS)
    return Weights(sum(numbers.get(kind, 0) for kind in _FLOATS), other, saved, quantised)


def cache_bytes_per_token(config: dict[str, Any], dtype: str) -> int:
    """Bytes of keys and values for one token, all layers; 0 when the configuration does not tell."""
    inner = config.get("text_config")
    text = {**config, **inner} if isinstance(inner, dict) else config
    layers = _number(text, "num_hidden_layers", "n_layer", "n_layers", "num_layers")
    heads = _number(text, "num_attention_heads", "n_head", "n_heads")
    width = _number(text, "hidden_size", "n_embd", "d_model")
    head = _number(text, "head_dim") or (width // heads if heads else 0)
    pairs = _number(text, "num_key_value_heads") or heads
    kinds = text.get("layer_types")
    if isinstance(kinds, list) and kinds:
        layers = sum("attention" in str(kind) and "linear" not in str(kind) for kind in kinds)
    return 2 * layers * pairs * head * BYTES_OF[dtype]


def available_bytes() -> int | None:
    """Main memory that can be had without swapping, within this process's control group; None: cannot be told."""
    found = [size for size in (_linux(), *_control_group()) if size is not None]
    if found:
        return max(0, min(found))
    try:  # elsewhere: at least never more than the machine has
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def gigabytes(size: float) -> str:
    """``size`` bytes for people: "1.5 GB", "310 MB"."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{math.ceil(size / 1e6)} MB"


def _tensors(folder: Path) -> Iterator[tuple[str, int]]:
    """(type, numbers) of every tensor in the safetensors files."""
    for path in sorted(folder.glob(WEIGHTS[0])):
        for tensor in header(path)[0].values():
            yield str(tensor["dtype"]), math.prod(tensor["shape"])


def _saved_as(config: dict[str, Any], numbers: dict[str, int]) -> str:
    floats = {kind: count for kind, count in numbers.items() if kind in _SAVED_AS}
    if floats:
        return _SAVED_AS[max(floats, key=lambda kind: floats[kind])]
    named = str(config.get("dtype") or config.get("torch_dtype") or "")
    return named if named in BYTES_OF else "float32"


def _number(config: dict[str, Any], *names: str) -> int:
    return next((value for name in names if isinstance(value := config.get(name), int) and value > 0), 0)


def _linux() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        return None


def _control_group() -> Iterator[int]:
    """What a container may still take. Its file pages count as used but are given up when memory is short."""
    for top, limit, used in (
        (Path("/sys/fs/cgroup"), "memory.max", "memory.current"),
        (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes", "memory.usage_in_bytes"),
    ):
        try:
            most, now = int((top / limit).read_text("ascii")), int((top / used).read_text("ascii"))
            kept = dict(line.split() for line in (top / "memory.stat").read_text("ascii").splitlines())
        except (OSError, ValueError):
            continue
        yield most - now + int(kept.get("inactive_file", 0))
