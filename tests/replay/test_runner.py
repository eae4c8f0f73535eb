"""Scripts played on a real store, with the model that invents nothing."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.errors import ModelError
from agent.models.base import Prompt, Sampling
from agent.models.memory_only import MemoryOnly
from agent.replay.events import CameBack, Changed, InConversation, Pruned, Replied, Run, Searched, Spoken, WentWrong
from agent.replay.loading import load_script
from agent.replay.reports import run_json
from agent.replay.runner import run
from agent.replay.stage import kept
from agent.settings import Settings, load_settings
from memory_store import MemoryStore
from memory_store.ids import seeded_ids


class Listening(MemoryOnly):
    """memory_only that keeps what it was given, reads history like a model, and breaks down when it is told to."""

    name = "listening"

    def __init__(self) -> None:
        self.prompts: list[Prompt] = []
        self.sampling: list[Sampling] = []

    def stream(self, prompt: Prompt, sampling: Sampling, cancel: threading.Event) -> Iterator[str]:
        self.prompts.append(prompt)
        self.sampling.append(sampling)
        if "break down" in prompt.words:
            raise ModelError("The model broke down. Load it again.")
        return super().stream(prompt, sampling, cancel)


def of(kind: type, result: Run) -> list:
    return [event for event in result.events if isinstance(event, kind)]


FACT = "- {say: My cat is called Miso., label: miso}\n- {after: 1 month, conversation: later}\n"


def test_a_fact_comes_back_a_month_later(play) -> None:
    result = play(
        FACT + "- say: What is my cat called?\n  expect: {recalls: miso, within: 1, reply: {contains: Miso}}\n"
    )
    assert result.ok
    assert [check.expectation for check in result.checks] == ["recalls miso within 1", 'reply contains "Miso"']
    assert [event.at[:10] for event in of(Spoken, result)] == ["2026-01-01", "2026-02-01"]
    assert [event.conversation for event in of(Spoken, result)] == ["conversation 1", "later"]


def test_without_memory_nothing_comes_back_and_all_else_is_the_same(play) -> None:
    script = (
        FACT + "- say: What is my cat called?\n  expect: {recalls: miso, reply: {contains: Miso}}\n- search: Miso\n"
    )
    result = play(script, memory=False)
    assert [check.holds for check in result.checks] == [False, False]
    assert [type(event) for event in result.events if isinstance(event, CameBack)] == [Searched]
    assert not of(Searched, result)[0].recalled
    assert of(Spoken, result) == of(Spoken, play(script))


def test_no_id_of_the_store_leaves_the_replay(play) -> None:
    result = play(
        FACT + "- say: What is my cat called?\n- note: Miso likes trout and sleeps all day long.\n"
        "- prune: {similar: 0.2}\n- search: Miso\n- {forget: miso.reply}\n"
    )
    names = {"miso", "miso.reply", "#2", "#2.reply", "#3"}
    recalled = {item.id for event in of(CameBack, result) for item in event.recalled}
    assert "miso" in recalled
    assert recalled <= names
    assert set(of(Pruned, result)[0].forgotten) <= names
    ids = seeded_ids(0)
    told = json.dumps(run_json(result))
    assert not any(ids() in told for _ in range(100))


def test_heard_turns_get_no_reply(play) -> None:
    result = play("- {hear: I moved to Oslo., speaker: Ana}\n- {hear: Good for you., speaker: assistant}\n")
    assert not of(Replied, result)
    assert [(event.speaker, event.id) for event in of(Spoken, result)] == [("Ana", "#1"), ("assistant", "#2")]


def test_conversations_are_gone_back_to(play) -> None:
    model = Listening()
    result = play(
        "- conversation: A\n- say: In A.\n- conversation: B\n- say: In B.\n- conversation: A\n- say: In A again.\n"
        "- conversation: A\n",
        model=model,
    )
    assert [(event.conversation, event.back) for event in of(InConversation, result)] == [
        ("A", False),
        ("B", False),
        ("A", True),
    ]
    history = [message.content for message in model.prompts[-1].messages]
    assert "In A." in history
    assert "In B." not in history


def test_what_is_before_the_model_already_is_not_recalled(play) -> None:
    result = play(
        "- {say: My cat is called Miso., label: miso}\n"
        "- say: What is my cat called?\n  expect: {does_not_recall: [miso, miso.reply]}\n",
        model=Listening(),
    )
    assert result.ok


def test_the_model_lives_on_the_scripts_clock_and_seed(play) -> None:
    model = Listening()
    play("start: 2031-05-06\nsteps:\n- say: Hello.\n- {after: 2 days, say: Hello again.}\n", model=model, seed=42)
    assert [prompt.messages[-1].content.split("\n")[0] for prompt in model.prompts] == [
        "Today is 2031-05-06.",
        "Today is 2031-05-08.",
    ]
    assert {sampling.seed for sampling in model.sampling} == {42}


def test_pins_are_in_the_prompt_with_memory_only(play) -> None:
    script = "- {note: I am allergic to nuts., label: nuts}\n- pin: nuts\n- say: Hi.\n- unpin: nuts\n- say: Hi again.\n"
    model, forgetful = Listening(), Listening()
    play(script, model=model)
    play(script, model=forgetful, memory=False)
    assert ["nuts" in prompt.messages[0].content for prompt in model.prompts] == [True, False]
    assert not any("nuts" in prompt.messages[0].content for prompt in forgetful.prompts)


def test_an_edit_is_what_comes_back(play) -> None:
    result = play(
        "- {note: Hanna lives in Porto., label: hanna}\n- {edit: hanna, to: Hanna lives in Tromsø.}\n"
        "- say: Where does Hanna live?\n"
        "  expect: {recalls: hanna, reply: {contains: Tromsø, does_not_contain: Porto}}\n"
    )
    assert result.ok
    assert of(Changed, result)[0].text == "Hanna lives in Tromsø."


def test_forget_restore_and_purge(play) -> None:
    seek = "- search: Where is the spare key?\n  expect: "
    result = play(
        "- {note: The spare key is in the shed., label: key}\n- {note: The shed is green., label: shed}\n"
        f"- forget: key\n{seek}{{does_not_recall: key}}\n- restore: key\n{seek}{{recalls: key, within: 1}}\n"
        f"- purge: key\n{seek}{{does_not_recall: key}}\n"
    )
    assert result.ok, result.failures
    assert [event.verb for event in of(Changed, result)] == ["forget", "restore", "purge"]


def test_a_purge_that_leaves_traces_is_told(play, monkeypatch: pytest.MonkeyPatch) -> None:
    purge = MemoryStore.purge
    monkeypatch.setattr(MemoryStore, "purge", lambda store, ids: replace(purge(store, ids), traces=("chroma/x.bin",)))
    result = play("- {note: The spare key is in the shed., label: key}\n- purge: key\n")
    assert [event.message for event in result.failures] == ["the purge is not complete: chroma/x.bin"]


def test_prune_and_what_it_spares(play) -> None:
    result = play(
        "- {note: Parked on level 3., label: old}\n- {note: Blood group 0., label: pinned}\n- pin: pinned\n"
        "- {after: 1 year, note: Flat number 17., label: new}\n"
        "- prune: {older_than: 6 months}\n  expect: {forgets: [old, new], keeps: [pinned, new]}\n"
    )
    assert [(check.expectation, check.holds) for check in result.checks] == [
        ("forgets old", True),
        ("forgets new", False),
        ("keeps pinned", True),
        ("keeps new", True),
    ]
    assert of(Pruned, result)[0].considered == 3


def test_a_model_that_breaks_down_fails_its_step_and_no_other(play) -> None:
    result = play(
        "- {say: Please break down., label: x, expect: {reply: {contains: a}}}\n"
        "- pin: x\n- pin: x.reply\n- say: Hello.\n",
        model=Listening(),
    )
    wrong = of(WentWrong, result)
    assert [(event.line, event.message) for event in wrong] == [
        (1, "The model broke down. Load it again."),
        (3, "'x.reply' was never said, because an earlier step could not be done."),
    ]
    assert [check.detail for check in result.checks] == ["no reply came"]
    assert of(Replied, result)[0].id == "#2.reply"
    assert not result.ok


@pytest.mark.parametrize(
    "words", ["[bold]not markup[/bold]", "\u202eback\u202c", "\x1b[31mred\x07", "🐈‍⬛ e\u0301", "</s>"]
)
def test_odd_words_are_kept_as_they_are(play, words: str) -> None:
    result = play(f"- hear: {json.dumps(words)}\n")
    assert of(Spoken, result)[0].text == words


def test_the_scratch_store_is_removed(play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch_home = tmp_path / "scratch"
    scratch_home.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch_home))
    assert play("- say: Hello.\n").ok
    assert list(scratch_home.iterdir()) == []


def test_a_kept_replay_stays_in_the_profile_and_remembers_it(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "home")
    settings.paths.create()
    with MemoryStore.open(settings.paths.profile_dir, indexing="off") as store:
        earlier = store.remember("My tortoise is called Turbo.")
    path = tmp_path / "script.yaml"
    path.write_text("- say: What is my tortoise called?\n  expect: {reply: {contains: Turbo}}\n", encoding="utf-8")
    results = []
    for _ in range(2):
        script = load_script(path)
        with kept(script, MemoryOnly(), settings) as stage:
            results.append(run(script, stage))
    assert [result.ok for result in results] == [True, True]
    assert of(CameBack, results[0])[0].recalled[0].id == earlier.id
    with MemoryStore.open(settings.paths.profile_dir, indexing="off") as store:
        said = [turn.text for turn in store.memories(speaker="user", notes=False)]
    assert said == ["What is my tortoise called?"] * 2


def test_the_settings_recall_limit_rules(play) -> None:
    notes = "".join(f"- note: My cat number {number} is called Miso{number}.\n" for number in range(15))
    result = play(notes + "- say: What is my cat called?\n")
    assert len(of(CameBack, result)[0].recalled) == Settings().recall.limit
