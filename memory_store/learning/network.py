"""The addressing head in torch: the formula with weights that depend on the query, and a small listwise network.

The same equations as :mod:`memory_store.learning.head` has in NumPy, for a batch of queries, differentiable.
B: queries, N: candidates, f: candidate features, q: query features, w: weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from memory_store.addressing import Weights
from memory_store.learning.examples import Example
from memory_store.learning.head import FARTHEST, WEIGHTS, Head
from memory_store.neural import attention
from memory_store.recall.signals import FAINT, LEAST_EVIDENCE

BEHIND = -9.0
"""The score of what is no candidate."""


LINEAR = ("session_words", "speaker", "standing", "recency", "question")
"""Terms of the score that are a constant times a signal, and nothing else."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples side by side, padded. (B, N) where nothing else is said."""

    words: Tensor
    meaning: Tensor
    unread: Tensor
    phrase: Tensor
    date: Tensor
    linear: Tensor
    """(B, 5, N): see :data:`LINEAR`."""
    follows: Tensor
    asks: Tensor
    sessions: Tensor
    hop: Tensor
    best: Tensor
    gold: Tensor
    wrong: Tensor
    rows: Tensor
    """(B, K, f): of the K that the network looks at, as :meth:`of` was told to scale them."""
    places: Tensor
    """(B, K): where those stand among the N; N itself is nowhere."""
    asked: Tensor
    """(B, q), scaled too."""
    gate: Tensor
    """(B, 1)."""

    @classmethod
    def of(cls, examples: Sequence[Example], head: Head) -> Batch:
        """``head``: how features are scaled."""
        most = max(map(len, examples))

        def padded(values: Sequence[np.ndarray], kind: type = np.float32, nowhere: int = 0) -> Tensor:
            table = np.full((len(values), max(map(len, values)), *values[0].shape[1:]), nowhere, kind)
            for place, one in enumerate(values):
                table[place, : len(one)] = one
            return torch.from_numpy(table)

        every = [one.signals for one in examples]
        floats = {
            name: padded([getattr(one, name) for one in every])
            for name in ("words", "meaning", "unread", "phrase", "date")
        }
        linear = [
            np.stack([one.session_words, one.speaker, one.standing, one.recency, -one.asks.astype(np.float64)], 1)
            for one in every
        ]
        return cls(
            **floats,
            linear=padded(linear).transpose(1, 2).contiguous(),
            asks=padded([one.asks for one in every], np.bool_),
            follows=padded([one.follows for one in every], np.bool_),
            sessions=padded([np.unique(one.sessions, return_inverse=True)[1] for one in every], np.int64),
            hop=padded([np.zeros(len(one)) if one.hop is None else one.hop for one in examples]),
            best=padded([one.best for one in examples], np.bool_),
            gold=padded([one.gold for one in examples], np.bool_),
            wrong=padded([one.wrong for one in examples], np.bool_),
            rows=padded([head.scaled(one.rows[one.best]) for one in examples]),
            places=padded([np.flatnonzero(one.best) for one in examples], np.int64, nowhere=most),
            asked=torch.tensor(np.array([head.standard(one.asked) for one in examples]), dtype=torch.float32),
            gate=torch.tensor([[one.gate] for one in every], dtype=torch.float32),
        )

    def only(self, places: Tensor | slice) -> Batch:
        """Some of the queries; a slice copies nothing."""
        return Batch(**{one.name: getattr(self, one.name)[places] for one in fields(self)})

    def to(self, kind: torch.dtype) -> Batch:
        """With floating-point numbers of another kind."""
        every = {one.name: getattr(self, one.name) for one in fields(self)}
        return Batch(**{name: part.to(kind) if part.is_floating_point() else part for name, part in every.items()})


class Scored(NamedTuple):
    """What a head makes of a batch."""

    scores: Tensor
    """(B, N), :data:`BEHIND` for what is no candidate."""
    said: Tensor
    """(B, N): the networks' part of them."""
    bent: Tensor
    """(B, w + 1): the logarithm of what each constant, and the sharpness, is multiplied by."""


