"""check and rebuild: words and meaning, in step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.opening import caught_up, open_store
from tui.commands.options import Home, Json, Profile
from tui.commands.progress import progress
from tui.process import exit_codes
from tui.text import show

if TYPE_CHECKING:
    from memory_store.records import HealthReport


def check(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what is wrong, without touching the words.")] = False,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Embed every memory again, and compare: as slow as embedding was.")
    ] = False,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Say whether every copy agrees with the words, row by row.

    Looks at the database file, full-text search, vectors, ledger, queue and index, and looks for some memories by their
    own words and vectors. What is still queued is indexed first. Exit code 1 when something is wrong.

    \b
    mneme memory check
    mneme memory check --repair
    mneme memory check --thorough --repair
    """
    with open_store(home, profile, indexing="manual") as store:
        caught_up(store)
        with progress("checking") as move:
            report = store.check(repair=repair, thorough=thorough, progress=move)
    _print(report, as_json)


def rebuild(as_json: Json = False, home: Home = None, profile: Profile = None) -> None:
    """Make the index of meaning anew from the stored words and vectors.

    Nothing that was said is touched. Needed only when `mneme memory check` says so.

    \b
    mneme memory rebuild
    """
    with open_store(home, profile, indexing="manual") as store, progress("rebuilding") as move:
        report = store.rebuild(progress=move)
    _print(report, as_json)


def _print(report: HealthReport, as_json: bool) -> None:
    if as_json:
        from memory_store.jsonable import health_json

        show.document(health_json(report))
    else:
        show.line(f"words    {report.words:,}")
        show.line(f"vectors  {report.vectors:,}")
        show.line(
            f"indexed  {report.indexed:,}"
            if report.indexed >= 0
            else "indexed  ?, held by another process, or its server is away"
        )
        show.line(f"queued   {report.queued:,}")
        for repaired in report.repaired:
            show.say(f"Repaired: {repaired}")
        for problem in report.problems:
            show.say(f"Problem: {problem}")
        show.line("in step" if report.ok else "NOT in step")
    if not report.ok:
        raise typer.Exit(exit_codes.FAILED)
