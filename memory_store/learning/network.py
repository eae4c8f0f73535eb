"""The addressing head in torch: the formula with weights that depend on the query, and a small listwise network.

The same equations as :mod:`memory_store.learning.head` has in NumPy, for a batch of queries, differentiable.
B: queries, N: candidates, f: candidate features, q: query features, w: weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from memory_store.addressing import Weights
from memory_store.learning.examples import Example
from memory_store.learning.head import FARTHEST, WEIGHTS, WIDEST, Head
from memory_store.neural import attention
from memory_store.recall.signals import FAINT, LEAST_EVIDENCE

BEHIND = -9.0
"""The score of what is no candidate."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples side by side, padded. (B, N) where nothing else is said."""

    words: Tensor
    meaning: Tensor
    unread: Tensor
    phrase: Tensor
    session_words: Tensor
    speaker: Tensor
    date: Tensor
    standing: Tensor
    recency: Tensor
    asks: Tensor
    follows: Tensor
    sessions: Tensor
    hop: Tensor
    best: Tensor
    gold: Tensor
    wrong: Tensor
    rows: Tensor
    """(B, K, f): of the K that the network looks at."""
    places: Tensor
    """(B, K): where those stand among the N; N itself is nowhere."""
    asked: Tensor
    """(B, q)."""
    gate: Tensor
    """(B, 1)."""

    @classmethod
    def of(cls, examples: Sequence[Example]) -> Batch:
        most = max(map(len, examples))

        def padded(values: Sequence[np.ndarray], kind: type, nowhere: int = 0) -> Tensor:
            table = np.full((len(values), max(map(len, values)), *values[0].shape[1:]), nowhere, kind)
            for place, one in enumerate(values):
                table[place, : len(one)] = one
            return torch.from_numpy(table)

        every = [one.signals for one in examples]
        places = [np.flatnonzero(one.best) for one in examples]
        floats = {
            name: padded([getattr(one, name) for one in every], np.float32)
            for name in (
                "words",
                "meaning",
                "unread",
                "phrase",
                "session_words",
                "speaker",
                "date",
                "standing",
                "recency",
            )
        }
        return cls(
            **floats,
            asks=padded([one.asks for one in every], np.bool_),
            follows=padded([one.follows for one in every], np.bool_),
            sessions=padded([np.unique(one.sessions, return_inverse=True)[1] for one in every], np.int64),
            hop=padded([np.zeros(len(one)) if one.hop is None else one.hop for one in examples], np.float32),
            best=padded([one.best for one in examples], np.bool_),
            gold=padded([one.gold for one in examples], np.bool_),
            wrong=padded([one.wrong for one in examples], np.bool_),
            rows=padded([one.rows[one.best] for one in examples], np.float32),
            places=padded(places, np.int64, nowhere=most),
            asked=torch.tensor(np.array([one.asked for one in examples]), dtype=torch.float32),
            gate=torch.tensor([[one.gate] for one in every], dtype=torch.float32),
        )

    def only(self, places: Tensor | slice) -> Batch:
        """Some of the queries; a slice copies nothing."""
        return Batch(**{one.name: getattr(self, one.name)[places] for one in fields(self)})

    def to(self, kind: torch.dtype) -> Batch:
        """With floating-point numbers of another kind."""
        every = {one.name: getattr(self, one.name) for one in fields(self)}
        return Batch(**{name: part.to(kind) if part.is_floating_point() else part for name, part in every.items()})


