"""Training a head by gradient descent: smooth recall, from the fixed formula on, and never far from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from memory_store.addressing import Weights
from memory_store.embedding.library import one_thread
from memory_store.errors import NotLearned
from memory_store.learning.descent import AdamW
from memory_store.learning.examples import Example
from memory_store.learning.head import WEIGHTS, Head, blank, kind_of
from memory_store.learning.network import BEHIND, AddressingHead, Batch, Scored

DEPTHS = (1, 3, 5, 10, 25)
"""Recall at these is what is smoothed."""

SMOOTH = 0.1
"""Difference in score at which a place counts for 73 %."""

HIDDEN = 16
EPOCHS = 8
BATCH = 64
RATE = 0.01
DECAY = 1e-3
PULL = 1.0
"""How dear what the network says is: times its mean square."""
PULL_OF_GATES = 0.05
"""The same for the logarithms of what constants are multiplied by."""

PLENTY = 200
"""With fewer examples than this, the formula pulls harder: in proportion."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What of the head is at work: for comparing the memories of the literature (docs/learning.md)."""

    weights: tuple[str, ...] = WEIGHTS
    """The others are 0."""
    adaptive: bool = True
    """Whether constants depend on the query."""
    sharpens: bool = True
    network: bool = True
    hop: bool = False

    def base(self) -> Weights:
        """The formula's constants, as far as these parts have them."""
        return replace(Weights(), **{name: 0.0 for name in WEIGHTS if name not in self.weights})


FULL = Parts()


@dataclass(frozen=True, slots=True)
class Trained:
    module: AddressingHead
    begun: Head
    """What it began at: the scales, and the kind of what it was trained on."""

    def head(self) -> Head:
        """As recall applies it."""
        learned = ("gates", "inward", "bias", "outward")
        arrays = {name: getattr(self.module, name).detach().numpy().astype(np.float64) for name in learned}
        return replace(self.begun, **arrays)

    def changed(self, examples: Sequence[Example]) -> tuple[dict[str, tuple[float, float]], float]:
        """Each constant, and the sharpness, before and in the mean over the queries after; and the spread of what the
        network says of those it looks at."""
        batch = Batch.of(examples, self.begun)
        with torch.no_grad():
            factors = torch.exp(self.module.bent(batch)).mean(0).tolist()
            said = self.module.opinion(batch)[batch.best]
        before = [getattr(Weights(), name) for name in WEIGHTS] + [1.0]
        names = (*WEIGHTS, "sharpness")
        table = {name: (was, was * by) for name, was, by in zip(names, before, factors, strict=True)}
        return table, float(said.std())

    def scores(self, examples: Sequence[Example]) -> np.ndarray:
        """(B, N)."""
        with torch.no_grad():
            return np.asarray(self.module(Batch.of(examples, self.begun)).scores.numpy())


@one_thread()
def train(
    examples: Sequence[Example],
    *,
    parts: Parts = FULL,
    seed: int = 0,
    epochs: int = EPOCHS,
    progress: Callable[[int, int], object] = lambda _done, _total: None,
) -> Trained:
    """A head for these examples. The same seed gives the same head.

    Raises NotLearned where no example has anything to put first, or where learning ends in what is no number.
    """
    useful = [one for one in examples if one.gold.any() or one.wrong.any()]
    if not any(one.gold.any() for one in useful):
        raise NotLearned("No question's wanted memory is among its candidates, so there is nothing to put first.")
    lots = np.random.default_rng(seed)
    begun = _begun(useful, parts, torch.Generator().manual_seed(seed))
    module = AddressingHead(begun, parts.base(), hop=parts.hop)
    batch, keys = Batch.of(useful, begun), _keys(useful)
    scarce = max(1.0, PLENTY / len(useful))
    descent = AdamW(module.parameters(), DECAY)
    steps = epochs * math.ceil(len(useful) / BATCH)
    done = 0
    for _ in range(epochs):
        order = torch.from_numpy(lots.permutation(len(useful)))
        mixed, mixed_keys = batch.only(order), None if keys is None else keys[order]
        for start in range(0, len(useful), BATCH):
            some = slice(start, start + BATCH)
            loss = _loss(module, mixed.only(some), None if mixed_keys is None else mixed_keys[some], scarce)
            if not torch.isfinite(loss):
                raise NotLearned("Learning went wrong: the loss is no number. Nothing was changed.")
            loss.backward()
            _hold(module, parts)
            descent.step(RATE * (1 - done / steps))
            done += 1
            progress(done, steps)
    if not all(bool(torch.isfinite(one).all()) for one in module.parameters()):
        raise NotLearned("Learning went wrong: a parameter is no number. Nothing was changed.")
    return Trained(module, begun)


