"""search and why: recollections with their reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from memory_store.errors import InvalidInput
from tui.commands.opening import caught_up, open_store
from tui.commands.options import AsOf, Home, Json, MemoryId, Profile
from tui.text import show

if TYPE_CHECKING:
    from memory_store.records import LedgerEntry, Turn

INDENT = "    "


def search(
    words: Annotated[list[str], typer.Argument(metavar="QUERY...", help="What to look for.", show_default=False)],
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", "-n", metavar="N", min=1, max=100_000, help="At most this many (10, or all that fit --budget)."
        ),
    ] = None,
    budget: Annotated[
        int | None, typer.Option("--budget", metavar="TOKENS", min=1, help="Pack what is worth most; fold repetitions.")
    ] = None,
    as_of: AsOf = None,
    forgotten: Annotated[bool, typer.Option("--forgotten", help="Among forgotten ones too.")] = False,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Search everything that was ever said, by words and by meaning.

    \b
    mneme memory search "what is my cat called"
    mneme memory search "trip to Lisbon" --limit 3 --as-of 2026-05-01 --json
    """
    query = " ".join(words)
    if not query.strip():
        raise InvalidInput("There are no words to look for. `mneme memory list` lists every memory.")
    with open_store(home, profile, indexing="manual") as store:
        caught_up(store)
        found = store.recall(query, limit=limit, budget=budget, as_of=as_of, include_forgotten=forgotten)
    for remark in found.remarks:
        show.say(remark)
    if as_json:
        from memory_store.jsonable import recollection_json

        show.document([recollection_json(one) for one in found])
        return
    if not found.found:
        show.say("There is probably nothing on this; these come nearest:" if found else "There is nothing on this.")
    for one in found:
        told = one.superseded
        remarks = (f"explains {one.explains}" if one.explains else "", f"until {show.when(told.since)}" if told else "")
        _print(one.memory, one.score, one.reasons, state=", ".join(filter(None, remarks)))
        if one.folded:
            show.line(f"{INDENT}stands for {len(one.folded)} more like it: {', '.join(one.folded)}")


def why(id: MemoryId, as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """Say what was recalled for a reply, and why.

    Which of it was in the prompt, under which number, and whether the reply cites it.

    \b
    mneme memory why k3f9
    """
    with open_store(home, profile) as store:
        reply = store.get(id)
        ledger = store.recalled_for(reply.id)
    if as_json:
        from memory_store.jsonable import ledger_json

        show.document([ledger_json(entry) for entry in ledger])
        return
    if not ledger:
        show.say("Nothing was recalled for it: it is not a reply, or nothing fitted.")
    for entry in ledger:
        hidden = entry.memory is not None and entry.memory.forgotten
        _print(entry.memory, entry.score, entry.reasons, id=entry.memory_id, state=_state(entry), hidden=hidden)


def _state(entry: LedgerEntry) -> str:
    if not entry.in_prompt:
        return "recalled, but it did not fit the prompt"
    until = f", until {show.when(entry.superseded.since)}" if entry.superseded is not None else ""
    listed = "in the prompt" + (f" as [{entry.number}]" if entry.number is not None else "")
    return (f"{listed}, cited" if entry.cited else listed) + until


def _print(
    memory: Turn | None,
    score: float,
    reasons: Mapping[str, float],
    *,
    id: str = "",
    state: str = "",
    hidden: bool = False,
) -> None:
    if memory is None:
        head, words = f"{score:6.2f}  {id}", "(purged since)"
    else:
        state = ", ".join(filter(None, ("standing" if memory.standing else "", state)))
        where = "note" if memory.is_note else f"conversation {memory.conversation_id}"
        head = f"{score:6.2f}  {memory.id}  {show.when(memory.said_at)}  {memory.speaker}, {where}"
        words = "(forgotten: 'mneme memory restore' shows it again)" if hidden else memory.text
    show.line(f"{show.one_line(head)}{', ' + state if state else ''}")
    show.line(f"{INDENT}{show.one_line(words, limit=600)}")
    told = sorted(reasons.items(), key=lambda item: -abs(item[1]))
    because = ", ".join(f"{name} {value:+.2f}" for name, value in told if abs(value) >= 0.005)
    show.line(f"{INDENT}because {because or 'it was pinned'}")
