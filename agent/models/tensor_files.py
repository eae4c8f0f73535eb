"""The headers of safetensors files: which tensors they hold, and whether all of it is there. Imports no torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_LONGEST_HEADER = 100_000_000  # bytes: what the format itself allows


def header(path: Path) -> tuple[dict[str, Any], int]:
    """Name -> what is told of the tensor ("dtype", "shape", "data_offsets"), and the bytes before the first one.

    Raises OSError, and ValueError for a file that is none."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length <= _LONGEST_HEADER:
            raise ValueError(path)
        found = json.loads(file.read(length))
    if not isinstance(found, dict):
        raise ValueError(path)
    found.pop("__metadata__", None)
    return found, 8 + length


def is_whole(path: Path) -> bool:
    """False for a file that ends before its last tensor, as after a download that broke off, or that is damaged."""
    try:
        tensors, before = header(path)
        ends = [int(tensor["data_offsets"][1]) for tensor in tensors.values()]
        return path.stat().st_size >= before + max(ends, default=0)
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError):
        return False
