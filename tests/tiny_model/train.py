"""Train the tiny language model of the tests and save it: ``python -m tests.tiny_model.train [FOLDER]``."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import torch

from tests.tiny_model.curriculum import SEED, STEPS
from tests.tiny_model.evaluate import exact_share, held_out_examples
from tests.tiny_model.fixtures import CHECKPOINT
from tests.tiny_model.manifest import MANIFEST, describe
from tests.tiny_model.network import new_network
from tests.tiny_model.training import curriculum, learn_tokenizer, losses

REPORT_EVERY, EVALUATE_EVERY = 50, 150


def main(folder: Path = CHECKPOINT) -> None:
    """Train from nothing, tell the progress on standard error, save checkpoint and manifest in ``folder``."""
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
    tokenizer, network = learn_tokenizer(), new_network(SEED)
    examples = held_out_examples(100, memories=10, seed=SEED + 2)
    began, recent = time.monotonic(), list[float]()
    for step, loss in enumerate(losses(network, curriculum(tokenizer)), start=1):
        recent.append(loss)
        if step % REPORT_EVERY == 0:
            right = f", {exact_share(network, tokenizer, examples):.0%} right" if step % EVALUATE_EVERY == 0 else ""
            mean, spent = sum(recent) / len(recent), time.monotonic() - began
            print(f"step {step} of {STEPS}: loss {mean:.4f}{right}, {spent:.0f} s", file=sys.stderr, flush=True)
            recent.clear()
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    manifest = json.dumps(describe(folder), indent=2)
    (folder / MANIFEST).write_text(manifest + "\n", encoding="utf-8")
    print(manifest, file=sys.stderr)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:2]))
