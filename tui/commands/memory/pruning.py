"""prune: a plan first, then (said yes to) the deed, then what was done."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from tui.commands.opening import caught_up, open_settings, store_of
from tui.commands.options import Home, Json, Profile, Yes
from tui.commands.parsing import an_age
from tui.text import show

if TYPE_CHECKING:
    from agent.settings import Settings
    from memory_store import MemoryStore
    from memory_store.records import Forecast, FreeingOrder, PrunePlan, PrunePolicy


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
    at_most: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only what is over N memories, the weakest first.")
    ] = None,
    at_most_mb: Annotated[
        float | None, typer.Option(min=0, metavar="MB", help="Only what is over so many megabytes.")
    ] = None,
    order: Annotated[
        str | None, typer.Option(metavar="NAME", help="What goes first then: `mneme memory policy` names the orders.")
    ] = None,
    simulate: Annotated[
        str | None, typer.Option(metavar="AGES", help="Only say what would be gone by then: 30d,90d,365d.")
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Forget many memories by age, strength, words, likeness or capacity.

    A memory is forgotten when it meets every criterion given; without any, those of [retention] in the settings. Pinned
    ones never are. The plan is always shown first; nothing is done without --yes or a yes at the terminal, and
    `mneme undo` takes it back. --simulate changes nothing.

    \b
    mneme memory prune --older-than 2y --weaker-than 0.1
    mneme memory prune --similar 0.97 --yes
    mneme memory prune --at-most 50000 --order usage
    mneme memory prune --weaker-than 0.2 --simulate 30d,90d,365d
    """
    from agent.forgetting import MB
    from memory_store.records import PrunePolicy
    from memory_store.retention.freeing import needs_vectors

    ahead = [an_age(age) for age in simulate.split(",")] if simulate is not None else []
    settings = open_settings(home, profile)
    room = None if at_most_mb is None else int(at_most_mb * MB)
    given = PrunePolicy(older_than, weaker_than, keep_last, matching, similar, at_most, room)
    policy = _policy(settings, given, order)
    by_meaning = policy.similar is not None or needs_vectors(policy)
    with store_of(settings, indexing="manual" if by_meaning else "off") as store:
        if by_meaning:
            caught_up(store)
        if ahead:
            _simulate(store, policy, ahead, as_json=as_json)
        else:
            _plan_and_prune(store, policy, yes=yes, as_json=as_json)


def _policy(settings: Settings, given: PrunePolicy, order: str | None) -> PrunePolicy:
    """What was asked for; without a criterion, that of the settings."""
    from dataclasses import replace

    from agent.forgetting import policy_of
    from memory_store.records import PrunePolicy

    chosen = given if given != PrunePolicy() else policy_of(settings) or given
    return replace(chosen, order=_order(order) if order else settings.retention.order)


def _order(name: str) -> FreeingOrder:
    from memory_store.retention.freeing import ORDERS

    found = next((known for known in ORDERS if known == name), None)
    if found is None:
        raise typer.BadParameter(f"the orders are {', '.join(ORDERS)}", param_hint="--order")
    return found


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
    for row in show.first(plan.rows):
        head = f"{row.memory.id}  {row.memory.said_at:%Y-%m-%d}  {row.memory.speaker}: {row.memory.text}"
        show.line(show.fit(show.one_line(head), show.WIDTH).rstrip())
        show.line(f"    because {row.reason}")
    show.rest(plan.rows)
    show.say(f"{len(plan.rows):,} of {show.count(plan.considered, 'memory', 'memories')} would be forgotten.")


def _plan_and_prune(store: MemoryStore, policy: PrunePolicy, *, yes: bool, as_json: bool) -> None:
    plan = store.plan_prune(policy)
    if not as_json:
        _print_plan(plan)
    done = _prune(store, plan, yes)
    if as_json:
        from memory_store.jsonable import plan_json

        show.document(plan_json(plan) | done)


def _prune(store: MemoryStore, plan: PrunePlan, yes: bool) -> dict[str, object]:
    from tui.commands.asking import confirmed

    if not plan.rows or not confirmed("Forget them?", yes=yes):
        return {"forgotten": [], "skipped": []}
    receipt = store.apply(plan)
    show.say(f"{show.count(len(receipt.forgotten), 'memory', 'memories')} forgotten. 'mneme undo' takes it back.")
    if receipt.skipped:
        show.say(f"{len(receipt.skipped)} left alone: pinned or changed since.")
    return {"forgotten": list(receipt.forgotten), "skipped": list(receipt.skipped)}
