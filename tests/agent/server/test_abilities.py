"""What servers tell about themselves, each in its own way; and how they want to be asked."""

from __future__ import annotations

import itertools
import socket

import pytest

from agent.errors import ModelError
from agent.models.base import Message, Prompt, Sampling
from agent.models.server.counting import Estimate
from agent.models.server.discovery import ServedModel, discover
from tests.agent.server.conftest import Connected
from tests.agent.server.serving import Answer, Exchange, models, saying, serving
from tests.agent.server.talking import HELLO, hear


def json(document: object) -> Answer:
    return lambda exchange: exchange.json(document)


def words_as_tokens(exchange: Exchange) -> None:
    body = exchange.body
    text = body.get("content", body.get("prompt")) or " ".join(m["content"] for m in body.get("messages", []))
    exchange.json({"tokens": list(range(len(text.split()))), "count": len(text.split())})


LLAMA_CPP = {
    "GET__v1__models": models("small.gguf", owned_by="llamacpp", meta={"n_ctx_train": 131072}),
    "GET__props": json({"default_generation_settings": {"n_ctx": 8192}, "total_slots": 1}),
    "POST__tokenize": words_as_tokens,
    "POST__apply-template": lambda e: e.json(
        {"prompt": "<s> " + " </s> ".join(m["content"] for m in e.body["messages"])}
    ),
}
OLLAMA = {
    "GET__v1__models": models("qwen3:0.6b", "llama3.2:latest", owned_by="library"),
    "GET__api__version": json({"version": "0.12.0"}),
    "GET__api__tags": json({"models": [{"name": "qwen3:0.6b", "size": 522_000_000}, {"name": 3}]}),
    "POST__api__generate": json({"model": "qwen3:0.6b", "response": "", "done": True, "done_reason": "load"}),
    "GET__api__ps": json({"models": [{"name": "qwen3:0.6b", "context_length": 16384}]}),
    "POST__api__show": json({"model_info": {"qwen3.context_length": 40960}, "parameters": "stop x\nnum_ctx    2048\n"}),
}
VLLM = {
    "GET__v1__models": models("ana/big", owned_by="vllm", max_model_len=32768),
    "POST__tokenize": words_as_tokens,
}
LM_STUDIO = {
    "GET__v1__models": models("phi-4", owned_by="organization_owner"),
    "GET__api__v0__models": json({"data": [{"id": "phi-4"}]}),
    "GET__api__v0__models__phi-4": json({"id": "phi-4", "max_context_length": 16000, "loaded_context_length": 6000}),
}


@pytest.mark.parametrize(
    ("answers", "name", "context"),
    [
        (LLAMA_CPP, "small.gguf", 8192),
        (LLAMA_CPP, "any-name-will-do", 8192),
        (OLLAMA, "qwen3:0.6b", 16384),
        (OLLAMA | {"GET__api__ps": json({"models": []})}, "qwen3:0.6b", 2048),
        (
            OLLAMA | {"GET__api__ps": json("x"), "POST__api__show": json({"model_info": {"a.context_length": 2000}})},
            "qwen3:0.6b",
            2000,
        ),
        (OLLAMA | {"GET__api__ps": json({}), "POST__api__show": json({})}, "llama3.2", 4096),
        (VLLM, "ana/big", 32768),
        (LM_STUDIO, "phi-4", 6000),
        ({"GET__v1__models": models("x", context_length=5000)}, "x", 5000),
        ({"GET__v1__models": lambda e: e.json({"detail": "no hub cache"}, 500)}, "/some/folder", 4096),
    ],
)
def test_how_much_the_model_reads(answers: dict[str, Answer], name: str, context: int, connected: Connected) -> None:
    model, _ = connected(settings={"name": name, "kind": "server"}, **answers)
    assert model.context_size == context
    assert model.name in (name, f"{name}:latest")
    told, _ = connected(settings={"name": name, "kind": "server", "context_size": 777}, **answers)
    assert told.context_size == 777


def test_an_unknown_size_is_said(connected: Connected) -> None:
    model, _ = connected()
    assert model.context_size == 4096
    assert "4096 tokens are assumed" in model.remark
    assert connected(**VLLM)[0].remark == ""


@pytest.mark.parametrize("answers", [LLAMA_CPP, VLLM], ids=["llama.cpp", "vLLM"])
def test_tokens_are_counted_by_the_servers_own_tokenizer_each_text_once(
    answers: dict[str, Answer], connected: Connected
) -> None:
    model, served = connected(**answers)
    asked = len(served.asked)
    assert [model.count("three small words"), model.count("three small words"), model.count("")] == [3, 3, 0]
    assert len(served.asked) == asked + 1
    assert model.count_prompt(HELLO.messages) == (5 if answers is LLAMA_CPP else 3)
    served.answers.clear()
    assert model.count("not asked before") == Estimate().count("not asked before")