class AddressingHead(nn.Module):
    """Scores = formula with w_j(q) + mean of m networks over the candidates' features. Begins exactly at the formula:
    the gates' and the outward weights are 0."""

    def __init__(self, head: Head, base: Weights, *, hop: bool = False) -> None:
        super().__init__()
        for name in ("query_mean", "query_scale", "mean", "scale"):
            self.register_buffer(name, torch.tensor(getattr(head, name), dtype=torch.float32))
        self.register_buffer("base", torch.tensor([getattr(base, name) for name in WEIGHTS], dtype=torch.float32))
        self.gates = nn.Parameter(torch.tensor(head.gates, dtype=torch.float32))
        self.inward = nn.Parameter(torch.tensor(head.inward, dtype=torch.float32))
        self.bias = nn.Parameter(torch.tensor(head.bias, dtype=torch.float32))
        self.outward = nn.Parameter(torch.tensor(head.outward, dtype=torch.float32))
        self.hop = nn.Parameter(torch.zeros(()), requires_grad=hop)

    def factors(self, batch: Batch) -> Tensor:
        """What each constant, and the sharpness, is multiplied by for each query: (B, w + 1)."""
        asked = self.standard(batch)
        raw = functional.linear(asked, self.gates[:, :-1], self.gates[:, -1])
        return torch.exp(FARTHEST * torch.tanh(raw / FARTHEST))

    def standard(self, batch: Batch) -> Tensor:
        return ((batch.asked - self.query_mean) / self.query_scale).clamp(-WIDEST, WIDEST)

    def formula(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """:func:`memory_store.recall.signals.weighed`, added up; and its part without which nothing is recalled."""
        factors = self.factors(batch)
        w = dict(zip(WEIGHTS, (factors[:, :-1] * self.base).unsqueeze(-1).unbind(1), strict=True))
        words = w["words"] * batch.words
        words = words + w["meaning"] * batch.gate * batch.unread * words.clamp_max(1.0)
        content = words + w["meaning"] * batch.meaning + w["phrase"] * batch.phrase + self.hop * batch.hop
        content = _sharpened(content, factors[:, -1:])
        lent = attention.lent(content, batch.follows, batch.asks, w["next_turn"], w["previous_turn"])
        evidence = content + lent + w["date"] * batch.date
        score = (
            evidence
            + w["session"] * attention.session_prior(content, batch.sessions)
            + w["session_words"] * batch.session_words
            + w["speaker"] * batch.speaker
            + w["standing"] * batch.standing
            + w["recency"] * batch.recency
            - w["question"] * batch.asks
        )
        return score, evidence

    def opinion(self, batch: Batch) -> Tensor:
        """What the networks add, (B, N): 0 in the mean over those they look at, and for all others what makes those no
        worse than they were."""
        width = batch.rows.shape[-1]
        rows = ((batch.rows - self.mean) / self.scale).clamp(-WIDEST, WIDEST)
        asked = torch.einsum("bq,mhq->bmh", self.standard(batch), self.inward[:, :, width:]) + self.bias
        hidden = rows @ self.inward[:, :, :width].reshape(-1, width).T + asked.flatten(1).unsqueeze(1)
        said = functional.silu(hidden) @ self.outward.reshape(-1) / len(self.outward)
        count = batch.best.shape[1]
        seen = batch.places < count
        mean = (said * seen).sum(1, keepdim=True) / seen.sum(1, keepdim=True).clamp_min(1)
        centred = said - mean
        least = centred.masked_fill(~seen, torch.inf).amin(1, keepdim=True).clamp(max=0.0)
        return least.expand(-1, count + 1).scatter(1, batch.places, centred)[:, :count]

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Scores (B, N), :data:`BEHIND` for what is no candidate; and the networks' part of them."""
        score, evidence = self.formula(batch)
        said = self.opinion(batch)
        return torch.where(evidence > LEAST_EVIDENCE, score + said, torch.full_like(score, BEHIND)), said


def _sharpened(content: Tensor, sharpness: Tensor) -> Tensor:
    """c^g max(c)^(1 - g), see :func:`memory_store.recall.signals.content_terms`. content (B, N), sharpness (B, 1)."""
    top = content.amax(1, keepdim=True).clamp_min(FAINT)
    return content * (content.clamp_min(FAINT) / top) ** (sharpness - 1)
