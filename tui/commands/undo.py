"""undo: what was done last, whoever did it, taken back; and done again with --redo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.opening import open_store
from tui.commands.options import Home, Json, Profile, Yes
from tui.process import exit_codes
from tui.text import show
from tui.text.wording import deed

if TYPE_CHECKING:
    from memory_store.journal.acts import TakenBack

SHOWN = 5


def undo(
    n: Annotated[int, typer.Argument(metavar="N", min=1, max=10_000, help="How many acts.", show_default=False)] = 1,
    act: Annotated[int | None, typer.Option("--act", metavar="NUMBER", help="This act alone, by its number.")] = None,
    redo: Annotated[bool, typer.Option("--redo", help="Do again what was taken back last.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show it.")] = False,
    yes: Yes = False,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Take back the last change of the memory, or the last few.

    Edits, pins, forgetting, restoring, prunes, notes, imports, renamed and deleted conversations, whichever command or
    app made them; an import is one act. A purge cannot be taken back. `mneme memory audit` lists acts by number.

    \b
    mneme undo
    mneme undo 3 --dry-run
    mneme undo --act 17 --yes
    mneme undo --redo
    """
    from tui.commands.asking import confirmed

    if act is not None and n != 1:
        raise typer.BadParameter("give a number of acts, or --act, not both")
    with open_store(home, profile) as store:
        way = store.redo if redo else store.undo
        plan = way(n, acts=() if act is None else (act,), dry_run=True)
        for one in plan:
            _print(one, quiet=as_json)
        if not plan:
            show.say(f"There is nothing to {'do again' if redo else 'take back'}.")
        elif len(plan) < n:
            show.say(f"There are no more than {len(plan)}.")
        go_on = bool(plan) and not dry_run and confirmed("Do it again?" if redo else "Take it back?", yes=yes)
        done = way(acts=[one.act.number for one in plan]) if go_on else []  # these, whatever was done meanwhile
    if as_json:
        from memory_store.jsonable import taken_back_json

        show.document({"done": bool(done), "acts": [taken_back_json(one) for one in done or plan]})
    elif done:
        show.say("Done again." if redo else "Taken back. 'mneme undo --redo' does it again.")
    if not plan or not (done or dry_run):
        raise typer.Exit(exit_codes.FAILED)


def _print(one: TakenBack, *, quiet: bool) -> None:
    if quiet:
        return
    by = f", by {one.act.actor}" if one.act.actor else ""
    show.line(f"act {one.act.number}  {show.when(one.act.at)}  {deed(one.act)}{by}")
    for turn in one.memories[:SHOWN]:
        state = "".join(f" ({name})" for name in ("pinned", "forgotten") if getattr(turn, name))
        _line(f"{turn.id}{state}  {turn.speaker}: {turn.text}")
    if one.changed > SHOWN:
        _line(f"and {one.changed - SHOWN:,} more")
    for thread in one.conversations[:SHOWN]:
        state = " (deleted)" if thread.archived else ""
        _line(f"{thread.id}{state}  {thread.title}")
    if one.gone:
        _line(f"{show.count(one.gone, 'memory', 'memories')} of it purged since")


def _line(text: str) -> None:
    show.line("    " + show.fit(show.one_line(text), show.WIDTH - 4).rstrip())
