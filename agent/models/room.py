"""Whether a model would fit this machine: told from file headers and free memory, without loading torch."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.models.memory_need import LIBRARIES, available_bytes, cache_bytes_per_token, weights_of

if TYPE_CHECKING:
    from agent.settings import ModelSettings

_CONTEXT = 1024  # tokens: with less there is no conversation
_PATIENCE_S = 5


@dataclass(frozen=True, slots=True)
class Room:
    """What a model needs and what there is."""

    needed: int
    """Bytes with the weights as they were saved (or as ``model.dtype`` says) and a short conversation."""
    free: int | None
    """Bytes where it would be loaded; None: cannot be told."""
    fits: bool | None
    """Also when it only just does, in 16 bits."""


def room_for(folder: Path, config: dict[str, Any], settings: ModelSettings) -> Room:
    """What the model in ``folder`` needs, on the GPU or else in main memory."""
    weights = weights_of(folder)
    asked = settings.dtype if settings.dtype != "auto" else weights.saved_as
    least = asked if settings.dtype != "auto" else "bfloat16"
    beside = LIBRARIES + _CONTEXT * cache_bytes_per_token(config, least)
    free = free_memory(settings.device)
    fits = None if free is None else weights.bytes_as(least) + beside <= free
    return Room(weights.bytes_as(asked) + beside, free, fits)


def free_memory(device: str = "auto") -> int | None:
    """Bytes that are free where ``model.device`` points: the largest GPU if there is one, else main memory."""
    on_gpu = gpu_free() if device == "auto" or device.startswith("cuda") else None
    return on_gpu if on_gpu is not None else available_bytes()


@cache
def gpu_free() -> int | None:
    """Free bytes of the emptiest NVIDIA GPU, as its driver says; None without one. Asked once."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    command = [program, "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=True)
        return max(int(line) for line in ran.stdout.split()) * 2**20
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
