"""The memory commands of a script, done at the store's own door."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agent.replay import expectations
from agent.replay.events import Changed, Pruned, ReplayEvent, WentWrong
from agent.replay.naming import Names, checked, when
from agent.replay.script import Step
from agent.replay.stage import Stage
from agent.replay.vocabulary import Edit, Forget, Pin, Prune, PruneCriteria, Purge, Restore, Search, Unpin
from memory_store.records import PrunePolicy, Recollections, Turn


def search(stage: Stage, names: Names, step: Step, action: Search) -> Iterator[ReplayEvent]:
    """Recall without a model. Without memory, nothing comes back."""
    hits = Recollections()
    if stage.memory:
        stage.store.embed_now()
        hits = stage.store.recall(action.search, limit=action.limit)
    seen = names.came_back(step, action.search, hits, frozenset())
    yield seen
    if action.expect is not None:
        yield from checked(step, expectations.judge_recall(action.expect, seen))


def prune(stage: Stage, names: Names, step: Step, action: Prune) -> Iterator[ReplayEvent]:
    """Plan and apply at once. The plan's reasons are told."""
    stage.store.embed_now()
    plan = stage.store.plan_prune(_policy(stage, action.prune))
    receipt = stage.store.apply(plan)
    why = {row.memory.id: names.relabelled(row.reason) for row in plan.rows}
    forgotten = {names.label(memory): why[memory] for memory in receipt.forgotten}
    yield Pruned(*when(step), forgotten=forgotten, considered=plan.considered)
    if action.expect is not None:
        yield from checked(step, expectations.judge_prune(action.expect, forgotten))


def _policy(stage: Stage, criteria: PruneCriteria) -> PrunePolicy:
    now, older = stage.clock(), criteria.older_than
    return PrunePolicy(
        older_than=now - older.before(now) if older else None,
        weaker_than=criteria.weaker_than,
        keep_last=criteria.keep_last,
        matching=criteria.matching,
        similar=criteria.similar,
    )


def change(stage: Stage, names: Names, step: Step) -> Iterator[ReplayEvent]:
    """Edit, pin, unpin, forget, restore, purge."""
    store = stage.store
    match step.action:
        case Edit(edit=label, to=text):
            store.edit(names.id(label), text)
            yield Changed(*when(step), verb="edit", ids=(label,), text=text)
        case Pin(pin=labels):
            yield _each(names, step, "pin", labels, store.pin)
        case Unpin(unpin=labels):
            yield _each(names, step, "unpin", labels, store.unpin)
        case Forget(forget=labels):
            yield _each(names, step, "forget", labels, store.forget)
        case Restore(restore=labels):
            yield _each(names, step, "restore", labels, store.restore)
        case Purge(purge=labels):
            receipt = store.purge([names.id(label) for label in labels])
            yield Changed(*when(step), verb="purge", ids=labels)
            if receipt.traces or receipt.pending:
                left = ", ".join((*receipt.traces, *receipt.pending))
                yield WentWrong(*when(step), message=f"the purge is not complete: {left}")


def _each(names: Names, step: Step, verb: str, labels: tuple[str, ...], do: Callable[[str], Turn]) -> Changed:
    for label in labels:
        do(names.id(label))
    return Changed(*when(step), verb=verb, ids=labels)
