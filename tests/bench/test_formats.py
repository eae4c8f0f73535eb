"""What the loaders make of good files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.bench.formats.loading import detected, load
from tests.bench.making import HEADER, Write, locomo_sample, memory, question


@pytest.fixture
def locomo(write: Write) -> Path:
    said = ["Hello!", "I got a dog, Rex.", "Nice."]
    asked = [
        {"question": "What is the dog called?", "evidence": ["D1:02; D:1:1", "D"], "category": 4},
        {"question": "Unanswerable?", "evidence": ["D1:1"], "category": 5},
        {"question": "Lost?", "evidence": ["D9:9"], "category": 1},
    ]
    both = [
        locomo_sample("conv-1", "Ana", "Bo", said, qa=asked),
        locomo_sample("conv-2", "Cy", "Di", said, qa=asked[:1]),
    ]
    return write("locomo.json", both)


def test_locomo(locomo: Path) -> None:
    [data] = load([locomo])
    assert (data.name, data.unit, data.turns) == ("LoCoMo", "turn", 6)
    first, second = data.corpora
    assert first.turns[1].text == "I got a dog, Rex."
    assert first.turns[1].conversation == "conv-1/session_1"
    [asked] = first.questions
    assert (asked.evidence, asked.category) == ({"D1:1", "D1:2"}, "4 single-hop")
    assert data.remarks == ["1 question without evidence left out"]
    assert second.name == "conv-2"


def test_pooling_keeps_evidence_of_like_names_apart(locomo: Path) -> None:
    [data] = load([locomo])
    pooled = data.pooled()
    [corpus] = pooled.corpora
    assert len(corpus.turns) == len(set(corpus.keys)) == 6
    one, other = corpus.questions
    assert one.evidence.isdisjoint(other.evidence)
    assert one.evidence | other.evidence <= set(corpus.keys)
    assert len({turn.conversation for turn in corpus.turns}) == 2


def test_limited_to_the_first_questions_and_their_stores(locomo: Path) -> None:
    [data] = load([locomo])
    assert [corpus.name for corpus in data.limited(1).corpora] == ["conv-1"]
    assert data.limited(9) == data


def test_realmem(write: Write) -> None:
    def said(speaker: str, content: str, **more: object) -> dict[str, object]:
        return {"speaker": speaker, "content": content, "is_query": False, **more}

    sessions = [
        {
            "session_uuid": "s1",
            "current_time": "2025-12-19 (Friday)",
            "dialogue_turns": [said("User", "I run."), said("Assistant", " ")],
        },
        {
            "session_uuid": "s2",
            "current_time": "2025-12-19 (Friday)",
            "dialogue_turns": [
                said("User", "What do I do?", is_query=True, category_name="Static"),
                said("Assistant", "You run.", memory_session_uuids=["s1"]),
                said("User", "And today?", is_query=True),
                said("Assistant", "Rest.", memory_session_uuids=[]),
            ],
        },
    ]
    write("personas/Ada_dialogues_256k.json", {"dialogues": sessions})
    folder = write("personas/Bo_dialogues_256k.json", {"dialogues": sessions}).parent
    [data] = load([folder])
    assert (data.unit, [corpus.name for corpus in data.corpora]) == ("session", ["Ada", "Bo"])
    ada = data.corpora[0]
    assert ada.keys == ("s1", "s2", "s2", "s2", "s2")
    assert ada.turns[0].speaker == "user"
    [asked] = ada.questions
    assert (asked.evidence, asked.category) == ({"s1"}, "Static")
    assert asked.as_of is not None
    before = [turn.text for turn in ada.turns if turn.said_at is not None and turn.said_at <= asked.as_of]
    assert before == ["I run."]
    assert data.remarks == ["2 questions without an earlier session to find left out"]
    assert load([folder / "Ada_dialogues_256k.json", folder / "Bo_dialogues_256k.json"]) == [data]


def test_madial(write: Write) -> None:
    write(
        "madial/zh-memories.jsonl",
        [{"7": {"event": "Bart喜欢跳舞。", "time": "2023-12-25"}, "8": {"event": "下雨了。", "time": "去年"}}],
        lines=True,
    )
    lines = ["<BOD>\n", '<Bart>:"嘿！"\n', "<Assistant>：“你好”\n", "<Bart>: 我要表演\n", "<EOD>\n"]
    file = write("madial/zh-dialogues.jsonl", [{"dialogue": lines, "test-turn": [3], "relevant-id": [7]}], lines=True)
    for path in (file.parent, file):
        [data] = load([path])
        assert data.name == "MADial zh"
        [corpus] = data.corpora
        assert corpus.keys == ("7", "8")
        assert corpus.turns[0].conversation is None
        assert corpus.turns[0].said_at == datetime(2023, 12, 25, tzinfo=UTC)
        assert corpus.turns[1].said_at is None
        [asked] = corpus.questions
        assert (asked.text, asked.evidence) == ("嘿！\n“你好”", {"7"})


def beam_chat() -> list[object]:
    def message(number: int, role: str, content: str, **more: object) -> dict[str, object]:
        return {"id": number, "role": role, "content": content, **more}

    first = [
        [message(0, "user", "I use Flask. ->-> 1,1", time_anchor="March-15-2024"), message(1, "assistant", "Good.")]
    ]
    second = [
        [message(2, "user", "Now Django. ->-> 2,1"), message(3, "assistant", "Fine."), message(3, "user", "Again.")]
    ]
    return [{"batch_number": 1, "turns": first}, {"batch_number": 2, "time_anchor": None, "turns": second}]


@pytest.mark.parametrize("plans", [False, True])
def test_beam(write: Write, plans: bool) -> None:
    chat = [{"plan-1": beam_chat()}] if plans else beam_chat()
    asked = {
        "knowledge_update": [{"question": "What do I use?", "source_chat_ids": {"old": [0], "new": [[2]]}}],
        "abstention": [{"question": "What is my shoe size?"}],
        "information_extraction": [
            {"question": "Which?", "source_chat_ids": [3]},
            {"question": "First?", "source_chat_ids": 0},
        ],
    }
    write("chats/100K/10/chat.json", chat)
    write("chats/100K/10/probing_questions/probing_questions.json", asked)
    write("chats/100K/2/probing_questions.json", asked)
    one = write("chats/100K/2/chat.json", chat).parent
    [data] = load([one.parent])
    assert [corpus.name for corpus in data.corpora] == ["100K/2", "100K/10"]
    corpus = data.corpora[0]
    assert [turn.text for turn in corpus.turns] == ["I use Flask.", "Good.", "Now Django.", "Fine.", "Again."]
    assert [turn.conversation for turn in corpus.turns] == ["batch 1"] * 2 + ["batch 2"] * 3
    assert corpus.turns[0].said_at is not None
    assert corpus.turns[0].said_at.date().isoformat() == "2024-03-15"
    assert [(question.category, question.evidence) for question in corpus.questions] == [
        ("knowledge_update", {"0", "2"}),
        ("information_extraction", {"0"}),
    ]
    assert data.remarks == ["4 questions without evidence that can be told apart left out"]
    assert [corpus.name for corpus in load([one])[0].corpora] == ["2"]


def test_our_own_format(write: Write) -> None:
    rows = [
        HEADER,
        question("Who has the key?", "note-7", as_of="2026-11-01", category="keys"),
        memory("m1", "My cat is Miso."),
        memory("m2", "Forget me.", forgotten=True),
        memory("m3", "Ana has the key.", source_id="note-7", conversation=None),
        question("What is my cat called?", "m1"),
        {"type": "end", "conversations": 0, "memories": 3},
    ]
    [data] = load([write("mine.jsonl", rows, lines=True)])
    [corpus] = data.corpora
    assert data.name == "mine"
    assert [turn.text for turn in corpus.turns] == ["My cat is Miso.", "Ana has the key."]
    assert [question.evidence for question in corpus.questions] == [{"1"}, {"0"}]
    assert corpus.questions[0].as_of == datetime(2026, 11, 1, tzinfo=UTC)
    assert corpus.now == datetime(2026, 10, 21, 18, tzinfo=UTC)


def test_the_format_is_detected(locomo: Path, write: Write) -> None:
    assert detected(locomo) == "locomo"
    assert detected(write("x.jsonl", [HEADER], lines=True)) == "jsonl"
    assert detected(write("b/chat.json", []).parent) == "beam"
