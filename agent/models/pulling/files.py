"""Which files of a repository are needed: safetensors, tokenizer, configuration and the card. Code never, pickles never
unless they are asked for, and nothing twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from agent.errors import ModelError

_BESIDE = (
    "config.json", "generation_config.json", "tokenizer*.json", "tokenizer.model", "special_tokens_map.json",
    "added_tokens.json", "vocab.json", "vocab.txt", "merges.txt", "spiece.model", "tekken.json",
    "chat_template.jinja", "chat_template.json", "README.md", "LICEN[CS]E", "LICEN[CS]E.txt", "LICEN[CS]E.md", "NOTICE",
)  # fmt: skip
_SHARD = re.compile(r"model-\d+-of-\d+\.safetensors")
_PICKLES = re.compile(r"pytorch_model(-\d+-of-\d+)?\.bin")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as the hub lists it."""

    path: str
    size: int
    """Bytes."""
    sha256: str | None
    """Of large files; hexadecimal."""
    blob_id: str
    """Git's own hash (SHA-1); of small files it is that of their content."""


def needed(files: Sequence[RemoteFile], *, pickles: bool = False) -> list[RemoteFile]:
    """The files to download, in order of size. Raises ModelError when there are no weights that can be used."""
    top = [file for file in files if "/" not in file.path]
    weights = _safetensors(top)
    if not weights:
        weights = [file for file in top if _PICKLES.fullmatch(file.path) or file.path == "pytorch_model.bin.index.json"]
        if not weights:
            raise ModelError(_nothing(files))
        if not pickles:
            raise ModelError(
                "It has its weights only as pickles, which can run code when they are loaded. If you trust who made "
                "them, add --pickles."
            )
    beside = [file for file in top if any(fnmatch(file.path, pattern) for pattern in _BESIDE)]
    if not any(file.path == "config.json" for file in beside):
        raise ModelError("It has no config.json, so it is no model that mneme can load.")
    return sorted({*weights, *beside}, key=lambda file: (file.size, file.path))


def _safetensors(top: Sequence[RemoteFile]) -> list[RemoteFile]:
    """One whole file, else the numbered parts, else whatever is not a second copy or an adapter."""
    whole = [file for file in top if file.path == "model.safetensors"]
    if whole:
        return whole
    parts = [file for file in top if _SHARD.fullmatch(file.path) or file.path == "model.safetensors.index.json"]
    if any(file.path.endswith(".safetensors") for file in parts):
        return parts
    return [
        file
        for file in top
        if file.path.endswith(".safetensors") and not file.path.startswith(("consolidated", "adapter_"))
    ]


def _nothing(files: Sequence[RemoteFile]) -> str:
    if any(file.path.endswith(".gguf") for file in files):
        return (
            "It holds GGUF files, which are for llama.cpp and Ollama: start one of those with it and see "
            "`mneme models list`, or take a model with safetensors."
        )
    return "It has no weights that mneme can load (*.safetensors)."
