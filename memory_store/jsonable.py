"""Records as plain values for JSON. Scripts rely on these names: see docs/commands.md before touching one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from memory_store.backups.archive import Backup
from memory_store.interchange.dates import to_iso
from memory_store.journal.acts import Act, AuditEntry, TakenBack
from memory_store.records import (
    Conflict,
    ConflictChain,
    Conversation,
    Derived,
    Forecast,
    HealthReport,
    LedgerEntry,
    PrunePlan,
    PurgeReceipt,
    Recollection,
    Revision,
    StoreStats,
    Turn,
)

Json = dict[str, Any]


def turn_json(turn: Turn) -> Json:
    """A memory, as ``mneme memory list --json`` gives it."""
    return _words(turn) | {"pinned": turn.pinned, "forgotten": turn.forgotten}


def recollection_json(recollection: Recollection, in_prompt: Collection[str] | None = None) -> Json:
    """A recollection, as ``memory search --json`` gives it; with ``in_prompt`` (ids), as ``ask --json`` does."""
    value = _words(recollection.memory) | {"score": recollection.score, "reasons": dict(recollection.reasons)}
    value |= {"folded": list(recollection.folded), "explains": recollection.explains or None}
    told = recollection.superseded
    value["superseded"] = None if told is None else {"since": to_iso(told.since), "by": told.by}
    if in_prompt is not None:
        value["in_prompt"] = recollection.memory.id in in_prompt
    return value


def ledger_json(entry: LedgerEntry) -> Json:
    """One memory that was recalled for a reply. Its words are null while it is forgotten, and once it is purged."""
    shown = entry.memory is not None and not entry.memory.forgotten
    words = _words(entry.memory) if entry.memory and shown else dict.fromkeys(_WORDS) | {"id": entry.memory_id}
    place = {"in_prompt": entry.in_prompt, "number": entry.number, "cited": entry.cited}
    return words | {"score": entry.score, "reasons": dict(entry.reasons)} | place


def conflict_json(conflict: Conflict) -> Json:
    """A contradiction, as ``memory conflicts --json`` gives it."""
    both = {"older": turn_json(conflict.older), "newer": turn_json(conflict.newer)}
    return _dated(asdict(conflict)) | both


def chain_json(chain: ConflictChain) -> Json:
    """A chain of contradictions, as ``memory conflicts --json`` gives it: what was said, in time order."""
    return {
        "id": chain.id,
        "state": chain.state,
        "why": chain.why,
        "values": [value for _, value in chain.statements],
        "statements": [turn_json(memory) | {"value": value} for memory, value in chain.statements],
        "links": [conflict_json(one) for one in chain.links],
    }


def derived_json(one: Derived) -> Json:
    """A derived note, as ``consolidate --list --json`` gives it."""
    more = {"kind": one.kind, "sources": [source.id for source in one.sources], "model": one.model}
    return turn_json(one.note) | more | {"derived_at": to_iso(one.at)}


def revision_json(revision: Revision) -> Json:
    return {
        "revision": revision.revision,
        "text": revision.text,
        "superseded_at": to_iso(revision.superseded_at),
    }


def conversation_json(conversation: Conversation) -> Json:
    return _dated(asdict(conversation))


def plan_json(plan: PrunePlan) -> Json:
    rows = [turn_json(row.memory) | {"reason": row.reason, "strength": row.strength} for row in plan.rows]
    return {"considered": plan.considered, "rows": rows}


def forecast_json(forecast: Forecast) -> Json:
    """What a prune would forget some time from now, as ``memory prune --simulate --json`` gives it."""
    rows = [{"id": row.memory.id, "reason": row.reason, "strength": row.strength} for row in forecast.plan.rows]
    return {"days": forecast.ahead.total_seconds() / 86_400, "at": to_iso(forecast.at), "rows": rows}


def purge_json(receipt: PurgeReceipt) -> Json:
    return asdict(receipt)


def backup_json(backup: Backup) -> Json:
    """A backup, as ``mneme backup list --json`` gives it."""
    return {"file": str(backup.file), "size": backup.size} | _dated(asdict(backup.manifest))


def health_json(report: HealthReport) -> Json:
    return asdict(report)


def stats_json(stats: StoreStats) -> Json:
    return _dated(asdict(stats))


def act_json(act: Act) -> Json:
    """An act, as ``memory audit --json`` gives it."""
    value = _dated(asdict(act))
    return {"act": value.pop("number"), **value, "subjects": list(act.subjects)}


def audit_json(entry: AuditEntry) -> Json:
    """A line of the audit, as ``memory audit --json`` gives it."""
    act = act_json(entry.act) if entry.act is not None else dict.fromkeys(_ACT)
    own = {"at": to_iso(entry.at), "kind": entry.kind, "actor": entry.actor, "subjects": list(entry.subjects)}
    return act | own | {"reply": entry.reply}


def taken_back_json(one: TakenBack) -> Json:
    """An act that was taken back (or would be), as ``undo --json`` gives it."""
    changed = {"changed": one.changed, "gone": one.gone}
    memories = [turn_json(turn) for turn in one.memories]
    return (
        act_json(one.act)
        | changed
        | {
            "memories": memories,
            "conversations": [conversation_json(thread) for thread in one.conversations],
        }
    )


_ACT = ("act", "at", "kind", "actor", "subjects", "undoable", "undone", "original")
_WORDS = ("id", "source_id", "conversation", "speaker", "text", "said_at", "standing")


def _words(turn: Turn) -> Json:
    return {
        "id": turn.id,
        "source_id": turn.source_id,
        "conversation": turn.conversation_id,
        "speaker": turn.speaker,
        "text": turn.text,
        "said_at": to_iso(turn.said_at),
        "standing": turn.standing,
    }


def _dated(value: Json) -> Json:
    return {name: to_iso(item) if isinstance(item, datetime) else item for name, item in value.items()}
