"""Servers that stall, talk nonsense, hang up, fail or never end: one clear line in time, and what was said is kept."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from agent.dialogue import Dialogue
from agent.errors import ModelError
from agent.events import Failed, Finished, Stored
from agent.models.base import Sampling
from agent.models.loading import BackgroundModel
from agent.models.server.model import ServerModel
from agent.settings import ModelSettings, load_settings
from tests.agent.server.conftest import Connected
from tests.agent.server.serving import PATIENCE_S, Answer, Exchange, models, saying, serving
from tests.agent.server.talking import Heard, hear
from tests.conftest import OpenStore


def stalls_at_once(exchange: Exchange) -> None:
    exchange.stall()


def stalls_in_the_middle(exchange: Exchange) -> None:
    exchange.begin()
    exchange.say("Miso is ")
    exchange.stall()


def only_breathes(exchange: Exchange) -> None:
    exchange.begin()
    exchange.say("Miso is ")
    while exchange.served.open.is_set():
        exchange.raw(b": still there\n\n")
        exchange.say("")


def hangs_up(exchange: Exchange) -> None:
    exchange.begin()
    exchange.say("Miso is ")


def hangs_up_before_its_promise(exchange: Exchange) -> None:
    exchange.send_response(200)
    exchange.send_header("Content-Type", "text/event-stream")
    exchange.send_header("Content-Length", "100000")
    exchange.end_headers()
    exchange.say("Miso is ")
    exchange.close_connection = True


def fails_in_the_middle(exchange: Exchange) -> None:
    exchange.begin()
    exchange.say("Miso is ")
    exchange.event({"error": {"message": "CUDA is out of\nmemory", "code": 500}})


def fails_carelessly(exchange: Exchange) -> None:
    exchange.begin()
    exchange.say("Miso is ")
    exchange.raw(b'data: {"error": "no "quotes" here"}\n\n')


def talks_nonsense(exchange: Exchange) -> None:
    exchange.begin()
    exchange.say("Miso is ")
    exchange.raw(b"data: \x00\xff{{{not json\x1b[31m\n\n")


def a_line_without_end(exchange: Exchange) -> None:
    exchange.begin()
    exchange.say("Miso is ")
    while exchange.served.open.is_set():
        exchange.raw(b"x" * 65536)


def talks_another_protocol(exchange: Exchange) -> None:
    exchange.raw(b"SSH-2.0-OpenSSH_9.2\r\n")
    exchange.close_connection = True


IN_THE_MIDDLE = {
    stalls_in_the_middle: "said nothing for 0.3 s",
    only_breathes: "said nothing for 0.3 s",
    hangs_up: "broke off before the reply was complete",
    hangs_up_before_its_promise: "broke",
    fails_in_the_middle: "could not go on: CUDA is out of",
    fails_carelessly: 'could not go on: no "quotes" here',
    talks_nonsense: "sends something that is no reply",
    a_line_without_end: "sends something that is no reply",
}


@pytest.mark.parametrize("answer", IN_THE_MIDDLE, ids=lambda answer: answer.__name__)
def test_what_goes_wrong_in_the_middle_is_one_clear_line_and_is_never_asked_again(
    answer: Answer, connected: Connected
) -> None:
    silence = 0.3 if "0.3 s" in IN_THE_MIDDLE[answer] else 20.0
    model, served = connected(answer, settings={"read_timeout": silence, "connect_retries": 3})
    heard = Heard()
    with pytest.raises(ModelError) as caught:
        hear(model, into=heard)
    assert IN_THE_MIDDLE[answer] in str(caught.value)
    assert str(caught.value).isprintable()
    assert heard.text == "Miso is "
    assert len(served.bodies()) == 1, "never after the first token"


BEFORE_THE_FIRST_WORD: list[tuple[Answer, str]] = [
    (stalls_at_once, r"said nothing for 0.3 s"),
    (lambda e: e.json({"error": {"message": "the model crashed"}}, 500), r"failed \(500: the model crashed\)"),
    (lambda e: e.json({"detail": "Internal"}, 502), r"failed \(502: Internal\)"),
    (lambda e: e.json({"error": "model 'tiny' not found"}, 404), r"does not know the model.*not found.*models list"),
    (lambda e: e.json({"error": {"message": "bad key"}}, 401), r"wants a key and it is missing \(401: bad key\)"),
    (lambda e: e.bytes(b"slow down", "text/plain", 429), r"takes no more questions for now \(429: slow down\)"),
    (lambda e: e.bytes(b"", "text/html", 302, Location="http://10.0.0.1/"), r"sends questions elsewhere \(302\)"),
    (lambda e: e.bytes(b"<html>Hello</html>", "text/html"), r"answers with text/html, which is no reply"),
    (lambda e: e.json(["what"]), r"something that is no reply"),
    (lambda e: e.bytes(b"", "text/event-stream"), r"broke off before the reply was complete"),
    (lambda e: e.bytes(b"hello\n\nworld\n\n", "text/event-stream"), r"broke off before the reply was complete"),
    (talks_another_protocol, r"The connection to 127.0.0.1:\d+ broke"),
]


@pytest.mark.parametrize("number", range(len(BEFORE_THE_FIRST_WORD)))
def test_what_goes_wrong_before_the_first_word_is_one_clear_line(number: int, connected: Connected) -> None:
    answer, said = BEFORE_THE_FIRST_WORD[number]
    model, served = connected(answer, settings={"read_timeout": 0.3 if answer is stalls_at_once else 20.0})
    with pytest.raises(ModelError, match=said) as caught:
        hear(model)
    assert str(caught.value).isprintable()
    assert len(served.bodies()) == 1


def test_a_reply_that_never_ends_is_ended(connected: Connected) -> None:
    def endless(exchange: Exchange) -> None:
        exchange.begin()
        while exchange.served.open.is_set():
            exchange.say("on and on and on and on ")

    model, served = connected(endless)
    heard = hear(model, sampling=Sampling(max_new_tokens=16))
    assert heard.generated is not None
    assert heard.generated.reason == "length"
    assert 0 < len(heard.text) < 2000
    assert served.gone.wait(PATIENCE_S)


def test_a_thought_that_never_ends_says_what_to_set(connected: Connected) -> None:
    def thinks(exchange: Exchange) -> None:
        exchange.begin()
        exchange.say("Hm. ", name="reasoning")
        exchange.done("length")

    model, _ = connected(thinks)
    with pytest.raises(ModelError, match=r"still thinking when its 32 tokens were used up.*max_thought_tokens"):
        hear(model)


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with serving() as served:
        url = served.url
    settings = ModelSettings(base_url=url, name="tiny", connect_retries=2)
    with pytest.raises(ModelError, match=r"Nothing answers at http://127.0.0.1:\d+/v1: start the server"):
        ServerModel.connect(settings)


def test_a_server_that_takes_a_while_to_start_is_waited_for() -> None:
    loading = iter([503, 503, 200])

    def listed(exchange: Exchange) -> None:
        status = next(loading)
        exchange.json({"error": {"message": "Loading model"}}, status) if status == 503 else models("tiny")(exchange)

    with serving(GET__v1__models=listed) as served:
        model = ServerModel.connect(ModelSettings(base_url=served.url, connect_retries=2))
        assert model.name == "tiny"
        model.close()


def test_a_server_that_is_busy_before_the_reply_is_asked_again(connected: Connected) -> None:
    answers = iter([503, 503])

    def at_last(exchange: Exchange) -> None:
        status = next(answers, 200)
        exchange.json({"error": {"message": "Loading model"}}, status) if status == 503 else saying("Here.")(exchange)

    model, served = connected(at_last, settings={"connect_retries": 2})
    assert hear(model).text == "Here."
    assert len(served.bodies()) == 3


def test_cancel_ends_the_waiting_for_a_server(connected: Connected, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.models.server.model.FIRST_PAUSE_S", 600.0)
    cancel = threading.Event()

    def busy(exchange: Exchange) -> None:
        exchange.json({}, 503)
        cancel.set()

    model, _ = connected(busy, settings={"connect_retries": 3})
    heard = hear(model, cancel=cancel)
    assert heard.generated is not None
    assert heard.generated.reason == "cancelled"


def test_what_is_no_model_server_is_told_when_connecting(connected: Connected) -> None:
    page: Answer = lambda exchange: exchange.bytes(b"<html>It works!</html>", "text/html")  # noqa: E731
    for answer in (page, lambda exchange: exchange.json({"hello": 1})):
        with pytest.raises(ModelError, match=r"not as a model server does. Check model.base_url"):
            connected(GET__v1__models=answer)


@pytest.fixture
def stored(tmp_path: Path, open_store: OpenStore):
    store = open_store()

    def talk(url: str, words: str, **model: object):
        settings = load_settings(tmp_path / "home", model={"base_url": url, "connect_retries": 0} | model)
        speaker = BackgroundModel.of(settings)
        dialogue = Dialogue(store, speaker, settings=settings)
        events = list(dialogue.reply(words))
        speaker.close()
        return events, store.history(dialogue.conversation_id)

    return talk


@pytest.mark.parametrize("answer", IN_THE_MIDDLE, ids=lambda answer: answer.__name__)
def test_in_a_dialogue_the_words_and_the_part_that_was_said_are_kept(answer: Answer, stored) -> None:
    silence = 0.3 if "0.3 s" in IN_THE_MIDDLE[answer] else 20.0
    with serving(answer) as served:
        events, turns = stored(served.url, "Who is Miso?", read_timeout=silence)
        assert [(turn.speaker, turn.text, turn.status) for turn in turns] == [
            ("user", "Who is Miso?", "complete"),
            ("assistant", "Miso is ", "partial"),
        ]
        assert isinstance(events[-1], Failed)
        assert IN_THE_MIDDLE[answer] in events[-1].message
        assert isinstance(events[-2], Stored)
        served.answers["POST /v1/chat/completions"] = saying("A cat.")
        events, turns = stored(served.url, "Who?")
        assert isinstance(events[-1], Finished)
        assert turns[-1].text == "A cat."


def test_words_are_kept_when_no_server_is_there_and_a_later_one_is_used(tmp_path: Path, open_store: OpenStore) -> None:
    with serving() as served:
        port, url = int(served.url.rpartition(":")[2].partition("/")[0]), served.url
    settings = load_settings(tmp_path / "home", model={"base_url": url, "name": "tiny", "connect_retries": 0})
    speaker = BackgroundModel.of(settings)
    dialogue = Dialogue(open_store(), speaker, settings=settings)
    *_, last = dialogue.reply("Hello?")
    assert isinstance(last, Failed)
    assert "Nothing answers at" in last.message
    with serving(saying("Here I am."), port=port):
        *_, last = dialogue.reply("And now?")
        assert isinstance(last, Finished)
        assert last.text == "Here I am."
    speaker.close()
