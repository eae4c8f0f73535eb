"""How often the tiny model is right about facts whose names and values it has never seen."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

import torch

from tests.tiny_model.batches import Row, collate, rows_of
from tests.tiny_model.episodes import Example, draw_example

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

AT_ONCE = 25


def held_out_examples(count: int, *, memories: int, seed: int) -> list[Example]:
    """Chats whose last question can be answered from the memories, all of held-out words."""
    random, examples = Random(seed), list[Example]()
    while len(examples) < count:
        example = draw_example(random, memories=memories, for_tests=True)
        if example.value is not None:
            examples.append(example)
    return examples


@torch.no_grad()
def exact_share(network: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, examples: Sequence[Example]) -> float:
    """Share of the last replies that greedy decoding gives word for word.

    Read off in one pass: decoding gives the reply exactly when after each of its beginnings its next token is best.
    """
    right = 0
    for start in range(0, len(examples), AT_ONCE):
        rows = rows_of(tokenizer, examples[start : start + AT_ONCE], context_weight=0.0)
        batch = collate(rows)
        likeliest = network(input_ids=batch.ids, use_cache=False).logits.argmax(-1)
        right += sum(_is_right(row, likeliest[number].tolist()) for number, row in enumerate(rows))
    return right / len(examples)


def _is_right(row: Row, likeliest: list[int]) -> bool:
    spoken = [place for place, weight in enumerate(row.weights) if weight == 1.0]
    last = len(spoken) - 1
    while last > 0 and spoken[last - 1] == spoken[last] - 1:
        last -= 1
    return all(likeliest[place - 1] == row.ids[place] for place in spoken[last:])
