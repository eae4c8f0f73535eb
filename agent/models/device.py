"""Where a model computes and with which numbers, and how much memory is free there."""

from __future__ import annotations

import platform
from typing import Any

from agent.errors import ModelError
from agent.models.memory_need import LIBRARIES, Weights, available_bytes


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


def chosen_dtype(wanted: str, device: str, weights: Weights, free: int | None, torch: Any) -> str:
    """``float32``, ``bfloat16`` or ``float16``. ``auto`` on a CPU is never less exact than the weights, but for memory.

    A GPU reads half-width numbers as fast as they come: bfloat16, or float16 where it has no bfloat16. A CPU with
    bfloat16 instructions takes weights saved in 16 bits as they are, three times as fast on a prompt as float32; one
    without would emulate them, so there float32 is taken, unless only 16 bits fit ``free`` bytes.
    """
    if wanted != "auto":
        return wanted
    if device.startswith("cuda"):
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    if device == "mps":
        return weights.saved_as
    if weights.saved_as != "float32" and cpu_has_bfloat16(torch):
        return "bfloat16"
    fits = free is None or weights.bytes_as("float32") + LIBRARIES <= free
    return "float32" if fits else "bfloat16"


def cpu_has_bfloat16(torch: Any) -> bool:
    """Whether this CPU multiplies bfloat16 itself: AVX512_BF16 or AMX, or Arm's BF16."""
    if platform.machine().lower() in ("arm64", "aarch64"):
        try:
            return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
        except (AttributeError, RuntimeError):
            return False
    probes = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, probe, lambda: False)() for probe in probes)


def free_bytes(device: str) -> int | None:
    """Memory that a model on ``device`` can still take, what the library holds in reserve included; None: unknown."""
    if device == "cpu":
        return available_bytes()
    import torch

    if device.startswith("cuda"):
        free, _ = torch.cuda.mem_get_info(device)
        return int(free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device))
    return int(torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory())


def give_back(device: str) -> None:
    """Hand what was freed on a GPU back to other programs."""
    import torch

    if device.startswith("cuda"):
        torch.cuda.empty_cache()
    elif device == "mps":
        torch.mps.empty_cache()
