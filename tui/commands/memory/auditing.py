"""audit: what was done to the memory and read from it; ids and instants, never words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.opening import open_store
from tui.commands.options import Home, Json, Limit, Profile
from tui.commands.parsing import an_instant
from tui.text import show
from tui.text.wording import KINDS, deed

if TYPE_CHECKING:
    from memory_store.journal.acts import AuditEntry

SHOWN = 2


def audit(
    since: Annotated[datetime | None, typer.Option(parser=an_instant, metavar="DATE", help="At or after this.")] = None,
    until: Annotated[datetime | None, typer.Option(parser=an_instant, metavar="DATE", help="Before this.")] = None,
    act: Annotated[str, typer.Option("--act", metavar="KIND", help="Only these: edit, purge, read, ...")] = "",
    by: Annotated[str, typer.Option("--by", metavar="COMMAND", help='Only by this: app, ask, "memory edit".')] = "",
    memory: Annotated[str, typer.Option("--memory", metavar="ID", help="Only about this, also once purged.")] = "",
    limit: Limit = 50,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Say what was done, by what, and what was read into which prompt.

    Newest first. The database refuses to change or delete a line; `mneme memory check` tells when somebody did so
    past mneme. The number is what `mneme undo --act` takes.

    \b
    mneme memory audit --since "2 days ago"
    mneme memory audit --memory k3f9
    mneme memory audit --act purge --json
    """
    from memory_store.journal.acts import AuditFilter

    with open_store(home, profile) as store:
        found = store.audit(AuditFilter(since, until, act, by, memory), limit=limit)
    if act and not found and act not in KINDS:
        raise typer.BadParameter(f"the kinds are {', '.join(sorted(KINDS))}", param_hint="--act")
    if as_json:
        from memory_store.jsonable import audit_json

        show.document([audit_json(entry) for entry in found])
    elif found:
        show.table(("ACT", "WHEN", "BY", "WHAT"), [_row(entry) for entry in found])
    else:
        show.say("Nothing in the audit meets that.")


def _row(entry: AuditEntry) -> tuple[str, ...]:
    what = deed(entry)
    if entry.act is not None and entry.act.original is not None:
        what = f"{'took back' if entry.kind == 'undo' else 'did again'} act {entry.act.original}"
    if entry.act is not None and entry.act.undone:
        what += " (taken back)"
    named = " ".join(entry.subjects[:SHOWN]) + (" …" if len(entry.subjects) > SHOWN else "")
    target = f"({entry.reply})" if entry.reply else named
    number = str(entry.act.number) if entry.act is not None else ""
    return number, show.when(entry.at), entry.actor, f"{what}  {target}".rstrip()
