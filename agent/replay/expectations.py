"""Whether what happened is what the script expects. Pure: from what was seen to a verdict with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.replay.events import CameBack
from agent.replay.source import Place
from agent.replay.vocabulary import PruneExpectation, RecallExpectation, ReplyExpectation, TurnExpectation

LONGEST_QUOTE = 120


@dataclass(frozen=True, slots=True)
class Verdict:
    """One expectation: where it stands in its step, what it says, and what was seen instead (empty: it holds)."""

    place: Place
    expectation: str
    detail: str = ""

    @property
    def holds(self) -> bool:
        return not self.detail


def judge_turn(expected: TurnExpectation, seen: CameBack | None, reply: str | None) -> Iterator[Verdict]:
    """What a turn recalled and what was replied. ``seen`` None: nothing was recalled; ``reply`` None: no reply came."""
    yield from judge_recall(expected, seen)
    if expected.reply is not None:
        yield from judge_reply(expected.reply, reply)


def judge_recall(expected: RecallExpectation, seen: CameBack | None) -> Iterator[Verdict]:
    """Which earlier turns came back, how early, and whether anything relevant did."""
    ids = [item.id for item in seen.recalled] if seen else []
    limit = f" within {expected.within}" if expected.within else ""
    for index, label in enumerate(expected.recalls):
        detail = "" if label in ids[: expected.within] else _missing(label, ids)
        yield Verdict(("expect", "recalls", index), f"recalls {label}{limit}", detail)
    for index, label in enumerate(expected.does_not_recall):
        detail = f"recalled as number {ids.index(label) + 1}" if label in ids else ""
        yield Verdict(("expect", "does_not_recall", index), f"does not recall {label}", detail)
    if expected.found is not None:
        found = seen is not None and seen.found
        place, wanted = ("expect", "found"), f"found: {'yes' if expected.found else 'no'}"
        yield Verdict(place, wanted, "" if found == expected.found else _sureness(seen))


def judge_reply(expected: ReplyExpectation, reply: str | None) -> Iterator[Verdict]:
    """What the reply says. Letter case is ignored, but for ``matches``."""
    said = f"the reply was {quote(reply)}" if reply is not None else "no reply came"
    words = (reply or "").casefold()
    for index, phrase in enumerate(expected.contains):
        place: Place = ("expect", "reply", "contains", index)
        yield Verdict(place, f"reply contains {quote(phrase)}", "" if phrase.casefold() in words else said)
    for index, phrase in enumerate(expected.does_not_contain):
        place = ("expect", "reply", "does_not_contain", index)
        bad = reply is None or phrase.casefold() in words
        yield Verdict(place, f"reply does not contain {quote(phrase)}", said if bad else "")
    if expected.matches is not None:
        matches = reply is not None and expected.matches.search(reply)
        wanted = f"reply matches {quote(expected.matches.pattern)}"
        yield Verdict(("expect", "reply", "matches"), wanted, "" if matches else said)


def judge_prune(expected: PruneExpectation, forgotten: Mapping[str, str]) -> Iterator[Verdict]:
    """What was pruned and what was kept. ``forgotten``: label -> reason."""
    for index, label in enumerate(expected.forgets):
        detail = "" if label in forgotten else f"pruned: {_listed(forgotten)}"
        yield Verdict(("expect", "forgets", index), f"forgets {label}", detail)
    for index, label in enumerate(expected.keeps):
        detail = f"pruned because {forgotten[label]}" if label in forgotten else ""
        yield Verdict(("expect", "keeps", index), f"keeps {label}", detail)


def _missing(label: str, ids: Sequence[str]) -> str:
    if label in ids:
        return f"recalled as number {ids.index(label) + 1}"
    return f"recalled: {_listed(ids)}"


def _listed(ids: Iterable[str]) -> str:
    ids = list(ids)
    return ", ".join(ids[:10]) + (f" and {len(ids) - 10} more" if len(ids) > 10 else "") if ids else "nothing"


def _sureness(seen: CameBack | None) -> str:
    return f"{len(seen.recalled)} recalled, confidence {seen.confidence:.2f}" if seen else "nothing was recalled"


def quote(text: str) -> str:
    """On one line, and not endless."""
    flat = " ".join(text.split())
    return f'"{flat if len(flat) <= LONGEST_QUOTE else flat[: LONGEST_QUOTE - 1] + "…"}"'
