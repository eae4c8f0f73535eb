"""How right a reply is: SQuAD's measures on cases worked out by hand."""

from __future__ import annotations

import pytest

from agent.bench.answers.scoring import contains, exact_match, precision, token_f1


@pytest.mark.parametrize(
    ("reply", "answers", "exact", "f1", "inside"),
    [
        ("Miso", ["Miso"], 1, 1, 1),
        ("The miso!", ["Miso"], 1, 1, 1),
        ("Your cat is called Miso [3].", ["Miso"], 0, 2 / 6, 1),
        ("Your cat is called Miso [3].", ["Rio", "Your cat is called Miso."], 1, 1, 1),
        ("Port Oslen", ["Oslen Port"], 0, 1, 0),
        ("I don't know.", ["Miso"], 0, 0, 0),
        ("", ["Miso"], 0, 0, 0),
        ("12 May 2023", ["7 May 2023"], 0, 2 / 3, 0),
        ("她叫米索。", ["米索"], 0, 2 * 2 / (4 + 2), 1),
    ],
)
def test_one_reply(reply: str, answers: list[str], exact: float, f1: float, inside: float) -> None:
    assert exact_match(reply, answers) == exact
    assert token_f1(reply, answers) == pytest.approx(f1)
    assert contains(reply, answers) == inside


def test_citation_precision() -> None:
    assert precision(["a", "b"], {"a"}) == 0.5
    assert precision([], {"a"}) is None
    assert precision(["a"], frozenset()) is None