def test_the_estimate_errs_high_on_every_script() -> None:
    """Real counts: the most tokens that the tokenizers of Llama 3, Qwen and Mistral (tekken) need."""
    real = {
        "My cat is called Miso and she sleeps on the piano all day.": 16,
        "def _cost(piece: str) -> float:\n    return len(piece) * 2 / 3\n": 24,
        "Call +49 170 5550123 on 2026-11-23 at 14:35": 35,
        "我在上海工作了三年，去年春天搬到了杭州。": 17,
    }
    for text, tokens in real.items():
        assert tokens <= Estimate().count(text) <= 2.5 * tokens, text


@pytest.mark.parametrize(
    ("answers", "name", "said"),
    [
        (OLLAMA, "mistral", r'has no model "mistral". It has: llama3.2:latest, qwen3:0.6b'),
        (VLLM, "ana/other", r'has no model "ana/other". It has: ana/big'),
        (OLLAMA, None, r"Set model.name to the model you want of .*: llama3.2:latest, qwen3:0.6b"),
        (OLLAMA | {"POST__api__show": json({"remote_host": "https://ollama.com:443"})}, "qwen3:0.6b", "allow_remote"),
    ],
)
def test_a_model_that_cannot_be_had(
    answers: dict[str, Answer], name: str | None, said: str, connected: Connected
) -> None:
    with pytest.raises(ModelError, match=said):
        connected(settings={"name": name} if name else {}, **answers)


@pytest.mark.parametrize(
    ("refusal", "status", "left_out"),
    [
        ("Unexpected fields in the request: {'chat_template_kwargs'}", 422, "chat_template_kwargs"),
        ("Unrecognized request argument supplied: stream_options", 400, "stream_options"),
        ("Use 'max_completion_tokens' instead of 'max_tokens'", 400, "max_tokens"),
    ],
)
def test_what_a_server_refuses_by_name_is_left_out_from_then_on(
    refusal: str, status: int, left_out: str, connected: Connected
) -> None:
    def picky(exchange: Exchange) -> None:
        if left_out in exchange.body:
            exchange.json({"error": {"message": refusal}}, status)
        else:
            saying("Fine.")(exchange)

    model, served = connected(picky)
    assert [hear(model).text, hear(model).text] == ["Fine.", "Fine."]
    assert [left_out in body for body in served.bodies()] == [True, False, False]
    assert all({"max_tokens", "max_completion_tokens"} & body.keys() for body in served.bodies())


def test_roles_are_folded_for_templates_that_want_them_so(connected: Connected) -> None:
    def strict(exchange: Exchange) -> None:
        roles = [message["role"] for message in exchange.body["messages"]]
        if roles[0] == "system":
            exchange.json({"error": {"message": "System role not supported"}}, 500)
        elif any(a == b for a, b in itertools.pairwise(roles)):
            exchange.json({"error": {"message": "Conversation roles must alternate user/assistant"}}, 400)
        else:
            saying("Fine.")(exchange)

    model, served = connected(strict)
    prompt = Prompt((*HELLO.messages, Message("user", "Again")), "Again")
    assert hear(model, prompt, Sampling()).text == "Fine."
    assert served.bodies()[-1]["messages"] == [{"role": "user", "content": "Be brief.\n\nHello\n\nAgain"}]


def test_running_servers_are_found_with_their_models() -> None:
    with serving(**OLLAMA) as ollama, serving(**LLAMA_CPP) as llama, serving(GET__v1__models=json("x")) as strange:
        ports = [int(one.url.rpartition(":")[2].partition("/")[0]) for one in (ollama, llama, strange)]
        with socket.create_server(("127.0.0.1", 0)) as silent:
            found = discover(5.0, (*ports[:2], ports[2]))
            silent_port = silent.getsockname()[1]
            assert discover(0.2, (silent_port,)) == []
    assert [(server.base_url, server.kind) for server in found] == [(ollama.url, "Ollama"), (llama.url, "llama.cpp")]
    assert found[0].models == (ServedModel("llama3.2:latest"), ServedModel("qwen3:0.6b", None, 522_000_000))
    assert found[1].models[0].name == "small.gguf"
    assert discover(0.2, (ports[0],)) == []


def test_no_proxy_of_the_environment_stands_between(connected: Connected, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
        model, _ = connected(saying("Straight."))
        assert hear(model).text == "Straight."
        assert proxy.asked == []


def test_a_localhost_that_leads_elsewhere_gets_no_words(connected: Connected, monkeypatch: pytest.MonkeyPatch) -> None:
    model, served = connected(saying("No."))
    monkeypatch.setattr("agent.models.server.connection.is_loopback", lambda host: False)
    with pytest.raises(ModelError, match="leads to another machine"):
        hear(model)
    assert served.bodies() == []
