"""prune: a plan first, then (said yes to) the deed, then what was done."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from tui import show
from tui.commands.opening import caught_up, open_settings, store_of
from tui.commands.options import Home, Json, Profile, Yes
from tui.commands.parsing import an_age

if TYPE_CHECKING:
    from memory_store import MemoryStore
    from memory_store.records import Forecast, PrunePlan, PrunePolicy


def prune(
    older_than: Annotated[
        timedelta | None, typer.Option(parser=an_age, metavar="AGE", help="Older than: 30d, 6w, 3 months, 2y.")
    ] = None,
    weaker_than: Annotated[
        float | None, typer.Option(min=0, max=1, metavar="S", help="Weaker than this strength, 0 to 1.")
    ] = None,
    keep_last: Annotated[int | None, typer.Option(min=0, metavar="N", help="Spare the newest N.")] = None,
    matching: Annotated[str | None, typer.Option(metavar="WORDS", help="With all these words in it.")] = None,
    similar: Annotated[
        float | None, typer.Option(min=0, max=1, metavar="COSINE", help="This close to a newer one: 0.95.")
    ] = None,
    simulate: Annotated[
        str | None, typer.Option(metavar="AGES", help="Only say what would be gone by then: 30d,90d,365d.")
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Forget many memories by age, strength, words or likeness.

    A memory is forgotten when it meets every criterion given; without any, those of [retention] in the settings. Pinned
    ones never are. The plan is always shown first; nothing is done without --yes or a yes at the terminal, and
    `mneme undo` takes it back. --simulate changes nothing.

    \b
    mneme memory prune --older-than 2y --weaker-than 0.1
    mneme memory prune --similar 0.97 --yes
    mneme memory prune --weaker-than 0.2 --simulate 30d,90d,365d
    """
    from agent.forgetting import policy_of
    from memory_store.records import PrunePolicy

    ahead = [an_age(age) for age in simulate.split(",")] if simulate is not None else []
    settings = open_settings(home, profile)
    policy = PrunePolicy(older_than, weaker_than, keep_last, matching, similar)
    if policy == PrunePolicy():
        policy = policy_of(settings) or policy
    with store_of(settings, indexing="off" if similar is None else "manual") as store:
        if similar is not None:
            caught_up(store)
        if ahead:
            _simulate(store, policy, ahead, as_json=as_json)
            return
        plan = store.plan_prune(policy)
        if not as_json:
            _print_plan(plan)
        done = _prune(store, plan, yes)
    if as_json:
        from memory_store.jsonable import plan_json

        show.document(plan_json(plan) | done)


def _simulate(store: MemoryStore, policy: PrunePolicy, ahead: list[timedelta], *, as_json: bool) -> None:
    found = store.forecast(policy, ahead)
    considered = found[0].plan.considered
    if as_json:
        from memory_store.jsonable import forecast_json

        show.document({"considered": considered, "forecast": [forecast_json(one) for one in found]})
        return
    rows = [
        (f"{one.ahead.total_seconds() / 86_400:g} days", f"{one.at:%Y-%m-%d}", f"{len(one.plan.rows):,}", _first(one))
        for one in found
    ]
    show.table(("IN", "ON", "GONE", "FIRST"), rows)
    show.say(f"Of {show.count(considered, 'memory', 'memories')}, if nothing were said or recalled until then.")


def _first(forecast: Forecast) -> str:
    return next((f"{row.memory.text} ({row.reason})" for row in forecast.plan.rows), "")


def _print_plan(plan: PrunePlan) -> None:
    if not plan.rows:
        show.say(f"Nothing to forget: none of {show.count(plan.considered, 'memory', 'memories')} meets all that.")
        return
    for row in plan.rows:
        head = f"{row.memory.id}  {row.memory.said_at:%Y-%m-%d}  {row.memory.speaker}: {row.memory.text}"
        show.line(show.fit(show.one_line(head), show.WIDTH).rstrip())
        show.line(f"    because {row.reason}")
    show.say(f"{len(plan.rows):,} of {show.count(plan.considered, 'memory', 'memories')} would be forgotten.")


def _prune(store: MemoryStore, plan: PrunePlan, yes: bool) -> dict[str, object]:
    from tui.commands.asking import confirmed

    if not plan.rows or not confirmed("Forget them?", yes=yes):
        return {"forgotten": [], "skipped": []}
    receipt = store.apply(plan)
    show.say(f"{show.count(len(receipt.forgotten), 'memory', 'memories')} forgotten; restore brings them back.")
    if receipt.skipped:
        show.say(f"{len(receipt.skipped)} left alone: pinned or changed since.")
    return {"forgotten": list(receipt.forgotten), "skipped": list(receipt.skipped)}
