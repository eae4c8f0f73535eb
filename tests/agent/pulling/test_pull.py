"""Pulling a model: only what is needed, resumed, verified, and every way in which a hub may fail."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from agent.errors import ModelError
from agent.models.installed import downloaded, find_model
from agent.models.pulling.fetching import Mismatch, partial
from agent.models.pulling.hub import Hub, HubError
from agent.models.pulling.pull import carry_out, plan
from tests.agent.pulling.conftest import FILES, WEIGHTS
from tests.agent.pulling.fake_hub import NAME, FakeHub, running, sha256

WANTED = {"config.json", "tokenizer.json", "README.md", "model.safetensors"}


def blob(cache: Path) -> Path:
    return cache / "models--ana--tiny-chat" / "blobs" / sha256(WEIGHTS)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_pulled_model_is_whole_verified_and_found_by_its_id(fake_hub: FakeHub, hub: Hub, cache: Path) -> None:
    made = plan(hub, NAME)
    assert (made.commit, made.licence, made.here) == (fake_hub.commit, "apache-2.0", 0)
    assert made.bytes == sum(len(FILES[name]) for name in WANTED)
    seen: list[tuple[int, int, str]] = []
    pulled = carry_out(hub, made, lambda *state: seen.append(state))
    assert names(pulled.path) == WANTED, "no pickle, no code"
    assert (pulled.path / "model.safetensors").read_bytes() == WEIGHTS
    assert (pulled.name, pulled.remark) == (NAME, "")
    assert downloaded() == {NAME: find_model(NAME)} == {NAME: pulled.path}
    assert [done for done, *_ in seen] == sorted(done for done, *_ in seen)
    assert seen[-1] == (made.bytes, made.bytes, "done")
    assert not list(cache.rglob("*partial*"))


def test_pulled_again_it_is_verified_and_nothing_is_fetched(fake_hub: FakeHub, hub: Hub) -> None:
    carry_out(hub, plan(hub, NAME))
    fake_hub.asked.clear()
    made = plan(hub, NAME)
    assert made.here == made.bytes
    carry_out(hub, made)
    assert not [asked for asked in fake_hub.asked if "/resolve/" in asked]


def test_a_download_that_was_cut_off_goes_on_where_it_stopped(fake_hub: FakeHub, hub: Hub, cache: Path) -> None:
    half = len(WEIGHTS) // 2
    partial(blob(cache)).parent.mkdir(parents=True)
    partial(blob(cache)).write_bytes(WEIGHTS[:half])
    made = plan(hub, NAME)
    assert made.here == half
    pulled = carry_out(hub, made)
    assert fake_hub.ranges == [f"bytes={half}-"]
    assert (pulled.path / "model.safetensors").read_bytes() == WEIGHTS


def test_a_connection_that_breaks_in_the_middle_is_taken_up_again(
    fake_hub: FakeHub, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.models.pulling.fetching.BLOCK", 10_000)
    fake_hub.closes_after, fake_hub.breaks = 100_000, 2
    pulled = carry_out(hub, plan(hub, NAME))
    assert fake_hub.ranges == ["bytes=100000-", "bytes=200000-"]
    assert (pulled.path / "model.safetensors").read_bytes() == WEIGHTS


def test_a_hub_that_goes_away_for_good_leaves_what_has_come(
    fake_hub: FakeHub, hub: Hub, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.models.pulling.fetching.BLOCK", 10_000)
    made = plan(hub, NAME)
    fake_hub.closes_after, fake_hub.breaks = 0, 10**6
    with pytest.raises(HubError, match=r"No hub could be reached.*is kept"):
        carry_out(hub, made)
    fake_hub.closes_after = 100_000
    fake_hub.breaks = 1
    carry_out(hub, made)
    assert blob(cache).read_bytes() == WEIGHTS
    assert downloaded() == {NAME: find_model(NAME)}


def test_interrupted_by_the_user_it_keeps_what_has_come(hub: Hub, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.models.pulling.fetching.BLOCK", 10_000)

    def stop(done: int, total: int, what: str) -> None:
        if done >= 50_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out(hub, plan(hub, NAME), stop)
    assert partial(blob(cache)).stat().st_size == 50_000
    assert plan(hub, NAME).here == 50_000
    carry_out(hub, plan(hub, NAME))
    assert blob(cache).read_bytes() == WEIGHTS


def test_a_server_that_cannot_continue_begins_again(fake_hub: FakeHub, hub: Hub, cache: Path) -> None:
    partial(blob(cache)).parent.mkdir(parents=True)
    partial(blob(cache)).write_bytes(b"x" * 1000)
    fake_hub.ignores_ranges = True
    carry_out(hub, plan(hub, NAME))
    assert blob(cache).read_bytes() == WEIGHTS


def test_what_has_the_wrong_hash_is_thrown_away(fake_hub: FakeHub, hub: Hub, cache: Path) -> None:
    fake_hub.sends["model.safetensors"] = b"!" + WEIGHTS[1:]
    with pytest.raises(Mismatch, match=r"model\.safetensors is not what .* SHA-256 differs"):
        carry_out(hub, plan(hub, NAME))
    assert not blob(cache).exists()
    assert not partial(blob(cache)).exists()
    del fake_hub.sends["model.safetensors"]
    carry_out(hub, plan(hub, NAME))


def test_a_small_file_with_the_wrong_hash_is_noticed_too(fake_hub: FakeHub, hub: Hub) -> None:
    fake_hub.sends["tokenizer.json"] = b"[]"
    with pytest.raises(Mismatch, match=r"tokenizer\.json is not what"):
        carry_out(hub, plan(hub, NAME))


def test_files_that_rotted_on_the_disk_are_fetched_anew(hub: Hub, cache: Path) -> None:
    pulled = carry_out(hub, plan(hub, NAME))
    blob(cache).write_bytes(b"?" + WEIGHTS[1:])
    (pulled.path / "config.json").resolve().write_bytes(b"x" * len(FILES["config.json"]))
    pulled = carry_out(hub, plan(hub, NAME))
    assert {name: (pulled.path / name).read_bytes() for name in WANTED} == {name: FILES[name] for name in WANTED}


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (404, "RepoNotFound", r"has no model ana/tiny-chat"),
        (401, "", r"has no model ana/tiny-chat, or not for you"),
        (401, "GatedRepo", r"accepted its terms: do that at http.*/ana/tiny-chat, then set HF_TOKEN"),
        (403, "GatedRepo", r"accepted its terms"),
        (403, "", r"does not give ana/tiny-chat to you \(403\)"),
        (429, "", r"asked too often \(429\)"),
        (500, "", r"answered with an error \(500\)"),
    ],
)
def test_what_the_hub_refuses_is_said(fake_hub: FakeHub, hub: Hub, status: int, code: str, said: str) -> None:
    fake_hub.status, fake_hub.error_code = status, code
    with pytest.raises(HubError, match=said):
        plan(hub, NAME)


@pytest.mark.parametrize(
    ("name", "said"), [("ana/other", "has no model"), ("a b", "cannot be the id"), ("../x/y", "cannot be")]
)
def test_a_wrong_id_is_said(hub: Hub, name: str, said: str) -> None:
    with pytest.raises(HubError, match=said):
        plan(hub, name)


def test_a_hub_that_does_not_answer_is_given_up_in_time(fake_hub: FakeHub) -> None:
    fake_hub.stalls = True
    with pytest.raises(HubError, match="No hub could be reached"):
        plan(Hub.of_environment(timeout_s=0.2), NAME)


def test_nothing_listens(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with pytest.raises(HubError, match=r"No hub could be reached at 127.0.0.1:9 \(.*refused"):
        plan(Hub("http://127.0.0.1:9", 20), NAME)


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_by_the_environment_asks_nobody(
    fake_hub: FakeHub, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "1")
    with pytest.raises(HubError, match=f"{variable} is set"):
        Hub.of_environment(timeout_s=1)
    assert not fake_hub.asked


def test_a_disk_without_room_is_noticed_before(fake_hub: FakeHub, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 64_100_000))
    with pytest.raises(ModelError, match=r"needs 1 MB more on the disk, and .*hub has 65 MB\. Make room"):
        plan(hub, NAME)
    assert not [asked for asked in fake_hub.asked if "/resolve/" in asked]


def test_a_pinned_revision_is_listed_beside_the_main_one(fake_hub: FakeHub, hub: Hub) -> None:
    main = carry_out(hub, plan(hub, NAME))
    fake_hub.files = {**FILES, "LICENSE": b"Apache License\n"}
    pinned = carry_out(hub, plan(hub, NAME, "v1"))
    assert pinned.name == f"{NAME}@v1"
    assert downloaded() == {NAME: main.path, f"{NAME}@v1": pinned.path}
    for name in (f"{NAME}@v1", f"{NAME}@{fake_hub.commit}", f"{NAME}@{fake_hub.commit[:8]}"):
        assert find_model(name) == pinned.path
    with pytest.raises(HubError, match="has no revision v9"):
        plan(hub, NAME, "v9")
    with pytest.raises(ModelError):
        find_model(f"{NAME}@{'0' * 40}")


def test_a_token_goes_to_the_hub_and_not_to_where_it_sends_us(
    fake_hub: FakeHub, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    with running(FakeHub({**FILES})) as elsewhere:
        fake_hub.cdn = elsewhere.endpoint
        carry_out(hub, plan(hub, NAME))
        assert set(elsewhere.tokens.values()) == {""}
    assert fake_hub.tokens[f"/api/models/{NAME}"] == "Bearer hf_secret"
