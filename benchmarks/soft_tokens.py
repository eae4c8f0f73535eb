"""Recalled memories as text, as soft tokens, as both, as neither: how often the answer is right, and what it costs.

    python benchmarks/soft_tokens.py                              trains an adapter for the tests' tiny model, then asks
    python benchmarks/soft_tokens.py --keep soft.safetensors      and keeps it: model.soft_tokens can name it
    python benchmarks/soft_tokens.py --adapter soft.safetensors --json     only asks; the last line is one JSON object

The adapter (agent/models/soft_tokens.py) is trained by the frozen model's own loss on made-up lives. Then facts are put
into a real store, and each is asked for: recall, prompt and generation are the product's. Three kinds of fact: values
of words that the training had, in new combinations; values of words it never had (words and soft tokens alike); and
whether a fact is known at all, where half of the questions ask for one that nobody told.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from time import process_time
from typing import Any

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[1])

import torch

from agent.models.base import Generated, MemoryVectors, Prompt, Sampling
from agent.models.chat_format import ChatFormat
from agent.models.checkpoint import Checkpoint, load_checkpoint
from agent.models.soft_tokens import SoftMemory, SoftTokens
from agent.models.transformers_model import TransformersModel
from agent.prompt import DEFAULT_SYSTEM, assemble
from agent.quoting import in_time_order
from agent.settings import ModelSettings
from benchmarks.soft_token_training import MOST_KNOWN, train
from memory_store import MemoryStore
from memory_store.embedding import default_embedder
from memory_store.records import Recollections
from tests.tiny_model.words import Words
from tests.tiny_model.world import ATTRIBUTES, I_DO_NOT_KNOW, Fact, draw_fact

MODEL = Path(__file__).parents[1] / "tests" / "tiny_model" / "checkpoint"
GREEDY = Sampling(temperature=0, max_new_tokens=40)
WAYS = {"neither": (False, False), "text": (True, False), "soft tokens": (False, True), "both": (True, True)}
"""What of the memories is in the prompt: their text, their soft tokens."""
KINDS = ("words of the training", "words never seen", "known or not")


def main() -> int:
    asked = _arguments()
    torch.set_num_threads(1)
    checkpoint = load_checkpoint(MODEL, ModelSettings(name=str(MODEL)))
    began = process_time()
    tokens = SoftTokens.load(asked.adapter, checkpoint.model) if asked.adapter else _trained(checkpoint, asked)
    trained_s = process_time() - began
    if asked.keep:
        tokens.save(asked.keep)
    soft = SoftMemory(tokens, checkpoint.model)
    with closing(TransformersModel(checkpoint, name="tiny", soft_memory=soft)) as model:
        kinds = {kind: _answered(model, kind, asked) for kind in KINDS}
    found = {"soft_tokens_per_memory": tokens.per_memory, "training_cpu_s": round(trained_s, 1), "kinds": kinds}
    if asked.json:
        print(json.dumps(found))
    else:
        _print(kinds)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=4, help="soft tokens for each memory (default: 4)")
    parser.add_argument("--steps", type=int, default=220, help="of training, 12 questions each (default: 220)")
    parser.add_argument("--questions", type=int, default=24, help="of each kind (default: 24)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--adapter", type=Path, help="one that was kept, instead of training")
    parser.add_argument("--keep", type=Path, help="write the trained adapter here")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    return parser.parse_args()


def _trained(checkpoint: Checkpoint, asked: argparse.Namespace) -> SoftTokens:
    form, end = ChatFormat(checkpoint.tokenizer), [min(checkpoint.end_tokens)]
    return train(
        checkpoint.model,
        form,
        end,
        default_embedder(),
        tokens=asked.tokens,
        steps=asked.steps,
        seed=asked.seed,
        watch=_say,
    )


def _answered(model: TransformersModel, kind: str, asked: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Way -> share of right replies, and tokens of the prompt in the median."""
    random = Random(asked.seed + KINDS.index(kind))
    facts = _facts(asked.questions, random, held_out=kind == "words never seen")
    told = facts[::2] if kind == "known or not" else facts
    right: dict[str, list[bool]] = {way: [] for way in WAYS}
    costs: dict[str, list[int]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder, MemoryStore.open(folder, indexing="manual") as store:
        for fact in told:
            store.remember(fact.tell(random), speaker="user")
        store.embed_now()
        for number, fact in enumerate(facts, start=1):
            words = fact.ask(random)
            recalled = store.recall(words, limit=MOST_KNOWN)
            for way, (text, soft) in WAYS.items():
                reply, cost = _said(model, _prompt(store, model, words, recalled, text=text), soft)
                silent = reply.strip() == I_DO_NOT_KNOW
                known = fact in told
                right[way].append(silent != known if kind == "known or not" else fact.value in reply)
                costs[way].append(cost)
            _say(f"{kind}: {number} of {len(facts)} asked")
    return {way: {"right": round(sum(right[way]) / len(facts), 4), "prompt_tokens": median(costs[way])} for way in WAYS}


def _facts(count: int, random: Random, *, held_out: bool) -> list[Fact]:
    words = Words(random, for_tests=held_out)
    kinds = list(ATTRIBUTES)
    people: Sequence[str | None] = [None, *(words.full_name() for _ in range(count // 2))]
    keys = random.sample([(person, kind) for person in people for kind in kinds], count)
    return [draw_fact(words, person=person, attribute=kind) for person, kind in keys]


def _prompt(store: MemoryStore, model: TransformersModel, words: str, recalled: Recollections, *, text: bool) -> Prompt:
    prompt = assemble(
        words,
        history=[],
        recollections=recalled if text else Recollections(),
        pinned=[],
        now=store.clock(),
        model=model,
        sampling=GREEDY,
        system=DEFAULT_SYSTEM,
    ).prompt
    memories = tuple(in_time_order(item.memory for item in recalled))
    return replace(
        prompt, memories=memories, vectors=MemoryVectors(*store.vectors_of([memory.id for memory in memories]))
    )


def _said(model: TransformersModel, prompt: Prompt, soft: bool) -> tuple[str, int]:
    """The reply, and the tokens of its prompt."""
    assert model.soft_memory is not None
    model.soft_memory.on = soft
    stream, text = model.stream(prompt, GREEDY, threading.Event()), ""
    while True:
        try:
            text += str(next(stream))
        except StopIteration as end:
            ended: Generated = end.value
            return text, ended.prompt_tokens


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _print(kinds: dict[str, Any]) -> None:
    print(f"{'right, prompt tokens':<26}" + "".join(f"{way:>20}" for way in WAYS))
    for kind, ways in kinds.items():
        cells = (f"{row['right']:.1%}, {row['prompt_tokens']:.0f}" for row in ways.values())
        print(f"{kind:<26}" + "".join(f"{cell:>20}" for cell in cells))


if __name__ == "__main__":
    sys.exit(main())