def _begun(examples: Sequence[Example], parts: Parts, drawn_by: torch.Generator) -> Head:
    """The head that changes nothing, with the scales of what it will see."""
    rows = np.concatenate([one.rows[one.best] for one in examples])
    asked = np.array([one.asked for one in examples])
    kinds = np.array([kind_of(one.signals) for one in examples])
    own = blank()
    hidden, width = (HIDDEN, rows.shape[1] + asked.shape[1]) if parts.network else (1, own.inward.shape[-1])
    reach = 1 / math.sqrt(width)
    drawn = torch.empty(1, hidden, width + 1).uniform_(-reach, reach, generator=drawn_by).numpy().astype(np.float64)
    return replace(
        own,
        query_mean=asked.mean(0),
        query_scale=asked.std(0) + 1e-2,
        mean=rows.mean(0),
        scale=rows.std(0) + 1e-3,
        inward=drawn[:, :, :-1],
        bias=drawn[:, :, -1],
        outward=np.zeros((1, hidden)),
        kind=np.array([kinds.min(0), kinds.max(0)]),
    )


def _hold(module: AddressingHead, parts: Parts) -> None:
    """No gradient for what is not at work."""
    gates = module.gates.grad
    if gates is not None:
        if not parts.adaptive:
            gates[:, :-1] = 0
        if not parts.sharpens:
            gates[-1] = 0
    if not parts.network and module.outward.grad is not None:
        module.outward.grad.zero_()


def _loss(module: AddressingHead, batch: Batch, keys: Tensor | None, scarce: float) -> Tensor:
    found: Scored = module(batch)
    seen = batch.best
    pull = ((found.said * seen) ** 2).sum(1).div(seen.sum(1).clamp_min(1)).mean()
    return smooth_recall(found.scores, batch.gold, batch.wrong, keys) + scarce * (
        PULL * pull + PULL_OF_GATES * (found.bent**2).sum(1).mean()
    )


def smooth_recall(scores: Tensor, gold: Tensor, wrong: Tensor, keys: Tensor | None = None) -> Tensor:
    """What is lost of recall, smoothed so that it has a gradient; the mean over queries.

    For each k of :data:`DEPTHS` and each wanted memory i: sigmoid((s_(k) - s_i) / .1), s_(k) being the k-th best score
    among the others; for each that is wrong there, sigmoid((s_i - s_(k)) / .1). scores, gold, wrong: (B, N); ``keys``:
    (B, N), numbers of what counts as found; of several candidates of one key, the best counts.
    """
    if keys is not None:
        none = torch.full_like(scores, BEHIND)
        nothing = torch.zeros_like(scores)
        scores = none.scatter_reduce(1, keys, scores, "amax", include_self=True)
        gold = nothing.scatter_reduce(1, keys, gold.to(scores.dtype), "amax", include_self=True) > 0
        wrong = nothing.scatter_reduce(1, keys, wrong.to(scores.dtype), "amax", include_self=True) > 0
    depth = min(max(DEPTHS), scores.shape[1])
    judged = gold | wrong
    others = scores.masked_fill(judged, BEHIND).topk(depth, dim=1).values
    least = others[:, [min(k, depth) - 1 for k in DEPTHS]]
    query, place = judged.nonzero(as_tuple=True)
    ahead = scores[query, place].unsqueeze(1) - least[query]
    wanted = gold[query, place].unsqueeze(1)
    lost = torch.sigmoid(torch.where(wanted, -ahead, ahead) / SMOOTH).mean(1)
    return (lost / judged.sum(1)[query]).sum() / len(scores)


def _keys(examples: Sequence[Example]) -> Tensor | None:
    """Numbers of keys, (B, N); None where every candidate has one of its own."""
    if all(len(set(one.keys.tolist())) == len(one) for one in examples):
        return None
    most = max(map(len, examples))
    table = np.full((len(examples), most), most - 1, np.int64)
    for place, one in enumerate(examples):
        table[place, : len(one)] = np.unique(one.keys, return_inverse=True)[1]
    return torch.from_numpy(table)


def formula_scores(examples: Sequence[Example]) -> np.ndarray:
    """What the fixed formula gives, (B, N)."""
    return Trained(AddressingHead(blank(), Weights()), blank()).scores(examples)
