"""What the checkpoint was made from, so that a test can tell whether the script still makes it."""

from __future__ import annotations

import hashlib
import json
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from tests.tiny_model.curriculum import LESSONS, SEED
from tests.tiny_model.episodes import draw_example
from tests.tiny_model.evaluate import exact_share, held_out_examples
from tests.tiny_model.network import new_network
from tests.tiny_model.training import batches_of, losses

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

MANIFEST = "manifest.json"
EVALUATED = {"3": 3, "10": 10}
"""Name in the manifest -> facts among the memories."""
EVALUATION_SEED = SEED + 100


def loaded(folder: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerFast]:
    """Network and tokenizer as the product loads them: by transformers' own choice of classes."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    network = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)
    return network, AutoTokenizer.from_pretrained(folder, local_files_only=True)


def describe(folder: Path) -> dict[str, Any]:
    """The manifest of the checkpoint in ``folder``."""
    network, tokenizer = loaded(folder)
    return {
        "world": world_hash(),
        "curriculum": repr((SEED, LESSONS)),
        "tokenizer": file_hash(folder / "tokenizer.json"),
        "weights": file_hash(folder / "model.safetensors"),
        "first_losses": [round(loss, 4) for loss in rehearsal(tokenizer)],
        "held_out_exact": {
            name: exact_share(network, tokenizer, held_out_examples(400, memories=count, seed=EVALUATION_SEED))
            for name, count in EVALUATED.items()
        },
    }


def world_hash() -> str:
    """A digest of 300 chats of the made-up world, prompt format included: any change of either changes it."""
    random = Random(SEED)
    chats = [draw_example(random, memories=random.randint(0, 12), questions=2).messages for _ in range(300)]
    return hashlib.sha256(json.dumps(chats).encode()).hexdigest()


def rehearsal(tokenizer: PreTrainedTokenizerFast) -> list[float]:
    """The losses of a short training from nothing: a step of each lesson."""
    random = Random(SEED)
    batches = [batch for lesson in LESSONS for batch in islice(batches_of(lesson, tokenizer, random), 1)]
    return list(losses(new_network(SEED), batches, steps=100))


def file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