class AddressingHead(nn.Module):
    """Scores = formula with w_j(q) + mean of m networks over the candidates' features. Begins exactly at the formula:
    the gates' and the outward weights are 0."""

    def __init__(self, head: Head, base: Weights, *, hop: bool = False) -> None:
        super().__init__()
        self.register_buffer("base", torch.tensor([getattr(base, name) for name in WEIGHTS], dtype=torch.float32))
        self.gates = nn.Parameter(torch.tensor(head.gates, dtype=torch.float32))
        self.inward = nn.Parameter(torch.tensor(head.inward, dtype=torch.float32))
        self.bias = nn.Parameter(torch.tensor(head.bias, dtype=torch.float32))
        self.outward = nn.Parameter(torch.tensor(head.outward, dtype=torch.float32))
        self.hop = nn.Parameter(torch.zeros(()), requires_grad=hop)

    def bent(self, batch: Batch) -> Tensor:
        """The logarithm of what each constant, and the sharpness, is multiplied by for each query: (B, w + 1)."""
        raw = functional.linear(batch.asked, self.gates[:, :-1], self.gates[:, -1])
        return FARTHEST * torch.tanh(raw / FARTHEST)

    def formula(self, batch: Batch, bent: Tensor) -> tuple[Tensor, Tensor]:
        """:func:`memory_store.recall.signals.weighed`, added up; and the part of it without which nothing is
        recalled."""
        factors = torch.exp(bent)
        weights = factors[:, :-1] * self.base
        w = dict(zip(WEIGHTS, weights.unsqueeze(-1).unbind(1), strict=True))
        words = w["words"] * batch.words
        meaning = batch.meaning + batch.gate * batch.unread * words.clamp_max(1.0)
        content = words + w["meaning"] * meaning + w["phrase"] * batch.phrase + self.hop * batch.hop
        content = _sharpened(content, factors[:, -1:])
        lent = attention.lent(content, batch.follows, batch.asks, w["next_turn"], w["previous_turn"])
        evidence = content + lent + w["date"] * batch.date
        plain = torch.cat([w[name] for name in LINEAR], 1).unsqueeze(1) @ batch.linear
        prior = w["session"] * attention.session_prior(content, batch.sessions)
        return evidence + prior + plain.squeeze(1), evidence

    def opinion(self, batch: Batch) -> Tensor:
        """What the networks add, (B, N): 0 in the mean over those they look at, and for all others what makes those no
        worse than they were."""
        width = batch.rows.shape[-1]
        inward = self.inward.flatten(0, 1)
        asked = functional.linear(batch.asked, inward[:, width:], self.bias.flatten())
        hidden = functional.linear(batch.rows, inward[:, :width]) + asked.unsqueeze(1)
        said = functional.silu(hidden) @ self.outward.reshape(-1) / len(self.outward)
        count = batch.best.shape[1]
        seen = batch.places < count
        mean = (said * seen).sum(1, keepdim=True) / seen.sum(1, keepdim=True).clamp_min(1)
        centred = said - mean
        least = centred.masked_fill(~seen, torch.inf).min(1, keepdim=True).values.clamp(max=0.0)
        return least.expand(-1, count + 1).scatter(1, batch.places, centred)[:, :count]

    def forward(self, batch: Batch) -> Scored:
        bent = self.bent(batch)
        score, evidence = self.formula(batch, bent)
        said = self.opinion(batch)
        return Scored((score + said).masked_fill(evidence <= LEAST_EVIDENCE, BEHIND), said, bent)


def _sharpened(content: Tensor, sharpness: Tensor) -> Tensor:
    """c^g max(c)^(1 - g), see :func:`memory_store.recall.signals.content_terms`. content (B, N), sharpness (B, 1)."""
    top = content.max(1, keepdim=True).values.clamp_min(FAINT)
    return content * (content.clamp_min(FAINT) / top) ** (sharpness - 1)
