"""A replay as a person reads it: one transcript, or two of the same script side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from agent.replay.events import (
    CameBack,
    Changed,
    Checked,
    InConversation,
    LeftOut,
    Pruned,
    ReplayEvent,
    Replied,
    Run,
    Searched,
    Shown,
    Spoken,
    TimePassed,
    WentWrong,
)
from agent.replay.layout import WIDTH, beside, column, one_line, wrap

SHOWN_RECALLED = 5
"""A transcript shows the best so many of what was recalled, and says how many more there were."""
_DETAIL = "    "
_DONE = {"pin": "pinned", "unpin": "unpinned", "forget": "forgotten", "restore": "restored", "purge": "purged"}


def transcript(run: Run, width: int = WIDTH) -> str:
    """One run, ending with what came of its expectations."""
    memory = "" if run.memory else " · without memory"
    lines = [*_heading(run, memory, width)]
    for events in _steps(run):
        lines += _airy(lines, [line for event in events for line in event_lines(event, width)])
    return "\n".join([*lines, "", *wrap(outcome(run), width)])


def comparison(with_memory: Run, without: Run, width: int = WIDTH) -> str:
    """Both runs of one script: what is the same across the page, what may differ side by side."""
    lines = [*_heading(with_memory, " · with memory beside without", width), ""]
    lines += [*beside(["WITH MEMORY"], ["WITHOUT MEMORY"], width), *beside([_rule(width)], [_rule(width)], width)]
    for left, right in zip_longest(_steps(with_memory), _steps(without), fillvalue=()):
        shared = [line for event in left if _shared(event) for line in event_lines(event, width)]
        lines += _airy(lines, [*shared, *_columns(left, right, width)])
    ends = beside(wrap(outcome(with_memory), column(width)), wrap(outcome(without), column(width)), width)
    return "\n".join([*lines, *beside([_rule(width)], [_rule(width)], width), *ends])


def outcome(run: Run) -> str:
    """One sentence: how many expectations hold."""
    total, broken = len(run.checks), sum(not check.holds for check in run.checks)
    wrong = sum(isinstance(event, WentWrong) for event in run.events)
    turns = sum(isinstance(event, Spoken) for event in run.events)
    checks = "No expectations" if not total else f"{total - broken} of {total} expectations hold"
    undone = f"; {wrong} steps could not be done" if wrong else ""
    return f"{checks}{undone}. {turns} turns and notes."


def _heading(run: Run, mode: str, width: int) -> Iterator[str]:
    yield from wrap(run.title, width)
    yield from wrap(f"{run.source} · model {run.model} · seed {run.seed}{mode}", width)


def _rule(width: int) -> str:
    return "─" * column(width)


def _steps(run: Run) -> list[Sequence[ReplayEvent]]:
    """The events of each step, in order."""
    last = max((event.step for event in run.events), default=0)
    steps: list[list[ReplayEvent]] = [[] for _ in range(last)]
    for event in run.events:
        steps[event.step - 1].append(event)
    return list(steps)


def _airy(before: Sequence[str], lines: list[str]) -> list[str]:
    """Lines of one step, with an empty one above where there is more to tell than one line."""
    tight = not lines or not lines[0] or (len(lines) == 1 and before[-1][:1] not in (" ", "│"))
    return lines if tight else ["", *lines]


def _shared(event: ReplayEvent) -> bool:
    """What the script itself says or does: the same with and without memory."""
    return isinstance(event, TimePassed | InConversation | Spoken | Changed)


def _columns(left: Sequence[ReplayEvent], right: Sequence[ReplayEvent], width: int) -> Iterator[str]:
    """What may differ, side by side: first what was recalled, then what was replied or done, then the verdicts."""
    for kinds in ((CameBack, LeftOut), (Replied, Pruned, WentWrong), (Checked,)):
        sides = ([event for event in side if isinstance(event, kinds)] for side in (left, right))
        one, other = ([line for event in side for line in event_lines(event, column(width))] for side in sides)
        yield from beside(one, other, width)


def event_lines(event: ReplayEvent, width: int = WIDTH) -> list[str]:
    """One event as lines of at most ``width`` cells."""
    match event:
        case TimePassed() | InConversation():
            return _scene(event, width)
        case Spoken():
            where = "" if event.conversation is not None else "note, "
            return _said(f"{where}{one_line(event.speaker)} [{event.id}]", event.text, width)
        case Replied():
            cut = "" if event.reason == "complete" else f" ({event.reason})"
            return [*_said(f"assistant{cut}", event.text, width), *_cites(event, width)]
        case Searched():
            return [*wrap(f"search: {event.query}", width, hanging=_DETAIL), *_recalled(event, width)]
        case CameBack():
            return list(_recalled(event, width))
        case LeftOut() | WentWrong():
            lead = "left out" if isinstance(event, LeftOut) else "COULD NOT BE DONE"
            return wrap(f"{lead}: {one_line(event.message)}", width, indent=_DETAIL, hanging=_DETAIL + "  ")
        case Changed():
            return _changed(event, width)
        case Pruned():
            return list(_pruned(event, width))
        case Checked():
            return _checked(event, width)


def _scene(event: TimePassed | InConversation, width: int) -> list[str]:
    if isinstance(event, TimePassed):
        later = f" ({event.passed} later)" if event.passed else ""
        return ["", f"== {_minute(event.at)}{later}"]
    back = "back to conversation" if event.back else "conversation"
    return wrap(f'-- {back} "{one_line(event.conversation)}"', width)


def _said(who: str, text: str, width: int) -> list[str]:
    return wrap(f"{who}: {text}", width, indent="", hanging=_DETAIL)


def _cites(event: Replied, width: int) -> list[str]:
    if not event.citations:
        return []
    named = ", ".join(f"[{number}] {one_line(label)}" for number, label in event.citations.items())
    return wrap(f"cites {named}", width, indent=_DETAIL, hanging=_DETAIL + "  ")


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")


def _recalled(event: CameBack, width: int) -> Iterator[str]:
    if not event.recalled:
        yield f"{_DETAIL}recalled: nothing"
        return
    unsure = "" if event.found else " (probably nothing on this)"
    yield from wrap(f"recalled {len(event.recalled)}{unsure}:", width, indent=_DETAIL)
    for rank, item in enumerate(event.recalled[:SHOWN_RECALLED], start=1):
        yield from wrap(_recollection(rank, item), width, indent=_DETAIL + "  ", hanging=_DETAIL + "     ")
    more = len(event.recalled) - SHOWN_RECALLED
    if more > 0:
        yield f"{_DETAIL}  and {more} more"


def _recollection(rank: int, item: Shown) -> str:
    text = one_line(item.text)
    short = text if len(text) <= 160 else text[:159] + "…"
    return f"{rank}. [{item.id}] {item.said_at[:10]} {one_line(item.speaker)}: {short} ({item.score:.2f})"


def _changed(event: Changed, width: int) -> list[str]:
    ids = ", ".join(f"[{name}]" for name in event.ids)
    if event.verb == "edit":
        return _said(f"edited {ids}", event.text, width)
    return wrap(f"{_DONE[event.verb]} {ids}", width, hanging=_DETAIL)


def _pruned(event: Pruned, width: int) -> Iterator[str]:
    yield f"pruned {len(event.forgotten)} of {event.considered}"
    for name, reason in event.forgotten.items():
        yield from wrap(f"[{name}] {one_line(reason)}", width, indent=_DETAIL, hanging=_DETAIL + "  ")


def _checked(event: Checked, width: int) -> list[str]:
    verdict = f"holds: {event.expectation}"
    if not event.holds:
        verdict = f"FAILS: {event.expectation} (line {event.line}): {event.detail}"
    return wrap(verdict, width, indent=_DETAIL, hanging=_DETAIL + "  ")
