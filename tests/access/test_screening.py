"""No door writes a secret that the policy does not let through: each is walked, and one that is new must be told of."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.dialogue import Dialogue
from agent.models.memory_only import MemoryOnly
from agent.serving.memory_tools import server
from agent.settings import Settings
from memory_store import MemoryStore, NewTurn
from memory_store.errors import SecretInWords
from memory_store.interchange import import_file
from memory_store.records import NewDerived, Revision
from tests.conftest import ON_BOTH, OpenStore
from tests.serving.test_memory_tools import connected, refused

KEY = "AKIAIOSFODNN7EXAMPLE"
WORDS = f"use {KEY}"
LEFT = "use [AWS Access Key, left out]"

Door = Callable[[MemoryStore, Path], object]


def _an_id(store: MemoryStore) -> str:
    return store.memories(notes=True)[0].id


def _import(store: MemoryStore, folder: Path, **options: Any) -> object:
    file = folder / "log.json"
    file.write_text(json.dumps([{"role": "user", "content": WORDS}]))
    return import_file(store, file, **options)


def _import_titled(store: MemoryStore, folder: Path) -> object:
    file = folder / "chats.json"
    node = {"id": "n", "message": {"author": {"role": "user"}, "content": {"parts": ["hello"]}, "create_time": 1.0}}
    file.write_text(json.dumps([{"title": WORDS, "id": "c", "mapping": {"n": node}}]))
    return import_file(store, file)


DOORS: dict[str, Door] = {
    "remember": lambda store, _: store.remember(WORDS),
    "remember_many": lambda store, _: store.remember_many([NewTurn("plain"), NewTurn(WORDS, conversation="c")]),
    "earlier wordings": lambda store, _: store.remember_many(
        [NewTurn("now", revisions=(Revision(0, WORDS, datetime(2026, 1, 1, tzinfo=UTC)),))]
    ),
    "edit": lambda store, _: store.edit(_an_id(store), WORDS),
    "begin_conversation": lambda store, _: store.begin_conversation(title=WORDS),
    "rename_conversation": lambda store, _: store.rename_conversation("talk", WORDS),
    "import": _import,
    "a title in an import": _import_titled,
    "keep_derived": lambda store, _: store.keep_derived(
        [NewDerived("fact", WORDS, (_an_id(store),))], model="m", through=_an_id(store)
    ),
    "hear": lambda store, _: _dialogue(store).hear(WORDS),
    "reply": lambda store, _: list(_dialogue(store).reply(WORDS)),
}
ELSEWHERE = {"screened", "memories"}
"""Methods that take words and write none."""


def _dialogue(store: MemoryStore) -> Dialogue:
    return Dialogue(store, MemoryOnly(), settings=Settings(), conversation="talk")


def test_every_method_that_takes_words_is_among_the_doors() -> None:
    taking = {
        name
        for name, method in inspect.getmembers(MemoryStore, inspect.isfunction)
        if not name.startswith("_")
        and {"text", "title", "turns", "words", "notes"} & inspect.signature(method).parameters.keys()
    }
    assert taking - ELSEWHERE <= DOORS.keys(), "a new door: walk through it here"


def _world(open_store: OpenStore, policy: str) -> MemoryStore:
    store = open_store(secrets=policy)
    store.remember("a note")
    store.remember("said", conversation="talk")
    return store


def _written(folder: Path) -> bool:
    return any(KEY.encode() in file.read_bytes() for file in (folder / "store").rglob("*") if file.is_file())


@pytest.mark.parametrize("door", DOORS)
def test_asked_first_nothing_is_written(door: str, open_store: OpenStore, tmp_path: Path) -> None:
    store = _world(open_store, "ask")
    before = store.memories(), store.conversations(), store.acts()
    with pytest.raises(SecretInWords, match="AWS Access Key"):
        DOORS[door](store, tmp_path)
    assert (store.memories(), store.conversations(), store.acts()) == before
    assert not _written(tmp_path)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("policy", "answer"), [("redact", "keep"), ("ask", "redact")])
def test_left_out_by_policy_or_answer(
    door: str, policy: str, answer: Any, open_store: OpenStore, tmp_path: Path
) -> None:
    store = _world(open_store, policy)
    with store.secrets_settled(answer):
        DOORS[door](store, tmp_path)
    assert not _written(tmp_path)
    seen = [turn.text for turn in store.memories()] + [one.title for one in store.conversations()]
    seen += [old.text for turn in store.memories() for old in store.revisions(turn.id)]
    assert LEFT in seen


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("policy", ["ask", "keep"])
def test_kept_by_policy_or_answer(door: str, policy: str, open_store: OpenStore, tmp_path: Path) -> None:
    store = _world(open_store, policy)
    with store.secrets_settled("keep") if policy == "ask" else nullcontext():
        DOORS[door](store, tmp_path)
    assert _written(tmp_path)


@ON_BOTH
def test_an_answer_is_for_what_is_written_inside_alone(open_store: OpenStore) -> None:
    store = _world(open_store, "ask")
    with store.secrets_settled("keep"):
        store.remember(WORDS)
    with pytest.raises(SecretInWords):
        store.remember(WORDS)


def test_what_the_agent_says_is_kept_or_left_out_and_never_asked_about(open_store: OpenStore) -> None:
    """A reply quotes what was kept before: there is nobody to ask, and it must not be lost."""
    for policy, said in (("ask", KEY), ("redact", "[AWS Access Key, left out]")):
        store = open_store(folder=policy)
        store.remember(f"The key of the bucket is {KEY}.", conversation="before")
        store.close()
        store = open_store(folder=policy, secrets=policy)
        list(_dialogue(store).reply("What is the key of the bucket?"))
        assert said in store.history("talk")[-1].text


@ON_BOTH
def test_an_import_asks_once_for_the_whole_file(open_store: OpenStore, tmp_path: Path) -> None:
    store = _world(open_store, "ask")
    asked: list[Any] = []
    _import(store, tmp_path, settle=lambda found: asked.append(found) or "redact")
    assert [(one.turns, one.kinds) for one in asked] == [(1, "AWS Access Key")]
    assert LEFT in {turn.text for turn in store.memories()}
    again = import_file(store, tmp_path / "log.json", redact=True)
    assert (again.turns_new, again.turns_known) == (0, 1)
    assert not any("other words" in note for note in again.notes)


async def test_an_agent_is_told_instead_of_asked(open_store: OpenStore) -> None:
    store = _world(open_store, "ask")
    async with connected(server(store)) as session:
        assert "AWS Access Key" in await refused(session, "remember", text=WORDS)
        assert "AWS Access Key" in await refused(session, "correct_memory", id=_an_id(store), text=WORDS)
    assert KEY not in str(store.memories())
