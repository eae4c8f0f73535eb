"""`mneme bench recall --head`: learned heads on stores they were not trained on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agent.bench.data import DataSet
from agent.bench.embedding import CachingEmbedder
from agent.bench.formats.loading import load
from agent.learning.comparing import HEADS, compare, compared_on, rotation
from agent.learning.labelled import corpus_examples
from memory_store.errors import InvalidInput
from tests.bench.making import Write, locomo_sample, silently
from tests.learning.making import matters


@pytest.fixture
def data(write: Write) -> DataSet:
    """Four stores of two people; of two turns alike but for a date, the dated is wanted."""
    found, samples = matters(), []
    for number in range(4):
        said: list[str] = []
        asked: list[dict[str, Any]] = []
        for place, (name, deed) in enumerate(next(found) for _ in range(40)):
            dated = f"So {name} went {deed} last Monday, on 3 May, two days"
            said += [f"So {name} really loves {deed} very much, you know", dated, "Fine weather."]
            said[-3:-1] = said[-3:-1][:: 1 if place % 2 else -1]
            wanted = [f"D1:{said.index(dated) + 1}"]
            asked.append({"question": f"When was {deed} with {name}?", "evidence": wanted, "category": 4})
        samples.append(locomo_sample(f"s{number}", "Ana", "Ben", said, qa=asked))
    [loaded] = load([write("locomo.json", samples)])
    return loaded


def test_every_two_fifths_of_the_stores_are_held_out(data: DataSet, embedder: CachingEmbedder) -> None:
    examples = [one for corpus in data.corpora for one in corpus_examples(corpus, embedder, silently)]
    splits, by = rotation(examples)
    assert (len(splits), by) == (6, "stores")  # two of four
    for inside in splits:
        groups = {examples[place].group for place in inside}
        assert len(groups) == 2
        assert all(one.group not in groups for place, one in enumerate(examples) if place not in inside)
    assert (np.bincount(np.concatenate(splits)) == 3).all()


def test_heads_stand_beside_the_formula_and_the_full_one_learns(data: DataSet, embedder: CachingEmbedder) -> None:
    examples = [one for corpus in data.corpora for one in corpus_examples(corpus, embedder, silently, hops=True)]
    found = compared_on(data, examples, lambda _done, _total: None, heads=("KV: content, hops", "full head"))
    assert (found.questions, found.splits) == (160, 6)
    formula = {row["recall@1"].formula for row in found.heads.values()}
    assert len(formula) == 1
    full = found.heads["full head"]["recall@1"]
    assert full.gain.low > 0
    assert full.head == pytest.approx(full.formula + full.gain.value)


def test_one_question_cannot_be_held_out(data: DataSet, embedder: CachingEmbedder) -> None:
    with pytest.raises(InvalidInput, match="too few questions"):
        compare(data.limited(1), embedder, silently, heads=tuple(HEADS)[:1])
