"""Training of a soft-token adapter for the tests' tiny model: made-up lives, questions, and the replies that are right.

The model stays as it is; the loss is its own, of the reply alone (teacher forcing). Most prompts leave the memories to
the soft tokens, so that these have something to tell; in the others they stand there as text, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

import torch
from torch import Tensor

from agent.models.base import Message
from agent.models.chat_format import ChatFormat
from agent.models.soft_tokens import SoftTokens
from agent.quoting import in_time_order, last_message, memory_line
from memory_store.embedding.base import Embedder
from memory_store.records import Turn
from tests.tiny_model.episodes import World
from tests.tiny_model.world import I_DO_NOT_KNOW, Fact, cited

MOST_KNOWN = 6
"""Facts of one made-up life, and memories that are put into soft tokens."""
WITH_TEXT, UNKNOWN = 0.2, 0.2
"""Shares of batches in which the memories stand as text, too, and of questions that none of them answers."""
LIVES, HIDDEN = 250, 256
"""Made-up lives, drawn once, so that each text is embedded once; and the adapter's hidden units."""


@dataclass(frozen=True, slots=True)
class Life:
    """What is known of somebody, in the order of the memories' numbers, and what the memories mean: (facts, d)."""

    facts: Sequence[Fact]
    memories: Sequence[Turn]
    vectors: Tensor
    unknown: Fact
    """Something else about the same people."""
    now: datetime

    @classmethod
    def drawn(cls, random: Random, embedder: Embedder) -> Life:
        world = World(random)
        unknown, *facts = world.facts(random.randint(2, MOST_KNOWN + 1))
        told = {world.memory_of(fact): fact for fact in facts}
        memories = in_time_order(told)
        vectors = torch.from_numpy(embedder.encode([memory.text for memory in memories]))
        return cls([told[memory] for memory in memories], memories, vectors, unknown, world.now)


@dataclass(frozen=True, slots=True)
class Example:
    """``ids`` of a prompt, where in it the soft tokens stand, what they tell of, (memories, d), and the reply's ids."""

    ids: list[int]
    at: int
    vectors: Tensor
    reply: list[int]


def asked_of(life: Life, random: Random, form: ChatFormat, end: Sequence[int], *, with_text: bool) -> Example:
    """One of its facts is asked for, or something that none of them tells."""
    if random.random() < UNKNOWN:
        fact, said = life.unknown, I_DO_NOT_KNOW
    else:
        number = random.randrange(len(life.facts))
        fact, said = life.facts[number], cited(life.facts[number].answer, number + 1)
    lines = [memory_line(place, memory) for place, memory in enumerate(life.memories, start=1)] if with_text else []
    prompt = [Message("user", last_message(fact.ask(random), lines, life.now))]
    ids = form.ids(prompt)
    return Example(ids, len(ids) - form.behind(prompt), life.vectors, [*form.content_ids(said), *end])


def loss_of(model: Any, tokens: SoftTokens, examples: Sequence[Example]) -> Tensor:
    """Mean over the tokens of the replies."""
    rows, wanted = [], []
    for example in examples:
        places = torch.arange(len(example.vectors))
        soft = tokens.embeddings(model, example.vectors, places).flatten(0, 1)
        spoken = torch.tensor([*example.ids, *example.reply])
        words = model.get_input_embeddings()(spoken)
        rows.append(torch.cat([words[: example.at], soft, words[example.at :]]))
        silent = torch.full((len(example.ids) + len(soft),), -100)
        wanted.append(torch.cat([silent, torch.tensor(example.reply)]))
    inputs = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    targets = torch.nn.utils.rnn.pad_sequence(wanted, batch_first=True, padding_value=-100)
    logits = model(inputs_embeds=inputs, use_cache=False).logits[:, :-1]
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets[:, 1:].flatten(), ignore_index=-100)


def train(
    model: Any,
    form: ChatFormat,
    end: Sequence[int],
    embedder: Embedder,
    *,
    tokens: int,
    steps: int,
    rows: int = 12,
    rate: float = 1e-2,
    seed: int = 0,
    watch: Callable[[str], None],
) -> SoftTokens:
    """An adapter of ``tokens`` soft tokens for each memory. The model is as before."""
    random = Random(seed)
    lives = [Life.drawn(random, embedder) for _ in range(LIVES)]
    watch(f"soft tokens: {LIVES} lives are drawn")
    size = {"dimensions": embedder.dimensions, "tokens": tokens, "most": MOST_KNOWN, "hidden": HIDDEN}
    adapter = SoftTokens.begin(model, embedder.fingerprint, **size, seed=seed)
    model.requires_grad_(False)
    for tensor in adapter.weights.values():
        tensor.requires_grad_()
    optimiser = torch.optim.Adam(adapter.weights.values(), lr=rate)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    recent = 0.0
    for step in range(1, steps + 1):
        text = random.random() < WITH_TEXT
        examples = [asked_of(random.choice(lives), random, form, end, with_text=text) for _ in range(rows)]
        loss = loss_of(model, adapter, examples)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(adapter.weights.values(), 1.0)
        optimiser.step()
        falling.step()
        recent = loss.item() if step == 1 else 0.95 * recent + 0.05 * loss.item()
        if step % 20 == 0:
            watch(f"soft tokens: step {step} of {steps}, loss {recent:.3f}")
    for tensor in adapter.weights.values():
        tensor.requires_grad_(False)
    return adapter
