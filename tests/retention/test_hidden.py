"""What is forgotten is seen nowhere until it is restored: every way to words is tried."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.dialogue import Dialogue
from agent.settings import load_settings
from memory_store import MemoryStore, jsonable
from memory_store.interchange import export_jsonl
from tests.agent.making import Scripted
from tests.conftest import OpenStore

SECRET = "The quokka sleeps under the porch."
WORD = "quokka"


class Life:
    """A conversation in which the secret was said, recalled, cited and answered; and another conversation."""

    def __init__(self, store: MemoryStore, home: Path) -> None:
        self.store, self.home = store, home
        self.secret = store.remember(SECRET, conversation="talk")
        self.answer = store.remember("Good to know.", speaker="assistant", conversation="talk")
        store.pin(self.secret.id)
        found = [hit for hit in store.recall("Where does it sleep?") if hit.memory.id == self.secret.id]
        self.reply = store.remember(
            "Under the porch [1].", speaker="assistant", conversation="other",
            recalled=found, in_prompt=[self.secret.id], numbers={self.secret.id: 1}, cited=[self.secret.id],
        )  # fmt: skip
        store.branch(self.answer.id)

    def prompted(self, conversation: str | None) -> str:
        """Everything that a model is given when something near the secret is said."""
        model = Scripted()
        settings = load_settings(self.home)
        for _ in Dialogue(self.store, model, settings=settings, conversation=conversation).reply("Who sleeps?"):
            pass
        return str(model.prompts[-1])

    def exported(self) -> str:
        stream = io.StringIO()
        export_jsonl(self.store, stream)
        return stream.getvalue()

    def shown(self, id: str) -> str:
        kept = [entry.memory for entry in self.store.recalled_for(id) if entry.memory is not None]
        assert len(kept) == 1
        return json.dumps([jsonable.ledger_json(entry) for entry in self.store.recalled_for(id)])


WAYS: dict[str, Callable[[Life], str]] = {
    "recall": lambda life: str(life.store.recall("Where does the quokka sleep?", limit=50)),
    "recall in a budget": lambda life: str(life.store.recall("the quokka sleeps", budget=500)),
    "the list": lambda life: str(life.store.memories()),
    "the list of what contains it": lambda life: str(life.store.memories(matching=WORD)),
    "the list of pinned ones": lambda life: str(life.store.memories(pinned=True)),
    "the history of its conversation": lambda life: str(life.store.history("talk")),
    "the history of a branch": lambda life: str(life.store.history(life.store.conversations()[0].id)),
    "what was said around another": lambda life: str(life.store.context(life.answer.id)),
    "why": lambda life: life.shown(life.reply.id),
    "the titles of conversations": lambda life: str(life.store.conversations()),
    "conversations that contain it": lambda life: WORD * len(life.store.conversations(matching=WORD)),
    "an export": Life.exported,
    "the prompt of its own conversation": lambda life: life.prompted("talk"),
    "the prompt of another": lambda life: life.prompted(None),
}


@pytest.mark.parametrize("way", WAYS)
def test_it_is_seen_before_hidden_at_once_and_seen_again(open_store: OpenStore, tmp_path: Path, way: str) -> None:
    with open_store() as store:
        life = Life(store, tmp_path / "home")
        assert WORD in WAYS[way](life)
        store.forget(life.secret.id)
        assert WORD not in WAYS[way](life)
        store.restore(life.secret.id)
        assert WORD in WAYS[way](life)
