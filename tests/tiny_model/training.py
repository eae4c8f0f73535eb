"""The training loop: batches in, losses out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

import torch

from tests.tiny_model.batches import Batch, chat_batches
from tests.tiny_model.curriculum import LESSONS, PEAK_RATE, SEED, STEPS, WARM_UP_STEPS, Copying, Lesson, Records
from tests.tiny_model.drills import copying_batches, record_batches
from tests.tiny_model.episodes import draw_example
from tests.tiny_model.tokenizer import train_tokenizer

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast


def learn_tokenizer() -> PreTrainedTokenizerFast:
    """The tokenizer of the made-up world."""
    random = Random(SEED)
    examples = [draw_example(random, memories=random.randint(0, 8), questions=2) for _ in range(4000)]
    return train_tokenizer(message["content"] for example in examples for message in example.messages)


def batches_of(lesson: Lesson, tokenizer: PreTrainedTokenizerFast, random: Random) -> Iterator[Batch]:
    """Endless batches of one lesson."""
    if isinstance(lesson, Copying):
        return copying_batches(lesson, random)
    if isinstance(lesson, Records):
        return record_batches(lesson, random)
    return chat_batches(tokenizer, lesson, random)


def curriculum(tokenizer: PreTrainedTokenizerFast) -> Iterator[Batch]:
    """Every batch of the training, in order."""
    random = Random(SEED + 1)
    for lesson in LESSONS:
        yield from islice(batches_of(lesson, tokenizer, random), lesson.steps)


def losses(network: LlamaForCausalLM, batches: Iterable[Batch], steps: int = STEPS) -> Iterator[float]:
    """Train on ``batches``, ``steps`` of them; yield the weighted mean loss of each, measured before its step."""
    optimiser = torch.optim.AdamW(network.parameters(), betas=(0.9, 0.98), weight_decay=0.05)
    network.train()
    for step, batch in enumerate(batches):
        for group in optimiser.param_groups:
            group["lr"] = rate(step, steps)
        loss = _loss(network, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        yield loss.item()
    network.eval()


def _loss(network: LlamaForCausalLM, batch: Batch) -> torch.Tensor:
    logits = network(input_ids=batch.ids, position_ids=batch.positions, use_cache=False).logits[:, :-1]
    each = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch.ids[:, 1:].flatten(), reduction="none")
    weights = batch.weights[:, 1:].flatten()
    return (each * weights).sum() / weights.sum()


def rate(step: int, steps: int) -> float:
    """Learning rate: a short rise, then a half cosine down to one fiftieth."""
    if step < WARM_UP_STEPS:
        return PEAK_RATE * (step + 1) / WARM_UP_STEPS
    done = (step - WARM_UP_STEPS) / max(1, steps - WARM_UP_STEPS)
    return PEAK_RATE * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
