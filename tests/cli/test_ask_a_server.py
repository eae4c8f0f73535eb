"""`mneme ask` and a model behind a server."""

from __future__ import annotations

from tests.agent.server.serving import Exchange, models, saying, serving
from tests.cli.conftest import Run


def test_a_server_is_asked_and_its_key_is_never_shown(mneme: Run) -> None:
    key = {"MNEME_MODEL__API_KEY": "sk-secret-123"}
    with serving(saying("She is called ", "Miso.")) as served:
        asked = mneme("ask", "What is my cat called?", env=key | {"MNEME_MODEL__BASE_URL": served.url}).done()
    assert asked.out == "She is called Miso.\n"
    assert served.asked[-1][1]["Authorization"] == "Bearer sk-secret-123"
    shown = mneme("config", "show", env=key).done()
    assert "sk-secret-123" not in asked.err + shown.out + shown.err
    assert "**********" in shown.out


def test_a_reply_that_breaks_off_is_kept_as_far_as_it_came(mneme: Run) -> None:
    def hangs_up(exchange: Exchange) -> None:
        exchange.begin()
        exchange.say("She is ")

    with serving(hangs_up) as served:
        asked = mneme("ask", "What is my cat called?", env={"MNEME_MODEL__BASE_URL": served.url})
    assert (asked.code, asked.out) == (2, "She is \n")
    assert "broke off before the reply was complete" in asked.err
    assert "Traceback" not in asked.err
    kept = mneme("memory", "list", "--json").done().json
    assert {memory["text"].strip() for memory in kept} == {"What is my cat called?", "She is"}


def test_another_machine_is_asked_only_when_that_is_allowed(mneme: Run) -> None:
    elsewhere = {"MNEME_MODEL__BASE_URL": "http://192.0.2.1:9/v1", "MNEME_MODEL__NAME": "big"}
    mneme("ask", "Hello", env=elsewhere).refused("192.0.2.1:9 is not this machine", "model.allow_remote = true")


def test_words_that_leave_the_machine_are_said_to_do_so(mneme: Run) -> None:
    with serving(saying("Hello."), GET__v1__models=models("big:cloud")) as served:
        cloud = {"MNEME_MODEL__BASE_URL": served.url, "MNEME_MODEL__NAME": "big:cloud"}
        mneme("ask", "Hello", env=cloud).refused("does not run on this machine but at ollama.com")
        asked = mneme("ask", "Hello", env=cloud | {"MNEME_MODEL__ALLOW_REMOTE": "true"}).done()
    assert asked.out == "Hello.\n"
    assert "Words leave this machine: this conversation and what is recalled for it go to ollama.com." in asked.err
