"""Examples as tensors: token ids, positions, and how much each token counts in the loss."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import torch

from tests.tiny_model.curriculum import Stage
from tests.tiny_model.episodes import Example, draw_example
from tests.tiny_model.tokenizer import END, START

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedTokenizerFast

REPLY = re.compile(re.escape(f"{START}assistant\n") + f"(.*?{re.escape(END)})", re.DOTALL)
LONGEST = 1024
"""Longer examples are left out: they cost more than they teach."""
DRAWN_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Row:
    """One chat as tokens. ``weights[i]``: that of predicting ``ids[i]``; 1 for what the assistant says."""

    ids: list[int]
    weights: list[float]


@dataclass(frozen=True, slots=True)
class Batch:
    """Tensors of shape [rows, tokens], padded on the right: with causal attention no real token sees the padding."""

    ids: Tensor
    weights: Tensor
    positions: Tensor


def rows_of(tokenizer: PreTrainedTokenizerFast, examples: Sequence[Example], context_weight: float) -> list[Row]:
    texts = [str(tokenizer.apply_chat_template(list(e.messages), tokenize=False)) for e in examples]
    rows = []
    for text, encoding in zip(texts, tokenizer.backend_tokenizer.encode_batch(texts), strict=True):
        replies = [match.span(1) for match in REPLY.finditer(text)]
        spoken = [any(a <= start and end <= b for a, b in replies) for start, end in encoding.offsets]
        rows.append(Row(encoding.ids, [1.0 if is_spoken else context_weight for is_spoken in spoken]))
    return rows


def collate(rows: Sequence[Row]) -> Batch:
    width = max(len(row.ids) for row in rows)
    ids = torch.zeros((len(rows), width), dtype=torch.long)
    weights = torch.zeros((len(rows), width))
    for number, row in enumerate(rows):
        ids[number, : len(row.ids)] = torch.tensor(row.ids)
        weights[number, : len(row.ids)] = torch.tensor(row.weights)
    return Batch(ids, weights, torch.arange(width).repeat(len(rows), 1))


def chat_batches(tokenizer: PreTrainedTokenizerFast, stage: Stage, random: Random) -> Iterator[Batch]:
    """Endless batches of ``stage``, each of chats of like length."""
    while True:
        drawn = [
            draw_example(random, memories=random.randint(*stage.memories), questions=random.randint(*stage.questions))
            for _ in range(DRAWN_AT_ONCE)
        ]
        rows = [row for row in rows_of(tokenizer, drawn, stage.context_weight) if len(row.ids) <= LONGEST]
        groups = list(_grouped(sorted(rows, key=lambda row: len(row.ids)), stage.tokens))
        random.shuffle(groups)
        for group in groups:
            batch = collate(group)
            _make_gaps(batch.positions, random, stage.gaps)
            yield batch


def _make_gaps(positions: Tensor, random: Random, share: float) -> None:
    """Holes in the positions of some rows, as if much more had stood there, so that distance comes not to matter."""
    for row in positions:
        if random.random() < share:
            for _ in range(random.randint(1, 4)):
                row[random.randrange(len(row)) :] += random.randint(0, 300)


def _grouped(rows: list[Row], tokens: int) -> Iterator[list[Row]]:
    group: list[Row] = []
    for row in rows:
        if group and (len(group) + 1) * len(row.ids) > tokens:
            yield group
            group = []
        group.append(row)
    if group:
        yield group
