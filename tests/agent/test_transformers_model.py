"""A real model of random weights: streams, stops, repeats itself with a seed, and fails in one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from agent.errors import ModelError
from agent.models.base import Generated, Message, Prompt, Sampling
from agent.models.chat_format import PLAIN_REMARK
from agent.models.installed import what_is_missing
from agent.models.reading import Reading
from agent.models.transformers_model import TransformersModel
from agent.settings import ModelSettings

PROMPT = Prompt((Message("system", "Be kind."), Message("user", "What is my cat called?")), "What is my cat called?")
GREEDY = Sampling(temperature=0, max_new_tokens=24)


def load(folder: Path | str, **settings: Any) -> TransformersModel:
    return TransformersModel.load(ModelSettings(name=str(folder), **settings))


@pytest.fixture(scope="module")
def model(tiny_llama: Path) -> Iterator[TransformersModel]:
    loaded = load(tiny_llama)
    yield loaded
    loaded.close()


def drain(stream: Iterator[str]) -> tuple[list[str], Generated]:
    pieces = []
    while True:
        try:
            pieces.append(next(stream))
        except StopIteration as end:
            return pieces, end.value


def speak(model: TransformersModel, sampling: Sampling) -> tuple[list[str], Generated]:
    return drain(model.stream(PROMPT, sampling, threading.Event()))


def test_greedy_says_what_the_librarys_own_loop_says(model: TransformersModel, tiny_llama: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_llama)
    reference = AutoModelForCausalLM.from_pretrained(tiny_llama)
    ids = tokenizer.apply_chat_template(
        [{"role": m.role, "content": m.content} for m in PROMPT.messages],
        add_generation_prompt=True,
        return_tensors="pt",
    )["input_ids"]
    made = reference.generate(ids, do_sample=False, max_new_tokens=24)[0, ids.shape[1] :]
    pieces, generated = speak(model, GREEDY)
    assert generated == Generated("length", ids.shape[1], 24)
    assert "".join(pieces).strip("\ufffd ") == tokenizer.decode(made, skip_special_tokens=True).strip("\ufffd ")
    assert len(pieces) > 4


def test_a_long_prompt_is_read_in_blocks_to_the_same_end(
    model: TransformersModel, tiny_llama: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("agent.models.reading._BLOCK", 7)
    assert speak(load(tiny_llama), GREEDY) == speak(model, GREEDY)


def test_a_seed_repeats_the_reply_and_another_changes_it(model: TransformersModel) -> None:
    first, again, other = (speak(model, Sampling(1.0, 0.95, 24, seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_almost_no_temperature_is_greedy(model: TransformersModel) -> None:
    assert speak(model, Sampling(1e-44, 0.95, 24, 1)) == speak(model, GREEDY)


def test_closing_does_not_wait_for_a_stream_that_nobody_reads(tiny_llama: Path) -> None:
    closing = load(tiny_llama)
    stream = closing.stream(PROMPT, GREEDY, threading.Event())
    next(stream)
    closing.close()
    assert drain(stream)[1].reply_tokens == 24


def test_counting_agrees_with_what_is_read(model: TransformersModel) -> None:
    assert model.count_prompt(PROMPT.messages) == speak(model, GREEDY)[1].prompt_tokens
    assert model.count("") == 0
    assert model.count("my cat is called Miso") < len("my cat is called Miso")


def test_it_stops_within_one_token_of_a_cancel(model: TransformersModel) -> None:
    cancel = threading.Event()
    stream = model.stream(PROMPT, Sampling(1.0, 1.0, 500, 3), cancel)
    next(stream)
    cancel.set()
    pieces, generated = drain(stream)
    assert generated.reason == "cancelled"
    assert generated.reply_tokens <= 5
    assert len(pieces) <= 1, "at most what was held back"


def test_a_cancel_while_the_prompt_is_read_says_nothing(model: TransformersModel) -> None:
    cancel = threading.Event()
    cancel.set()
    pieces, generated = drain(model.stream(PROMPT, GREEDY, cancel))
    assert (pieces, generated.reason, generated.reply_tokens) == ([], "cancelled", 0)


def test_a_cancel_stops_the_reading_of_a_long_prompt(tiny_llama: Path, monkeypatch: Any) -> None:
    cancel, read = threading.Event(), []
    forward = Reading._forward

    def counted(reading: Reading, ids: Any) -> Any:
        read.append(len(ids))
        if len(read) == 2:
            cancel.set()
        return forward(reading, ids)

    monkeypatch.setattr("agent.models.reading._BLOCK", 7)
    monkeypatch.setattr(Reading, "_forward", counted)
    assert drain(load(tiny_llama).stream(PROMPT, GREEDY, cancel))[0] == []
    assert read == [7, 7]


def test_an_abandoned_stream_lets_the_next_one_in(model: TransformersModel) -> None:
    stream = model.stream(PROMPT, GREEDY, threading.Event())
    next(stream)
    stream.close()
    assert speak(model, GREEDY)[1].reply_tokens == 24


def test_one_generation_at_a_time(model: TransformersModel) -> None:
    first = model.stream(PROMPT, GREEDY, threading.Event())
    next(first)
    cancel, done = threading.Event(), []
    second = threading.Thread(target=lambda: done.append(drain(model.stream(PROMPT, GREEDY, cancel))))
    second.start()
    cancel.set()
    second.join(30)
    assert done[0][1].reason == "cancelled", "it waited for the first and gave up when told"
    assert drain(first)[1].reply_tokens == 24


def test_stop_texts_end_the_reply(tiny_llama: Path, model: TransformersModel) -> None:
    text = "".join(speak(model, GREEDY)[0])
    stop = text[6:9]
    stopped, generated = speak(load(tiny_llama, stop=(stop,)), GREEDY)
    assert "".join(stopped) == text[: text.index(stop)]
    assert generated.reason == "complete"


def test_the_context_is_the_models_or_less(tiny_llama: Path, altered: Callable[..., Path]) -> None:
    assert load(tiny_llama).context_size == 1024
    assert load(tiny_llama, context_size=128).context_size == 128
    assert load(tiny_llama, context_size=9999).context_size == 1024
    long = Prompt((Message("user", "word " * 900),), "")
    stream = load(tiny_llama, context_size=64).stream(long, GREEDY, threading.Event())
    with pytest.raises(ModelError, match=r"The prompt has \d+ tokens"):
        next(stream)


def test_a_model_without_a_chat_template_speaks_and_says_so(altered: Callable[..., Path]) -> None:
    bare = load(altered(chat_template__jinja=None))
    assert bare.remark == PLAIN_REMARK
    assert drain(bare.stream(PROMPT, GREEDY, threading.Event()))[1].reply_tokens > 0


def test_a_closed_model_says_so(tiny_llama: Path) -> None:
    closed = load(tiny_llama)
    closed.close()
    with pytest.raises(ModelError, match="was closed"):
        list(closed.stream(PROMPT, GREEDY, threading.Event()))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("/no/such/folder", "There is no folder"),
        ("~nobody-at-all/model", "There is no folder"),
        ("somebody/model", "neither a folder nor a model that was downloaded"),
        ("nul\0byte", "neither a folder nor"),
        ("x" * 5000, "neither a folder nor"),
    ],
)
def test_a_model_that_is_not_there(name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match=said) as caught:
        load(name)
    assert "mneme models list" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"config__json": None}, "has no config.json"),
        ({"config__json": "{"}, "config.json that cannot be read"),
        ({"config__json": '{"model_type": "llama", "architectures": ["BertModel"]}'}, "no language model"),
        ({"config__json": '{"model_type": "no-such-kind"}'}, "cannot be loaded"),
        ({"model__safetensors": None}, "has no weights"),
        ({"model__safetensors": b"\x00" * 100}, "cut short or damaged"),
        ({"model__safetensors": b""}, "cut short or damaged"),
        ({"tokenizer__json": None}, "has no tokenizer"),
        ({"tokenizer__json": "{}"}, "cannot be loaded"),
    ],
)
def test_a_damaged_folder(damage: dict[str, Any], said: str, altered: Callable[..., Path]) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        load(altered(**damage))
    assert "\n" not in str(caught.value)


def test_a_download_that_broke_off_is_seen_before_anything_is_loaded(altered: Callable[..., Path]) -> None:
    folder = altered()
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[:-1])
    assert what_is_missing(folder).startswith("has weights that are cut short")
    with pytest.raises(ModelError, match=r"cut short or damaged \(model\.safetensors\): download them again"):
        load(folder)
    (folder / "model.safetensors").write_bytes(whole)
    assert what_is_missing(folder) == ""


def test_a_quantised_model_says_what_it_needs(altered: Callable[..., Path], tiny_llama: Path) -> None:
    if find_spec("torchao") is not None:
        pytest.skip("torchao is there")
    quantised = {"quantization_config": {"quant_method": "torchao", "quant_type": "int8_weight_only"}}
    config = json.loads((tiny_llama / "config.json").read_text()) | quantised
    with pytest.raises(ModelError, match=r"torchao.*pip install torchao") as caught:
        load(altered(config__json=json.dumps(config)))
    assert "\n" not in str(caught.value)


def test_weights_that_lack_a_tensor_are_refused_not_made_up(altered: Callable[..., Path]) -> None:
    from safetensors.torch import load_file, save_file

    folder = altered()
    tensors = load_file(folder / "model.safetensors")
    del tensors["model.layers.1.mlp.up_proj.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"incomplete \(1 tensors, first model\.layers\.1\.mlp"):
        load(folder)


def test_weights_of_another_shape_are_refused(altered: Callable[..., Path], tiny_llama: Path) -> None:
    config = json.loads((tiny_llama / "config.json").read_text()) | {"intermediate_size": 96}
    with pytest.raises(ModelError) as caught:
        load(altered(config__json=json.dumps(config)))
    assert "\n" not in str(caught.value)


def test_a_device_that_is_not_there(tiny_llama: Path) -> None:
    with pytest.raises(ModelError, match=r'model\.device is "cuda:99"'):
        load(tiny_llama, device="cuda:99")


def test_progress_rises_to_one(tiny_llama: Path) -> None:
    steps: list[float] = []
    TransformersModel.load(ModelSettings(name=str(tiny_llama)), lambda fraction, what: steps.append(fraction))
    assert steps == sorted(steps)
    assert steps[-1] == 1.0


def test_loading_in_a_fresh_process_is_silent_and_leaves_the_environment_as_it_was(tiny_llama: Path) -> None:
    code = (
        "import os, sys; from agent.settings import ModelSettings; before = dict(os.environ);"
        "from agent.models.transformers_model import TransformersModel;"
        "TransformersModel.load(ModelSettings(name=sys.argv[1]));"
        "print(*sorted(set(os.environ.items()) ^ set(before.items())), end='')"
    )
    # Torch's compiler, imported or not, notes the folder of its cache in the environment: that is torch's own affair.
    environment = {**os.environ, "TORCHINDUCTOR_CACHE_DIR": str(tiny_llama)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tiny_llama)], capture_output=True, text=True, check=False, env=environment
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
