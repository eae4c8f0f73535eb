"""The chat that remembers, as a client meets it: the real server on loopback, and the openai package."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
import uvicorn

from agent.models.base import Message
from agent.models.loading import load_model
from agent.serving import completions
from agent.serving.completions import app
from agent.serving.replying import Replier
from agent.serving.threads import MOST, Point, Threads
from agent.settings import load_settings
from memory_store import MemoryStore
from tests.fakes import HashedWords

TOKEN = "a token for these tests"


class Serving:
    """One server over one store, stopped at the end of the test."""

    def __init__(self, folder: Path) -> None:
        settings = load_settings(folder / "home")
        self.store = MemoryStore.open(folder / "store", embedder=HashedWords(), indexing="manual")
        replier = Replier(self.store, load_model(settings), settings, Threads(folder / "threads.json"))
        config = uvicorn.Config(app(replier, TOKEN), port=0, log_level="error", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}/v1"
        self.client = openai.OpenAI(base_url=self.url, api_key=TOKEN, max_retries=0)

    def say(self, *messages: str, **options: Any) -> str:
        """``messages`` alternate between user and assistant; the last is the user's."""
        said = [{"role": ("user", "assistant")[place % 2], "content": words} for place, words in enumerate(messages)]
        made: Any = self.client.chat.completions.create(model="any", messages=said, **options)
        return str(made.choices[0].message.content)

    def post(self, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}"} | options.pop("headers", {})
        return httpx.post(f"{self.url}/chat/completions", headers=headers, timeout=30, **options)

    def close(self) -> None:
        self.client.close()
        self._server.should_exit = True
        self._thread.join(10)
        self.store.close()


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    served = Serving(tmp_path)
    try:
        yield served
    finally:
        served.close()


def test_a_client_gets_a_memory(serving: Serving) -> None:
    assert serving.say("My cat is called Miso.") == "Noted."
    assert "Miso" in serving.say("What is my cat called?")
    assert len(serving.store.conversations()) == 2
    assert [model.id for model in serving.client.models.list()] == ["memory_only"]


def test_a_stream_says_the_same_in_pieces(serving: Serving) -> None:
    serving.say("My cat is called Miso.")
    messages: Any = [{"role": "user", "content": "What is my cat called?"}]
    stream = serving.client.chat.completions.create(
        model="any", messages=messages, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert "Miso" in said
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None
    about = next(chunk.model_extra["mneme"] for chunk in chunks if chunk.model_extra and "mneme" in chunk.model_extra)
    assert about["recalled"]


def test_what_a_client_sends_back_goes_on_with_its_conversation(serving: Serving) -> None:
    first = serving.say("I moved to Lisbon.")
    second = serving.say("I moved to Lisbon.", first, "It is warm here.")
    (conversation,) = serving.store.conversations()
    assert conversation.turns == 4
    edited = serving.say("I moved to Lisbon.", first, "It is cold here.")
    assert [turn.text for turn in serving.store.history(conversation.id)] == [
        "I moved to Lisbon.",
        first,
        "It is cold here.",
        edited,
    ]
    assert second


def test_a_conversation_that_began_elsewhere_is_taken_in(serving: Serving) -> None:
    serving.say("I moved to Lisbon.", "How nice!", "Where did I move?")
    (conversation,) = serving.store.conversations()
    assert [turn.text for turn in serving.store.history(conversation.id)][:3] == [
        "I moved to Lisbon.",
        "How nice!",
        "Where did I move?",
    ]


def test_a_conversation_by_name_and_one_that_leaves_nothing(serving: Serving) -> None:
    answer = serving.post(
        json={"messages": [{"role": "user", "content": "I like tea."}]}, headers={"X-Conversation-Id": "tea"}
    )
    assert answer.headers["X-Conversation-Id"] == "tea"
    assert serving.store.history("tea")[0].text == "I like tea."
    serving.say("I like coffee.", store=False)
    assert not serving.store.memories(matching="coffee")
    assert len(serving.store.conversations()) == 1


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, '"messages"'),
        ({"messages": []}, '"messages"'),
        ({"messages": "x"}, '"messages"'),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "last message"),
        ({"messages": [{"role": "user", "content": " "}]}, "no words"),
        ({"messages": [{"role": "user", "content": {"x": 1}}]}, '"content"'),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "no role"),
        ({"messages": [{"role": "user", "content": "x"}], "temperature": "hot"}, '"temperature"'),
        ({"messages": [{"role": "user", "content": "x"}], "n": 3}, "n must be 1"),
        ([], "JSON object"),
    ],
)
def test_malformed_requests_are_refused_in_words(serving: Serving, body: Any, problem: str) -> None:
    answer = serving.post(json=body)
    assert answer.status_code == 400
    assert problem in answer.json()["error"]["message"]
    assert serving.store.memories() == []


def test_bodies_that_are_no_json_or_too_large(serving: Serving) -> None:
    assert serving.post(content=b"{").status_code == 400
    answer = serving.post(content=b" " * (17 << 20))
    assert "MiB" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": ""}, 401),
        ({"Authorization": f"Basic {TOKEN}"}, 401),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example:80"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost:3000"}, 200),
    ],
)
def test_who_may_come_in(serving: Serving, headers: dict[str, str], status: int) -> None:
    answer = serving.post(json={"messages": [{"role": "user", "content": "Hello, it is me."}]}, headers=headers)
    assert answer.status_code == status
    assert bool(serving.store.memories()) == (status == 200)


def test_who_sends_half_gives_their_place_to_others(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(completions, "BODY_S", 0.2)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
    half = f"{head}Content-Length: 100\r\n\r\n{{".encode()
    port = int(serving.url.rsplit(":", 1)[1].partition("/")[0])
    for waits in (True, False):
        with socket.create_connection(("127.0.0.1", port), 30) as client:
            client.sendall(half)
            if waits:
                assert client.recv(100).startswith(b"HTTP/1.1 408")
    test_a_client_gets_a_memory(serving)
    assert "Traceback" not in caplog.text


def test_points_are_kept_without_words(tmp_path: Path) -> None:
    file = tmp_path / "threads.json"
    said = [Message("system", "today"), Message("user", "my secret")]
    Threads(file).keep(said, Point("c", "t"))
    assert "secret" not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    again = Threads(file)
    assert again.find([Message("system", "tomorrow"), *said[1:]]) == Point("c", "t")
    assert again.find(said[:1]) is None
    file.write_text("[1")
    assert Threads(file).find(said) is None
    assert MOST > 1000
