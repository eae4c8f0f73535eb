"""Loading in the background: its states, waiting for it, and what is installed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.errors import ModelError
from agent.models.base import Message, Progress, Prompt, Sampling
from agent.models.catalogue import list_models
from agent.models.installed import find_model, hub_cache
from agent.models.loading import BackgroundModel, LoadState, load_model
from agent.models.memory_only import MemoryOnly
from agent.settings import load_settings
from tests.agent.making import Scripted


def test_nothing_configured_is_memory_only(tmp_path: Path) -> None:
    assert isinstance(load_model(load_settings(tmp_path)), MemoryOnly)


def test_a_folder_is_loaded_in_the_background_with_its_states_told(tiny_llama: Path, tmp_path: Path) -> None:
    states: list[LoadState] = []
    model = BackgroundModel.of(load_settings(tmp_path, model__name=str(tiny_llama)), states.append)
    assert (model.state.phase, model.name) == ("waiting", str(tiny_llama))
    model.start()
    model.start()
    assert model.wait(120)
    assert [state.phase for state in states] == ["loading"] * (len(states) - 1) + ["ready"]
    fractions = [state.fraction for state in states]
    assert fractions == sorted(fractions)
    assert len(set(fractions)) > 3
    assert model.context_size == 1024
    pieces = model.stream(Prompt((Message("user", "hello"),), "hello"), Sampling(0, 1, 8), threading.Event())
    assert "".join(pieces)
    model.close()


def test_use_waits_for_the_load_and_passes_everything_on() -> None:
    go = threading.Event()

    def load(progress: Progress) -> Scripted:
        go.wait(60)
        progress(0.5, "halfway")
        return Scripted("One ", "two.", context_size=77)

    model = BackgroundModel(load, name="slow")
    assert not model.wait(0)
    threading.Timer(0.01, go.set).start()
    assert model.context_size == 77
    assert list(model.stream(Prompt((), ""), Sampling(), threading.Event())) == ["One ", "two."]
    assert (model.count("12345"), model.count_prompt(())) == (2, 3)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModelError("There is no folder. Look."), "There is no folder. Look."),
        (RuntimeError("boom\nat line 3"), "broken cannot be loaded: boom."),
    ],
)
def test_a_failed_load_is_a_state_and_every_use_says_why(error: Exception, said: str) -> None:
    def load(_progress: Progress) -> Scripted:
        raise error

    model = BackgroundModel(load, name="broken")
    assert model.wait(60)
    assert (model.state.phase, model.state.what) == ("failed", said)
    with pytest.raises(ModelError) as caught:
        model.count("x")
    assert str(caught.value) == said


def test_closed_while_loading_frees_what_arrives_too_late() -> None:
    go, freed = threading.Event(), threading.Event()

    class Late(Scripted):
        def close(self) -> None:
            freed.set()

    def load(_progress: Progress) -> Scripted:
        go.wait(60)
        return Late()

    model = BackgroundModel(load, name="late")
    model.start()
    model.close()
    go.set()
    assert freed.wait(60)
    assert model.wait(60)
    with pytest.raises(ModelError, match="closed"):
        model.count("x")


def test_a_load_that_nobody_wants_any_more_is_given_up_between_two_tensors(tiny_llama: Path, tmp_path: Path) -> None:
    seen: list[str] = []

    def close_it(state: LoadState) -> None:
        seen.append(state.what)
        if "tensors" in state.what:
            model.close()

    model = BackgroundModel.of(load_settings(tmp_path, model__name=str(tiny_llama)), close_it)
    assert model.wait(120)
    assert model.state.phase == "failed"
    assert "was closed while it was loading" in model.state.what
    assert sum("tensors" in what for what in seen) == 1
    again = BackgroundModel.of(load_settings(tmp_path, model__name=str(tiny_llama)))
    assert again.wait(120)
    assert again.state.phase == "ready"
    again.close()


def test_closed_before_it_was_started_never_loads() -> None:
    def load(_progress: Progress) -> Scripted:
        raise AssertionError

    model = BackgroundModel(load, name="never")
    model.close()
    with pytest.raises(ModelError, match="closed"):
        model.count("x")


@pytest.fixture
def hub(tiny_llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hub cache with a whole model, one of another kind and one that was never finished."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    whole = tmp_path / "hub" / "models--ana--tiny-chat"
    for revision in ("old", "new"):
        (whole / "snapshots" / revision).mkdir(parents=True)
    (whole / "refs").mkdir()
    (whole / "refs" / "main").write_text("new")
    for file in tiny_llama.iterdir():
        (whole / "snapshots" / "new" / file.name).symlink_to(file)
    for name, architecture in (("encoder", "BertModel"), ("unfinished", "LlamaForCausalLM")):
        folder = tmp_path / "hub" / f"models--ana--{name}" / "snapshots" / "r"
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps({"architectures": [architecture]}))
    (tmp_path / "hub" / "models--ana--encoder" / "snapshots" / "r" / "model.safetensors").write_bytes(b"123")
    (tmp_path / "hub" / "models--ana--encoder" / "snapshots" / "r" / "tokenizer.json").write_text("{}")
    (tmp_path / "hub" / "datasets--ana--facts" / "snapshots" / "r").mkdir(parents=True)
    return tmp_path / "hub"


def test_what_is_installed(hub: Path, tiny_llama: Path, tmp_path: Path, altered: Callable[..., Path]) -> None:
    bare = altered("bare", chat_template__jinja=None)
    settings = load_settings(tmp_path / "home", model={"name": "ana/tiny-chat", "folders": [tmp_path, "/nowhere"]})
    models = {model.name: model for model in list_models(settings)}
    assert list(models) == ["memory_only", str(bare), "ana/encoder", "ana/tiny-chat", "ana/unfinished"]
    chat = models["ana/tiny-chat"]
    assert (chat.kind, chat.usable, chat.remark, chat.in_use) == ("downloaded", True, "", True)
    assert (chat.context_size, chat.architecture) == (1024, "LlamaForCausalLM")
    assert chat.bytes == (tiny_llama / "model.safetensors").stat().st_size
    assert chat.path == hub / "models--ana--tiny-chat" / "snapshots" / "new"
    assert (models[str(bare)].usable, models[str(bare)].kind) == (True, "folder")
    assert "no chat template" in models[str(bare)].remark
    assert (models["ana/encoder"].usable, models["ana/encoder"].remark) == (
        False,
        "holds BertModel, which is no language model",
    )
    assert models["ana/unfinished"].remark == "has no weights (*.safetensors)"
    assert [model.name for model in models.values() if model.in_use] == ["ana/tiny-chat"]


def test_a_downloaded_model_is_found_by_its_id_and_loads(hub: Path, tmp_path: Path) -> None:
    assert find_model("ana/tiny-chat").name == "new"
    model = load_model(load_settings(tmp_path / "home", model__name="ana/tiny-chat"))
    assert (model.name, model.context_size) == ("ana/tiny-chat", 1024)


def test_a_folder_in_use_is_listed_even_when_no_setting_names_its_parent(hub: Path, tiny_llama: Path) -> None:
    listed = list_models(load_settings(hub, model__name=str(tiny_llama)))
    assert [model.name for model in listed if model.in_use] == [str(tiny_llama)]


def test_without_a_hub_only_memory_only_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "nothing"))
    (only,) = list_models(load_settings(tmp_path))
    assert (only.name, only.in_use, only.usable) == ("memory_only", True, True)


def test_where_the_hub_keeps_its_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert hub_cache() == tmp_path / "huggingface" / "hub"
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    assert hub_cache() == tmp_path / "home" / "hub"
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    assert hub_cache() == tmp_path / "cache"
