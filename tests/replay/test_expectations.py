"""From what was seen to a verdict."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.replay.events import CameBack, Shown
from agent.replay.expectations import judge_prune, judge_recall, judge_reply, judge_turn, quote
from agent.replay.vocabulary import PruneExpectation, RecallExpectation, ReplyExpectation, TurnExpectation


def seen(*labels: str, found: bool = True) -> CameBack:
    shown = tuple(
        Shown(label, None, "user", "words", "2026-01-01T00:00:00+00:00", 1.0, {}, in_prompt=True) for label in labels
    )
    return CameBack(1, 1, "2026-01-01T00:00:00+00:00", "query", shown, found, 1.5)


def recall(**fields: object) -> RecallExpectation:
    return RecallExpectation.model_validate(fields)


def details(expected: RecallExpectation, what: CameBack | None) -> list[str]:
    return [verdict.detail for verdict in judge_recall(expected, what)]


def test_recalls_within() -> None:
    expected = recall(recalls=["a", "b", "c"], within=2)
    verdicts = list(judge_recall(expected, seen("b", "a", "x", "c")))
    assert [verdict.expectation for verdict in verdicts] == [f"recalls {name} within 2" for name in "abc"]
    assert [verdict.detail for verdict in verdicts] == ["", "", "recalled as number 4"]
    assert [verdict.holds for verdict in verdicts] == [True, True, False]


def test_what_was_recalled_instead_is_told() -> None:
    assert details(recall(recalls="z"), seen("a", "b")) == ["recalled: a, b"]
    assert details(recall(recalls="z"), seen()) == ["recalled: nothing"]
    assert details(recall(recalls="z"), None) == ["recalled: nothing"]
    many = [f"m{number}" for number in range(13)]
    assert details(recall(recalls="z"), seen(*many)) == ["recalled: " + ", ".join(many[:10]) + " and 3 more"]


def test_does_not_recall_looks_at_all_of_them() -> None:
    expected = recall(recalls="a", within=1, does_not_recall=["c", "z"])
    assert details(expected, seen("a", "b", "c")) == ["", "recalled as number 3", ""]


def test_found() -> None:
    assert details(recall(found="yes"), seen("a")) == [""]
    assert details(recall(found="no"), seen("a")) == ["1 recalled, confidence 1.50"]
    assert details(recall(found="no"), seen("a", found=False)) == [""]
    assert details(recall(found="yes"), None) == ["nothing was recalled"]
    assert details(recall(found="no"), None) == [""]


def reply(text: str | None, **fields: object) -> list[bool]:
    return [verdict.holds for verdict in judge_reply(ReplyExpectation.model_validate(fields), text)]


def test_replies() -> None:
    said = "Your cat is called Miso.\nShe is three."
    assert reply(said, contains=["MISO", "three"]) == [True, True]
    assert reply(said, contains=["Luna"]) == [False]
    assert reply(said, does_not_contain=["luna", "miso"]) == [True, False]
    assert reply(said, matches=r"Miso\.\s+She") == [True]
    assert reply(said, matches="miso") == [False]
    assert reply("她叫米糕。", contains=["米糕"]) == [True]


def test_no_reply_meets_nothing() -> None:
    assert reply(None, contains=["a"], does_not_contain=["a"], matches=".*") == [False, False, False]


def test_a_turn_is_judged_by_both() -> None:
    expected = TurnExpectation.model_validate({"recalls": "a", "reply": {"contains": "b"}})
    verdicts = list(judge_turn(expected, seen("a"), "c"))
    assert [verdict.place for verdict in verdicts] == [("expect", "recalls", 0), ("expect", "reply", "contains", 0)]
    assert verdicts[1].detail == 'the reply was "c"'


def test_prunes() -> None:
    expected = PruneExpectation.model_validate({"forgets": ["a", "b"], "keeps": ["c", "d"]})
    verdicts = list(judge_prune(expected, {"a": "older than 30 days", "d": "weak"}))
    assert [verdict.detail for verdict in verdicts] == ["", "pruned: a, d", "", "pruned because weak"]


@given(st.text(max_size=500))
def test_a_quotation_is_one_short_line(text: str) -> None:
    quoted = quote(text)
    assert len(quoted) <= 122
    assert "\n" not in quoted


@given(phrase=st.text(min_size=1, max_size=10).filter(str.strip), text=st.text(max_size=40))
def test_contains_and_does_not_contain_never_agree(phrase: str, text: str) -> None:
    try:
        phrase.encode()
    except UnicodeEncodeError:
        return
    assert reply(text, contains=phrase) != reply(text, does_not_contain=phrase)
