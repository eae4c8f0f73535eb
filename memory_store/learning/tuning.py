"""A cross-encoder tuned from a sentence embedder: the same layers, reading query and memory together.

It starts with no word of its own (the last layer is 0, so that recall's order stays) and learns what recall's score
leaves over: the loss is a listwise softmax over recall's score plus its logit (Cao et al. 2007), the others of the list
being the hardest there are: what recall puts among the best, and was not wanted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from memory_store.addressing import Floats
from memory_store.embedding.library import quicker, silence
from memory_store.errors import NotLearned, RerankerError
from memory_store.learning.lessons import Lesson

MAX_TOKENS = 128
"""Of query and memory together, while learning."""
LIST = 8
"""Memories of a query that are compared at once."""
QUERIES = 4
"""Of a step."""
EPOCHS = 3
RATE = 5e-5
WARM = 0.1
"""Share of the steps in which the rate rises."""
SMOOTH = 0.1
"""Difference in recall's score that counts as one in the logits."""
FROZEN = 0.5
"""Share of the layers, from below, that stay as they are: half of the time, and less to forget."""


class Tuning:
    """A cross-encoder that is being made. Imports torch and transformers."""

    def __init__(self, embedder: Path, *, seed: int = 0) -> None:
        """``embedder``: a folder that transformers can read. Raises RerankerError."""
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        silence()
        torch.manual_seed(seed)
        try:
            self.tokenizer: Any = AutoTokenizer.from_pretrained(str(embedder), local_files_only=True)
            self.model: Any = AutoModelForSequenceClassification.from_pretrained(
                str(embedder), num_labels=1, local_files_only=True
            )
        except (RuntimeError, ValueError, OSError, KeyError) as error:
            raise RerankerError(f"{embedder} cannot be tuned: {str(error).splitlines()[0]}") from error
        self._lots = np.random.default_rng(seed)
        head = self.model.classifier
        torch.nn.init.zeros_(head.weight)
        torch.nn.init.zeros_(head.bias)
        base = self.model.base_model
        for part in (base.embeddings, *base.encoder.layer[: round(FROZEN * len(base.encoder.layer))]):
            part.requires_grad_(requires_grad=False)

    def learn(
        self,
        lessons: Sequence[Lesson],
        *,
        epochs: int = EPOCHS,
        progress: Callable[[int, int], object] = lambda _done, _total: None,
    ) -> None:
        """Raises NotLearned where nothing can be put first, or where learning ends in what is no number."""
        import torch

        useful = [one for one in lessons if one.gold.any() and not one.gold.all()]
        if not useful:
            raise NotLearned("No question's wanted memory is among its candidates, so there is nothing to put first.")
        weights = [one for one in self.model.parameters() if one.requires_grad]
        optimizer = torch.optim.AdamW(weights, lr=RATE, weight_decay=0.01)
        steps = epochs * math.ceil(len(useful) / QUERIES)
        done = 0
        self.model.train()
        for _ in range(epochs):
            order = self._lots.permutation(len(useful))
            for start in range(0, len(order), QUERIES):
                rate = min(1.0, (done + 1) / (WARM * steps)) * (1 - done / steps)
                for group in optimizer.param_groups:
                    group["lr"] = RATE * rate
                loss = self._loss([useful[place] for place in order[start : start + QUERIES]])
                if not torch.isfinite(loss):
                    raise NotLearned("Learning went wrong: the loss is no number. Nothing was changed.")
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(weights, 1.0)
                optimizer.step()
                done += 1
                progress(done, steps)
        self.model.eval()

    def _loss(self, lessons: Sequence[Lesson]) -> Any:
        import torch

        places = [self._drawn(one) for one in lessons]
        pairs = [(one.query, one.texts[place]) for one, some in zip(lessons, places, strict=True) for place in some]
        logits = self._logits(pairs)
        losses, begin = [], 0
        for one, some in zip(lessons, places, strict=True):
            base = torch.tensor(one.scores[some], dtype=torch.float32) / SMOOTH
            said = torch.log_softmax(base + logits[begin : begin + len(some)], 0)
            losses.append(-said[torch.from_numpy(one.gold[some])].mean())
            begin += len(some)
        return torch.stack(losses).mean()

    def _drawn(self, lesson: Lesson) -> np.ndarray:
        """Places of one that was wanted and of others that were not, what was said to be wrong first."""
        gold = self._lots.choice(np.flatnonzero(lesson.gold), 1)
        others = np.flatnonzero(~lesson.gold & ((np.arange(len(lesson.gold)) < lesson.looked_at()) | lesson.wrong))
        if not len(others):
            others = np.flatnonzero(~lesson.gold)
        mixed = self._lots.permutation(others)
        return np.concatenate([gold, mixed[np.argsort(~lesson.wrong[mixed], kind="stable")][: LIST - 1]])

    def _logits(self, pairs: Sequence[tuple[str, str]]) -> Any:

        inputs = self.tokenizer(
            [query for query, _ in pairs],
            [text for _, text in pairs],
            padding=True,
            truncation="longest_first",
            max_length=MAX_TOKENS,
            return_tensors="pt",
        )
        with quicker():
            return self.model(**inputs).logits[:, 0].float()

    def says(self, lesson: Lesson) -> Floats:
        """The logits of what is looked at, in the lesson's order."""
        import torch

        pairs = [(lesson.query, text) for text in lesson.texts[: lesson.looked_at()]]
        with torch.inference_mode():
            return np.asarray(self._logits(pairs).numpy(), np.float64)

    def save(self, folder: Path) -> None:
        """As :class:`~memory_store.reranking.cross_encoder.CrossEncoder` reads it. Raises OSError."""
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)
