"""Soft tokens: recalled memories' vectors, turned into a few inputs that the language model reads beside the words.

A small network, the adapter, is trained by the frozen model's own loss (prompt tuning, Lester et al. 2021,
https://arxiv.org/abs/2104.08691, with prompts that depend on an input, as in xRAG, Cheng et al. 2024,
https://arxiv.org/abs/2405.13792)::

    h(i)     =  gelu(v(i) A + a)                     v(i): the vector of the memory with number i in the prompt
    q(i, k)  =  h(i) B(k) + b(k)                     k = 1 ... tokens
    s(i, k)  =  softmax(q(i, k) E') E + p(i)         E: the model's own input embedding, (vocabulary, width)

so a soft token lies among the embeddings of the model's own words, plus a place that stands for the memory's number. An
adapter belongs to one model and one embedder, and is kept in one safetensors file with the fingerprints of both.

Off unless ``model.soft_tokens`` names such a file: with the tests' tiny model it did harm (docs/neural.md).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from agent.errors import ModelError, one_line

if TYPE_CHECKING:
    from agent.models.base import Prompt
    from agent.settings import ModelSettings

KIND = "mneme soft tokens 1"
"""Of the file; another one is refused."""
_NAMES = ("into", "into_bias", "out", "out_bias", "places")


@dataclass(frozen=True, slots=True)
class SoftTokens:
    """An adapter. ``weights``: tensors by name, ``into`` (dimensions, hidden), ``out`` (hidden, tokens * width), a
    bias for each, ``places`` (most, width)."""

    weights: Mapping[str, Any]
    model: str
    embedder: str

    @classmethod
    def begin(
        cls, model: Any, embedder: str, *, dimensions: int, tokens: int, most: int, hidden: int, seed: int
    ) -> Self:
        """One that says next to nothing yet, for the ``most`` first memories of a prompt, ``tokens`` for each."""
        import torch

        table = model.get_input_embeddings().weight.detach()
        width = table.shape[1]
        one = float(table.std()) * (hidden * width) ** 0.5  # so that a word's share begins within a few times another's
        chance = torch.Generator().manual_seed(seed)
        weights = {
            "into": torch.randn(dimensions, hidden, generator=chance),  # vectors have length 1
            "into_bias": torch.zeros(hidden),
            "out": torch.randn(hidden, tokens * width, generator=chance) / one,
            "out_bias": torch.zeros(tokens * width),
            "places": torch.zeros(most, width),
        }
        return cls(weights, fingerprint(model), embedder)

    @property
    def most(self) -> int:
        """Memories that are put into soft tokens, the first in the order of their numbers."""
        return int(self.weights["places"].shape[0])

    @property
    def per_memory(self) -> int:
        """Soft tokens of one memory."""
        return int(self.weights["out_bias"].shape[0]) // int(self.weights["places"].shape[1])

    def embeddings(self, model: Any, vectors: Any, places: Any) -> Any:
        """Vectors (..., dimensions) and places (...), from 0 -> (..., tokens, width)."""
        import torch

        table = model.get_input_embeddings().weight
        found = torch.nn.functional.gelu(vectors @ self.weights["into"] + self.weights["into_bias"])
        said = (found @ self.weights["out"] + self.weights["out_bias"]).unflatten(-1, (-1, table.shape[1]))
        shares = (said.to(table.dtype) @ table.T).softmax(dim=-1)
        return shares @ table + self.weights["places"][places].unsqueeze(-2).to(table.dtype)

    def save(self, file: Path) -> None:
        """Write it, with what it belongs to."""
        from safetensors.torch import save_file

        told = {"kind": KIND, "model": self.model, "embedder": self.embedder}
        save_file({name: tensor.detach().contiguous() for name, tensor in self.weights.items()}, file, told)

    @classmethod
    def load(cls, file: Path, model: Any) -> Self:
        """Read one that belongs to ``model``. Raises ModelError."""
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(file, "pt") as opened:
                told = opened.metadata() or {}
                if told.get("kind") != KIND or set(opened.keys()) != set(_NAMES):
                    raise ModelError(f"{file} holds no soft tokens. Unset model.soft_tokens, or train them anew.")
                weights = {name: opened.get_tensor(name).to(model.device) for name in opened.keys()}  # noqa: SIM118
        except (OSError, SafetensorError) as error:
            raise ModelError(f"{file} cannot be read: {one_line(error)}. Unset model.soft_tokens.") from error
        if told.get("model") != fingerprint(model):
            raise ModelError(f"{file} was trained for another model. Unset model.soft_tokens, or train it anew.")
        return cls(weights, told["model"], told.get("embedder", ""))


def fingerprint(model: Any) -> str:
    """Changes when the model's input embedding does: the shape of it, and a few of its rows in 16 bits."""
    import torch

    table = model.get_input_embeddings().weight.detach()
    rows = table[:: max(1, len(table) // 64)].to("cpu", torch.bfloat16).view(torch.int16).numpy()
    told = json.dumps([model.config.model_type, list(table.shape)]).encode()
    return hashlib.sha256(told + rows.tobytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class Placed:
    """A prompt's ids with soft tokens among them: these are negative, the same for the same embedding, so that what
    was read is compared as ever. ``embeddings``: id -> (width,)."""

    ids: list[int]
    embeddings: Mapping[int, Any]


class SoftMemory:
    """Soft tokens for the prompts of one loaded model."""

    def __init__(self, tokens: SoftTokens, model: Any) -> None:
        self._tokens, self._model = tokens, model
        self._per_memory = tokens.per_memory
        self.on = True
        """False: no soft tokens meanwhile, for comparing."""

    @classmethod
    def of(cls, settings: ModelSettings, model: Any) -> SoftMemory | None:
        """As it is set; None where it is off. Raises ModelError."""
        if settings.soft_tokens is None:
            return None
        return cls(SoftTokens.load(settings.soft_tokens.expanduser(), model), model)

    @property
    def longest(self) -> int:
        """Tokens that a prompt may grow by."""
        return self._tokens.most * self._per_memory if self.on else 0

    def placed(self, prompt: Prompt, ids: Sequence[int], at: int) -> Placed:
        """``ids`` with the soft tokens of the prompt's memories before place ``at``. A memory that has no vector yet
        has none. Raises ModelError when the vectors are of another embedder."""
        import torch

        given = prompt.vectors
        if not self.on or given is None:
            return Placed(list(ids), {})
        if given.embedder != self._tokens.embedder:
            raise ModelError(
                "model.soft_tokens was trained for another embedder than this memory's (recall.embedder). "
                "Unset it, or train it anew."
            )
        numbered = enumerate(prompt.memories[: self._tokens.most])
        known = [(place, given.rows[memory.id]) for place, memory in numbered if memory.id in given.rows]
        if not known:
            return Placed(list(ids), {})
        device = self._model.device
        with torch.inference_mode():
            vectors = torch.stack([torch.from_numpy(row) for _, row in known]).to(device)
            rows = self._tokens.embeddings(
                self._model, vectors, torch.tensor([place for place, _ in known], device=device)
            )
        names = [_name(row.tobytes(), place, part) for place, row in known for part in range(self._per_memory)]
        return Placed([*ids[:at], *names, *ids[at:]], dict(zip(names, rows.flatten(0, 1), strict=True)))


def _name(vector: bytes, place: int, part: int) -> int:
    """A negative number that tells what a soft token is made from."""
    digest = hashlib.sha256(vector + f" {place} {part}".encode()).digest()
    return -1 - int.from_bytes(digest[:7])
