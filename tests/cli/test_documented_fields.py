"""docs/commands.md names exactly the fields that are printed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from memory_store import jsonable
from memory_store.journal.acts import Act, AuditEntry, TakenBack
from memory_store.records import (
    Conversation,
    HealthReport,
    LedgerEntry,
    PrunePlan,
    PrunePolicy,
    PruneRow,
    PurgeReceipt,
    Recollection,
    StoreStats,
    Turn,
)

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "commands.md").read_text("utf-8")
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TURN = Turn("a1", None, 0, "user", "Hello", NOON)


def listed(name: str) -> set[str]:
    [line] = re.findall(rf"^- \*\*{name}\*\*: (.*)$", TEXT, re.MULTILINE)
    return set(re.findall(r"`(\w+)`", line))


def row(command: str) -> set[str]:
    [line] = [line for line in TEXT.splitlines() if line.startswith(f"| `{command}`")]
    return set(re.findall(r"`(\w+)`", line.split("|")[2]))


def test_memories_recollections_and_conversations() -> None:
    found = listed("recollection") | row("memory search")
    assert set(jsonable.turn_json(TURN)) == listed("memory")
    assert set(jsonable.recollection_json(Recollection(TURN, 1.0, {"words": 1.0}))) == found
    assert set(jsonable.conversation_json(Conversation("c1", "Hi", NOON, NOON, 1))) == listed("conversation")


def test_a_ledger_has_the_same_fields_with_and_without_its_words() -> None:
    kept = jsonable.ledger_json(LedgerEntry(1, "a1", 1.0, {}, in_prompt=True, memory=TURN))
    purged = jsonable.ledger_json(LedgerEntry(1, "a1", 1.0, {}, in_prompt=True))
    assert set(kept) == set(purged) == listed("recollection") | row("memory why")
    assert (purged["id"], purged["text"]) == ("a1", None)


def test_acts() -> None:
    act = Act(3, NOON, "forget", "app", ("a1",))
    assert set(jsonable.act_json(act)) == listed("act")
    lines = AuditEntry(NOON, "forget", "app", ("a1",), act=act), AuditEntry(NOON, "read", "app", ("a1",), reply="b2")
    assert [set(jsonable.audit_json(line)) for line in lines] == [listed("act") | {"reply"}] * 2
    printed = jsonable.taken_back_json(TakenBack(act, (TURN,), changed=1))
    assert set(printed) | {"done", "acts"} == listed("act") | row("undo")


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        ("memory check", jsonable.health_json(HealthReport(True, 1, 1, 1, 0))),
        ("memory purge", jsonable.purge_json(PurgeReceipt(("a1",), 1, 1, ()))),
    ],
)
def test_reports(command: str, printed: dict[str, object]) -> None:
    assert set(printed) == row(command)


def test_plans_and_counts_hold_what_is_said_of_them() -> None:
    plan = jsonable.plan_json(PrunePlan(PrunePolicy(keep_last=1), (PruneRow(TURN, "old", 0.5),), 2))
    assert set(plan) | {"forgotten", "skipped", "reason", "strength"} == row("memory prune")
    assert set(plan["rows"][0]) == listed("memory") | {"reason", "strength"}
    stats = jsonable.stats_json(StoreStats(1, 0, 1, 0, 0, first_said_at=NOON))
    assert row("memory stats") < set(stats)
    assert stats["first_said_at"] == "2026-05-01T12:00:00Z"
