"""conflicts: memories that contradict an earlier one, and the user's word on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.opening import open_store
from tui.commands.options import Home, Json, Limit, Profile
from tui.text import show
from tui.text.wording import CONFLICT_STATES, change_of, count

if TYPE_CHECKING:
    from memory_store import MemoryStore
    from memory_store.records import ConflictChain, ConflictState, Turn

RESOLVE = "resolve"
WAYS = ("--keep-both", "--newer", "--dismiss", "--reopen")
EVERY: tuple[ConflictState, ...] = ("open", "both", "newer", "dismissed")
UNDECIDED: tuple[ConflictState, ...] = ("open",)


def conflicts(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[resolve ID...]", help="Contradictions to decide.", show_default=False),
    ] = None,
    keep_both: Annotated[bool, typer.Option("--keep-both", help="All of it holds.")] = False,
    newer: Annotated[bool, typer.Option("--newer", help="The newest holds; the rest is shown as earlier.")] = False,
    dismiss: Annotated[bool, typer.Option("--dismiss", help="They do not contradict each other.")] = False,
    reopen: Annotated[bool, typer.Option("--reopen", help="Undecided again.")] = False,
    pair: Annotated[bool, typer.Option("--pair", help="Decide just this pair of a chain, not all of it.")] = False,
    decided: Annotated[bool, typer.Option("--decided", help="List those that are decided as well.")] = False,
    limit: Limit = 50,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """List memories that contradict an earlier one, and decide which holds.

    They are found by rule, without a language model, when something new was said. What was said of one thing over time
    (Porto, then Lisbon, then Faro) is listed together and decided at once. Nothing is deleted: until it is
    decided, and where the newest holds, recall gives the newest one first and the others as earlier. A decision is
    taken back by `mneme undo`.

    \b
    mneme memory conflicts
    mneme memory conflicts resolve k3f9 --newer
    mneme memory conflicts resolve k3f9 --dismiss --pair
    mneme memory conflicts resolve k3f9 p7aa --keep-both
    """
    chosen: dict[ConflictState, bool] = {"both": keep_both, "newer": newer, "dismissed": dismiss, "open": reopen}
    states = [state for state, wanted in chosen.items() if wanted]
    if (what or states or pair) and (not what or what[0] != RESOLVE or len(what) == 1 or len(states) != 1):
        from memory_store.errors import InvalidInput

        raise InvalidInput(f"To decide: conflicts resolve ID, with one of {', '.join(WAYS)}.")
    with open_store(home, profile, indexing="manual") as store:
        if what:
            _print(_decided(store, what[1:], states[0], pair=pair), as_json)
            return
        store.embed_now()
        found = store.conflict_chains(EVERY if decided else UNDECIDED, limit=limit)
    _print(found, as_json)
    if not found and not as_json:
        show.say("No memory contradicts an earlier one.")


def _decided(store: MemoryStore, ids: list[str], state: ConflictState, *, pair: bool) -> list[ConflictChain]:
    """All of ``ids`` or, when one of them is unknown, none."""
    known = dict.fromkeys(store.conflict(one).id if pair else store.conflict_chain(one).id for one in ids)
    with store.as_one_act():
        if pair:
            for one in known:
                store.resolve(one, state)
            return list({found.id: found for found in map(store.conflict_chain, known)}.values())
        return [store.resolve_chain(one, state) for one in known]


def _print(found: list[ConflictChain], as_json: bool) -> None:
    if as_json:
        from memory_store.jsonable import chain_json

        show.document([chain_json(one) for one in found])
        return
    for one in found:
        values = change_of([value for _, value in one.statements])
        show.line(f"{one.id}  {CONFLICT_STATES[one.state]}{f'  {values}' if values else ''}")
        *earlier, (now, _) = one.statements
        for memory, _ in earlier:
            show.line(f"  earlier  {_said(memory)}")
        show.line(f"  now      {_said(now)}")
        if len(one.links) > 1:
            for link in one.links:
                values = change_of([link.older_value, link.newer_value])
                show.line(f"  pair     {link.id}  {CONFLICT_STATES[link.state]}{f'  {values}' if values else ''}")
    waiting = sum(one.state == "open" for one in found)
    if waiting:
        show.say(f"{count(waiting, 'contradiction')} to decide: mneme memory conflicts resolve ID --newer")


def _said(memory: Turn) -> str:
    where = "a note" if memory.is_note else f"in {memory.conversation_id}"
    return f"{show.when(memory.said_at)}  {memory.speaker}, {where}: {show.one_line(memory.text, limit=160)}"
