"""Where a server is, whether words may go there, and whether that is said."""

from __future__ import annotations

import pytest

from agent.errors import ModelError
from agent.models.kinds import kind_of
from agent.models.server.address import is_loopback, parse, permitted, warning, where_words_go
from agent.settings import ModelSettings


@pytest.mark.parametrize(
    ("given", "base_url", "place"),
    [
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1", "127.0.0.1:11434"),
        (" http://localhost:8080/v1/ ", "http://localhost:8080/v1", "localhost:8080"),
        ("https://api.example.org/openai/v1", "https://api.example.org/openai/v1", "api.example.org"),
        ("http://[::1]:1234/v1", "http://[::1]:1234/v1", "[::1]:1234"),
    ],
)
def test_a_base_url_is_put_in_order(given: str, base_url: str, place: str) -> None:
    address = parse(given)
    assert (address.base_url, address.place) == (base_url, place)


@pytest.mark.parametrize(
    "given",
    [
        "127.0.0.1:8080",
        "ftp://127.0.0.1",
        "http://",
        "http://a b/",
        "http://127.0.0.1:x",
        "http://h/v1?a=b",
        "http://[x",
    ],
)
def test_what_is_no_base_url_is_said_with_an_example(given: str) -> None:
    with pytest.raises(ModelError, match=r"^model.base_url .* Give it like") as caught:
        parse(given)
    assert "\n" not in str(caught.value)


def test_a_password_in_the_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(ModelError, match="MNEME_MODEL__API_KEY") as caught:
        parse("http://ana:hunter2@127.0.0.1:8080/v1")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["localhost.example.org", "10.0.0.7", "0.0.0.0", "127.1", "2130706433", "::", "::ffff:10.0.0.7", "box", ""]
)
def test_anything_else_may_be_elsewhere(host: str) -> None:
    assert not is_loopback(host)


def test_words_leave_only_when_that_is_allowed_and_then_it_is_said() -> None:
    elsewhere = ModelSettings(base_url="http://192.168.1.7:8080", name="big")
    with pytest.raises(ModelError, match=r"192.168.1.7:8080 is not this machine.*set model.allow_remote = true"):
        permitted(elsewhere)
    assert (where_words_go(elsewhere), warning(elsewhere)) == ("", "")
    allowed = elsewhere.model_copy(update={"allow_remote": True})
    assert permitted(allowed).host == "192.168.1.7"
    assert where_words_go(allowed) == "192.168.1.7:8080"
    assert "leave this machine, unencrypted" in warning(allowed)
    private = allowed.model_copy(update={"base_url": "https://api.example.org/v1"})
    assert warning(private).endswith("go to api.example.org.")
    assert "unencrypted" not in warning(private)


def test_on_this_machine_nothing_leaves_even_where_it_might() -> None:
    here = ModelSettings(base_url="http://127.0.0.1:11434", name="small", allow_remote=True)
    assert permitted(here).loopback
    assert (where_words_go(here), warning(here)) == ("", "")


def test_a_cloud_model_of_a_local_ollama_leaves_the_machine_too() -> None:
    cloud = ModelSettings(base_url="http://127.0.0.1:11434", name="gpt-oss:120b-cloud")
    with pytest.raises(ModelError, match=r"does not run on this machine but at ollama.com.*allow_remote"):
        permitted(cloud)
    allowed = cloud.model_copy(update={"allow_remote": True})
    assert where_words_go(allowed) == "ollama.com"
    assert warning(allowed) == (
        "Words leave this machine: this conversation and what is recalled for it go to ollama.com."
    )


def test_the_kind_is_told_by_the_name_unless_it_is_set(tmp_path) -> None:
    url = "http://127.0.0.1:11434/v1"
    kinds = {
        "memory_only": [ModelSettings(), ModelSettings(base_url=url, name="memory_only")],
        "transformers": [ModelSettings(name="ana/x"), ModelSettings(name=str(tmp_path), base_url=url)],
        "server": [
            ModelSettings(base_url=url),
            ModelSettings(base_url=url, name="ana/x"),
            ModelSettings(kind="server", name=str(tmp_path), base_url=url),
        ],
    }
    for kind, all_settings in kinds.items():
        assert [kind_of(settings) for settings in all_settings] == [kind] * len(all_settings)


def test_a_server_without_an_address_says_what_to_set() -> None:
    with pytest.raises(ModelError, match=r"set model\.base_url"):
        permitted(ModelSettings(kind="server", name="x"))
