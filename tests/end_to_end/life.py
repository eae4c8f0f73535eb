"""A whole life of facts, told in one conversation and asked for a month later, as a replay script."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random
from typing import Any

from tests.tiny_model.words import Words
from tests.tiny_model.world import ATTRIBUTES, Fact, draw_fact

TOLD_AT, TOLD_IN = "2026-10-20 09:00", "October"
QUESTIONS_PER_CONVERSATION = 1
OPEN = [attribute for attribute in ATTRIBUTES if attribute != "birthday"]
"""A birthday is one of few values, and the training has seen them all."""


def held_out_facts(count: int, random: Random) -> list[Fact]:
    """``count`` facts of held-out words: everything there is to know about the user, then two about each of many."""
    words = Words(random, for_tests=True)
    facts = [draw_fact(words, person=None, attribute=attribute) for attribute in OPEN]
    while len(facts) < count:
        person = words.full_name()
        facts += [draw_fact(words, person=person, attribute=a) for a in random.sample(OPEN, k=2)]
    facts = facts[:count]
    random.shuffle(facts)
    return facts


def write_script(path: Path, facts: list[Fact], random: Random, asked_for: int) -> None:
    """All ``facts`` told in one conversation, then, a month later, questions in others about so many of them."""
    steps: list[dict[str, Any]] = [{"title": "A life", "start": TOLD_AT}, {"conversation": TOLD_IN}]
    steps += [{"hear": fact.tell(random), "label": f"fact-{n}", "after": "1 minute"} for n, fact in enumerate(facts)]
    steps.append({"after": "1 month"})
    for n, fact in enumerate(random.sample(list(enumerate(facts)), k=asked_for)):
        if n % QUESTIONS_PER_CONVERSATION == 0:
            steps.append({"conversation": f"November {n // QUESTIONS_PER_CONVERSATION + 1}"})
        number, asked = fact
        steps.append(
            {
                "say": asked.ask(random),
                "label": f"question-{number}",
                "expect": {"reply": {"matches": rf"\b{re.escape(asked.value)}\b"}},
            }
        )
    path.write_text("\n".join(json.dumps(step, ensure_ascii=False) for step in steps) + "\n", encoding="utf-8")
