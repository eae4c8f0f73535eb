"""The plain chat: the same conversation in lines, with the commands of the table and nothing drawn."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.settings import Settings, load_settings
from memory_store import MemoryStore
from memory_store.errors import MnemeError, StoreTooNew
from tests.tui.app_kit import Scripted, maker
from tui.plain.chat import PlainChat
from tui.plain.lines import Lines
from tui.slash.table import COMMANDS
from tui.talking.session import Opening, Session
from tui.text.names import names
from tui.text.sanitise import clean

Opener = Callable[[Settings], MemoryStore]
Typed = str | Callable[[PlainChat], str] | type[BaseException]


class Typist(Lines):
    """Types what it was given, and keeps what is told. An exception is raised in its turn."""

    def __init__(self, *typed: Typed) -> None:
        self.at_terminal = False
        self._readline = None
        self.typed, self.told = list(typed), ""
        self.chat: PlainChat | None = None

    def read(self) -> str | None:
        if not self.typed:
            return None
        line = self.typed.pop(0)
        if isinstance(line, type):
            raise line
        said = line if isinstance(line, str) else line(self.chat)
        self.told += f"You: {said}\n"
        return said

    def answer(self, question: str) -> str:
        self.told += question
        return self.read() or ""

    def say(self, text: str = "") -> None:
        self.told += clean(text) + "\n"

    def write(self, text: str) -> None:
        self.told += text


@pytest.fixture
def converse(opener: Opener) -> Callable[..., Typist]:
    def run(settings: Settings, model: Scripted, *typed: Typed, opening: Opening | None = None) -> Typist:
        session = Session(settings, opener=opener, model_maker=maker(model))
        typist = Typist(*typed)
        typist.chat = PlainChat(session, typist, name_of=names("you"))
        try:
            typist.chat.run(opening or Opening())
        finally:
            session.close()
        return typist

    return run


def test_words_and_replies_are_lines(world: Settings, converse: Callable[..., Typist]) -> None:
    told = converse(world, Scripted(["She is ", "called\nMiso [1].\x1b[31m"]), "What is my cat called?", "/why").told
    assert "\nYou: What is my cat called?\nAgent: She is called\nMiso [1].\n(" in told
    assert "memories recalled" in told
    assert "[1] cited" in told
    assert "We adopted a cat" in told
    assert not set(told) & set("─│╭╮╰╯┃━●○◆\x1b")


@pytest.mark.parametrize(("answer", "kept"), [("y", "use [AWS Access Key, left out]"), ("k", "use {}"), ("n", None)])
@pytest.mark.parametrize("typed", ["{}", "/remember {}", "/rewrite {}"])
def test_a_secret_is_asked_about_whatever_writes_it(
    world: Settings, converse: Callable[..., Typist], opener: Opener, typed: str, answer: str, kept: str | None
) -> None:
    key = "AKIAIOSFODNN7EXAMPLE"
    told = converse(world, Scripted(), "hello", typed.format(f"use {key}"), answer).told
    assert "This holds what looks like a secret (AWS Access Key)." in told
    with opener(world) as store:
        words = [turn.text for turn in store.memories()]
    assert (key in str(words)) is (answer == "k")
    assert kept is None or kept.format(key) in words
    assert ("Nothing was said." in told) is (answer == "n")


def test_every_command_of_the_table_that_it_says_is_obeyed(settings: Settings, converse: Callable[..., Typist]) -> None:
    typist = converse(settings, Scripted())
    assert typist.chat._commands.obeyed.keys() == {command.name for command in COMMANDS if command.plain}


def test_commands_change_the_memory_and_what_goes_wrong_is_a_line(
    world: Settings, converse: Callable[..., Typist], opener: Opener
) -> None:
    model = Scripted(["Miso [1]."])
    told = converse(
        world,
        model,
        "What is my cat called?",
        "/helpful 1",
        "/remember The attic key is blue.",
        "/regenerate",
        "/undo",
        "/rewrite Who is Miso?",
        "/without 1",
        "/pin 99",
        "/pim 1",
        "/copy",
        "/resume kyoto",
        "/title Spring in Kyoto",
        "/as-of 2026-08-10",
        "/search sakura",
        "/help",
    ).told
    for line in (
        "Marked as helpful here.",
        "Remembered.",
        "(1 earlier turn forgotten; /undo brings back.)",
        "Taken back: discarded turns for others.",
        "Agent, without it: Miso [1].",
        "(Nothing of this is kept.)",
        "There is no [99].",
        "Did you mean /pin?",
        "/copy is for the app",
        "Conversation: Trip to Kyoto, 4 turns.",
        "Renamed.",
        "(as of 2026-08-10)",
        "  /pin MEMORY: ",
    ):
        assert line in told, line
    with opener(world) as store:
        latest = [one for one in store.conversations() if one.title == "Who is Miso?"]
        assert [turn.text for turn in store.history(latest[0].id)] == ["Who is Miso?", "Miso [1]."]
        assert [one.title for one in store.conversations(matching="Spring")] == ["Spring in Kyoto"]


def test_incognito_is_said_and_writes_nothing(settings: Settings, converse: Callable[..., Typist], home: Path) -> None:
    model = Scripted(["A quagga indeed."])
    told = converse(settings, model, "/incognito", "My zebra is secret.", "/regenerate", "/editor").told
    assert "(incognito: recalls, remembers nothing)" in told
    assert told.count("Agent: A quagga indeed.") == 2
    assert model.asked[-1].messages[-1].content.endswith("My zebra is secret.")
    assert "nothing of this may be there" in told
    assert_nowhere(home, b"zebra", b"quagga")


def assert_nowhere(folder: Path, *words: bytes) -> None:
    for file in folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not any(word in content for word in words), file


def test_a_failing_model_and_ctrl_c_do_not_end_it(settings: Settings, converse: Callable[..., Typist]) -> None:
    told = converse(
        settings,
        Scripted(["Half a"], failure="Out of memory."),
        "Hello?",
        KeyboardInterrupt,
        "Again?",
        KeyboardInterrupt,
    ).told
    assert told.count("Agent: Half a\n(not finished, Out of memory.)") == 2
    assert told.count("Ctrl+C once more") == 2
    left = converse(settings, Scripted(), KeyboardInterrupt, KeyboardInterrupt, "never read")
    assert left.typed == ["never read"]


def test_a_store_that_cannot_be_opened_is_one_error(settings: Settings) -> None:
    def refuse(settings: Settings) -> MemoryStore:
        raise StoreTooNew("Written by a newer mneme. Update this one.")

    session = Session(settings, opener=refuse, model_maker=maker(Scripted()))
    with pytest.raises(MnemeError, match="newer mneme"):
        PlainChat(session, Typist(), name_of=names("you")).run(Opening())
    session.close()


def test_what_is_typed_to_take_something_back_is_named(world: Settings, converse: Callable[..., Typist]) -> None:
    told = converse(world, Scripted(["Miso."]), "Who is Miso?", "/forget this", "/undo").told
    assert "never recalled. /undo takes it back." in told
    assert "Taken back: forgot 1 memory." in told


def test_through_a_pipe(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from tui.cli import main; main()", "chat", "--plain"],
        input="My cat is called Miso.\nWhat is my \\\ncat called?\n",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "MNEME_HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert "You: My cat is called Miso.\nAgent: Noted.\n" in done.stdout
    assert "You: What is my \\\nAnd: cat called?\nAgent: This is what I remember about that:" in done.stdout
    assert "Resume with: mneme chat --plain --conversation" in done.stderr


def test_how_to_resume_names_the_flags_that_were_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tui.commands.chat import _how_to_resume

    _how_to_resume(load_settings(tmp_path, "two"), tmp_path / "a b", "chat", "k3f9")
    flags = f"--home '{tmp_path}/a b' --profile two"
    assert capsys.readouterr().err == f"Resume with: mneme {flags} chat --conversation k3f9\n"
