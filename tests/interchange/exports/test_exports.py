"""The conversations people already had elsewhere: each layout, as it is downloaded, into a store."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from memory_store import MemoryStore
from memory_store.errors import ImportFailed
from memory_store.interchange import import_file
from tests.conftest import ON_BOTH, OpenStore
from tests.interchange.exports import making

ATTACHED = "Attachments are named, their contents are not imported: {} of them."


def written(tmp_path: Path, content: Any, name: str = "conversations.json") -> Path:
    file = tmp_path / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return file


def said(store: MemoryStore, conversation: str) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text) for turn in store.history(conversation)]


@ON_BOTH
@pytest.mark.parametrize("packed", [False, True])
def test_chatgpt_the_branch_shown_last(open_store: OpenStore, tmp_path: Path, packed: bool) -> None:
    store = open_store()
    if packed:
        members = {"chat.html": "<html>", "../../conversations.json": making.chatgpt(), "user.json": {}}
        file = making.zipped(tmp_path / "export.zip", members)
    else:
        file = written(tmp_path, making.chatgpt())
    report = import_file(store, file)
    assert (report.format, report.turns_new, report.conversations) == ("chatgpt", 2, 1)
    assert said(store, "conv-1") == [
        ("user", "My cat is called Miso.\n[attachment: miso.jpg]"),
        ("assistant", "A fine name."),
    ]
    assert store.conversation("conv-1").title == "Cats and names"
    assert store.history("conv-1")[0].said_at == datetime(2023, 5, 8, 13, 56, 2, tzinfo=UTC)
    assert ATTACHED.format(1) in report.notes
    again = import_file(store, file)
    assert (again.turns_new, again.turns_known) == (0, 2)


def test_chatgpt_broken_trees_are_told_and_the_rest_comes_in(open_store: OpenStore, tmp_path: Path) -> None:
    circle, lost, bare = (json.loads(json.dumps(making.chatgpt()[0])) for _ in range(3))
    circle["mapping"]["system"]["parent"] = "reply-2"
    lost |= {"conversation_id": "conv-2", "current_node": "nowhere"}
    bare["conversation_id"] = "conv-3"
    bare["mapping"]["ask-2"]["message"]["content"] = "no object"
    odd = [{"title": "no id", "mapping": {}}, "no object", circle, lost, bare, making.chatgpt()[0]]
    store = open_store()
    report = import_file(store, written(tmp_path, odd), format="chatgpt")
    assert report.turns_new == 2 + 2 + 1
    assert said(store, "conv-2")[-1] == ("assistant", "A fine name.")
    assert said(store, "conv-3") == [("assistant", "A fine name.")]
    notes = "\n".join(report.notes)
    assert "3 malformed conversations skipped." in notes
    assert 'Conversation 1 of conversations.json: a conversation without "id".' in notes
    assert "Conversation 2 of conversations.json: a conversation must be a JSON object, not text." in notes
    assert "Conversation 3 of conversations.json: its messages answer each other in a circle." in notes
    assert 'Conversation 5 of conversations.json, message ask-2: "content" must be a JSON object, not text.' in notes


@ON_BOTH
def test_claude_what_was_said_without_thoughts_and_tools(open_store: OpenStore, tmp_path: Path) -> None:
    store = open_store()
    file = making.zipped(tmp_path / "data.zip", {"conversations.json": making.claude(), "users.json": []})
    report = import_file(store, file)
    assert report.format == "claude"
    assert said(store, "c-1") == [
        ("user", "We went to Lisbon.\n[attachment: notes.txt]\n[attachment: ferry.png]"),
        ("assistant", "How was it?"),
    ]
    assert store.conversation("c-1").title == "Lisbon"
    assert ATTACHED.format(2) in report.notes


def test_claude_the_branch_shown_last(open_store: OpenStore, tmp_path: Path) -> None:
    export = making.claude()
    first, reply = export[0]["chat_messages"]
    other = reply | {"uuid": "3", "content": [{"type": "text", "text": "Tell me more."}]}
    export[0]["chat_messages"] = [
        first | {"parent_message_uuid": "0"},
        reply | {"parent_message_uuid": "1"},
        other | {"parent_message_uuid": "1"},
    ]
    newest, chosen = open_store("newest"), open_store("chosen")
    import_file(newest, written(tmp_path, export))
    assert said(newest, "c-1")[1:] == [("assistant", "Tell me more.")]
    export[0]["current_leaf_message_uuid"] = "2"
    import_file(chosen, written(tmp_path, export))
    assert said(chosen, "c-1")[1:] == [("assistant", "How was it?")]


@ON_BOTH
@pytest.mark.parametrize("lines", [False, True])
def test_sharegpt(open_store: OpenStore, tmp_path: Path, lines: bool) -> None:
    store = open_store()
    content: Any = making.sharegpt()
    if lines:
        content = "".join(json.dumps(row) + "\n" for row in content)
    report = import_file(store, written(tmp_path, content, "share.json"))
    assert (report.format, report.turns_new, report.conversations) == ("sharegpt", 3, 2)
    assert said(store, "s-1") == [("user", "Hello"), ("assistant", "Hi")]


@ON_BOTH
def test_whatsapp_from_an_iphone(open_store: OpenStore, tmp_path: Path) -> None:
    store = open_store()
    file = making.zipped(tmp_path / "WhatsApp Chat - Ana.zip", {"_chat.txt": making.WHATSAPP_PHONE, "1.jpg": "x"})
    report = import_file(store, file)
    assert (report.format, report.turns_new) == ("whatsapp", 5)
    (chat,) = store.conversations()
    assert chat.title == "Ana"
    assert said(store, chat.id)[1:] == [
        ("Ana", "The ferry leaves at 7.\nDo not be late!"),
        ("Ben", "[attachment: 00000012-PHOTO.jpg]"),
        ("Ben", "Ratio: 3:1"),
        ("Ben", "Ratio: 3:1"),
    ]
    assert store.history(chat.id)[1].said_at == datetime(2024, 12, 24, 21, 5, 9, tzinfo=UTC)
    longer = making.WHATSAPP_PHONE + "[26/12/2024, 08:00:01] Ana: Home.\n"
    more = import_file(store, making.zipped(file, {"_chat.txt": longer}))
    assert (more.turns_new, more.turns_known) == (1, 5)


def test_whatsapp_from_android(open_store: OpenStore, tmp_path: Path) -> None:
    store = open_store()
    report = import_file(store, written(tmp_path, making.WHATSAPP_ANDROID, "WhatsApp Chat with Ana.txt"))
    (chat,) = store.conversations()
    assert (chat.title, report.turns_new) == ("Ana", 2)
    assert [turn.said_at for turn in store.history(chat.id)] == [
        datetime(2024, 12, 24, 21, 6, tzinfo=UTC),
        datetime(2024, 12, 25, 0, 1, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    ("dates", "first", "told"),
    [
        (["01/02/24", "05/02/24", "03/03/24"], datetime(2024, 2, 1, tzinfo=UTC), False),
        (["02/01/24", "02/05/24", "03/03/24"], datetime(2024, 2, 1, tzinfo=UTC), False),
        (["2024-02-01"], datetime(2024, 2, 1, tzinfo=UTC), False),
        (["01.02.24"], datetime(2024, 2, 1, tzinfo=UTC), True),
    ],
)
def test_whatsapp_which_of_both_is_the_month(
    open_store: OpenStore, tmp_path: Path, dates: list[str], first: datetime, told: bool
) -> None:
    store = open_store()
    chat = "".join(f"{date}, 00:00 - Ana: Hello {place}\n" for place, date in enumerate(dates))
    report = import_file(store, written(tmp_path, chat, "chat.txt"))
    assert min(turn.said_at for turn in store.memories()) == first
    assert any("both were possible" in note for note in report.notes) == told


@ON_BOTH
@pytest.mark.parametrize("make", [making.llm_logs, making.ollama_app])
def test_databases_of_other_programs(open_store: OpenStore, tmp_path: Path, make: Callable[[Path], Path]) -> None:
    store, file = open_store(), make(tmp_path / "logs.db")
    before = file.read_bytes()
    report = import_file(store, file)
    again = import_file(store, file)
    assert again.turns_new == 0
    assert file.read_bytes() == before
    if make is making.llm_logs:
        assert report.format == "llm"
        assert said(store, "k1") == [
            ("user", "Green or black?"),
            ("assistant", "Green."),
            ("user", "Why?\n[attachment: /home/ana/tea.png]"),
        ]
    else:
        assert report.format == "ollama"
        assert said(store, "o1") == [("user", "How long does it rise?"), ("assistant", "Two hours.")]
        assert store.history("o1")[0].said_at == datetime(2025, 8, 5, 10, 0, 0, 123456, tzinfo=UTC)


def test_an_export_larger_than_what_is_looked_at_first(open_store: OpenStore, tmp_path: Path) -> None:
    """One line without an end: detected, and read, without being held at once."""
    chance = random.Random(1)
    export = []
    for number in range(60):
        words = "".join(chance.choices("abcdefghij ", k=3_000))
        tree = {"a": making.node("a", "user", words, "", 1683554160 + number)}
        export.append({"id": f"c{number}", "mapping": tree, "current_node": "a"})
    report = import_file(open_store(), written(tmp_path, export))
    assert (report.format, report.turns_new) == ("chatgpt", 60)


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"chat.html": "<html>"}, "this zip file holds no"),
        ({}, "this zip file holds no"),
        ({"conversations.json": '[{"mapping": {}}, {'}, "not valid JSON after element 1"),
        ({"conversations.json": "[" + " " * (80 << 20) + "]"}, "refused"),
        ({"conversations.json": '[{"title": "' + "0" * (80 << 20) + '"}]'}, "refused"),
    ],
)
def test_bad_zip_files(open_store: OpenStore, tmp_path: Path, members: dict[str, object], problem: str) -> None:
    store = open_store()
    with pytest.raises(ImportFailed, match=problem):
        import_file(store, making.zipped(tmp_path / "export.zip", members), format="chatgpt")
    assert store.memories() == []


def test_a_zip_file_cut_short(open_store: OpenStore, tmp_path: Path) -> None:
    file = making.zipped(tmp_path / "export.zip", {"conversations.json": making.chatgpt()})
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(ImportFailed, match="damaged"):
        import_file(open_store(), file)


def test_an_encrypted_member(open_store: OpenStore, tmp_path: Path) -> None:
    file = making.zipped(tmp_path / "export.zip", {"conversations.json": making.chatgpt()})
    content = bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as archive:
        start = archive.start_dir
    content[start + 8] |= 1  # the flag in the directory
    file.write_bytes(content)
    with pytest.raises(ImportFailed, match="encrypted"):
        import_file(open_store(), file)
