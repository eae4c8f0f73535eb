"""What a model will take is known from its headers, and settled before anything is loaded."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.errors import ModelError
from agent.models import checkpoint, fitting
from agent.models.checkpoint import load_checkpoint
from agent.models.device import chosen_device, chosen_dtype
from agent.models.fitting import fit
from agent.models.memory_need import LIBRARIES, Weights, available_bytes, cache_bytes_per_token, gigabytes, weights_of
from agent.models.reading import Reading
from agent.models.transformers_model import TransformersModel
from agent.settings import ModelSettings
from tests.agent.architectures import made

GB = 1_000_000_000


def settings(folder: Path, **named: Any) -> ModelSettings:
    return ModelSettings(name=str(folder), **named)


def test_weights_are_counted_from_the_headers_alone(tiny_llama: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_llama)
    floats = sum(parameter.numel() for parameter in model.parameters())
    assert weights_of(tiny_llama) == Weights(floats, 0, "float32", quantised=False)
    model.bfloat16().save_pretrained(tmp_path / "shards", max_shard_size="100KB")
    assert len(list((tmp_path / "shards").glob("*.safetensors"))) > 1
    sharded = weights_of(tmp_path / "shards")
    assert sharded == Weights(floats, 0, "bfloat16", quantised=False)
    assert (sharded.bytes_as("bfloat16"), sharded.bytes_as("float32")) == (2 * floats, 4 * floats)


def test_quantised_numbers_stay_as_they_are(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    tensors = {"a": torch.zeros(10, 10, dtype=torch.uint8), "b": torch.zeros(5, dtype=torch.float16)}
    save_file(tensors | {"c": torch.zeros(3, dtype=torch.int32)}, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text(json.dumps({"quantization_config": {"quant_method": "awq"}}))
    assert weights_of(tmp_path) == Weights(5, 112, "float16", quantised=True)


@pytest.mark.parametrize("content", [b"", b"\xff" * 8, b"\x10\0\0\0\0\0\0\0{'no json'", b"\x02\0\0\0\0\0\0\0[]"])
def test_a_header_that_cannot_be_read_is_judged_by_its_size(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(content + b"\0" * 400)
    size = len(content) + 400
    assert weights_of(tmp_path).bytes_as("float32") == size // 4 * 4


@pytest.mark.parametrize("kind", ["llama", "qwen3", "gpt2", "mistral", "gemma3", "lfm2"])
def test_the_attention_cache_takes_what_was_said(kind: str) -> None:
    reading = Reading(made(kind))
    reading.read(list(range(50)), threading.Event())
    layers = [layer for layer in reading._cache.layers if getattr(layer, "keys", None) is not None]
    held = sum(layer.keys.nbytes + layer.values.nbytes for layer in layers)
    assert held == 50 * cache_bytes_per_token(reading._model.config.to_dict(), "float32")


def test_what_does_not_fit_is_refused_before_it_is_loaded(tiny_llama: Path, monkeypatch: Any) -> None:
    from transformers import AutoModelForCausalLM

    monkeypatch.setattr(checkpoint, "free_bytes", lambda device: 200_000_000)
    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", lambda *_, **__: pytest.fail("it was loaded"))
    said = r"^tiny-llama needs 40\d MB \(weights 1 MB as float32\) of memory and 200 MB is free\. Close"
    with pytest.raises(ModelError, match=said):
        load_checkpoint(tiny_llama, settings(tiny_llama, dtype="float32"))


def test_a_smaller_dtype_is_advised_where_it_would_fit(tmp_path: Path) -> None:
    weights = Weights(GB, 0, "bfloat16", quantised=False)
    with pytest.raises(ModelError, match=r'Set model\.dtype to "bfloat16"'):
        fit(tmp_path, weights, {}, "float32", 4096, 3 * GB)
    assert fit(tmp_path, weights, {}, "bfloat16", 4096, 3 * GB).remark == ""


def test_the_context_is_cut_to_what_fits_beside_the_weights(tiny_llama: Path, monkeypatch: Any) -> None:
    config = {"num_hidden_layers": 10, "num_attention_heads": 8, "num_key_value_heads": 4, "hidden_size": 1000}
    assert cache_bytes_per_token(config, "bfloat16") == 20_000
    weights = Weights(GB, 0, "bfloat16", quantised=False)
    found = fit(tiny_llama, weights, config, "bfloat16", 131_072, 3 * GB)
    assert found.context_size == (GB - LIBRARIES) // 20_000
    assert found.remark == "Reads 30,000 tokens at once instead of 131,072: what fits the free memory."
    assert fit(tiny_llama, weights, config, "bfloat16", 131_072, None).context_size == 131_072
    assert fit(tiny_llama, weights, config, "bfloat16", 8192, 3 * GB).remark == ""


def test_a_model_whose_context_was_cut_says_so(tiny_llama: Path, monkeypatch: Any) -> None:
    per_token = 2 * 2 * 2 * 16 * 4
    weights = weights_of(tiny_llama).bytes_as("float32")
    monkeypatch.setattr(fitting, "_LEAST_CONTEXT", 64)
    monkeypatch.setattr(checkpoint, "free_bytes", lambda device: weights + LIBRARIES + 500 * per_token)
    model = TransformersModel.load(settings(tiny_llama, dtype="float32"))
    assert model.context_size == 500
    assert model.remark == "Reads 500 tokens at once instead of 1,024: what fits the free memory."
    model.close()


def _torch(*, cuda: bool = False, cuda_bf16: bool = True, mps: bool = False, cpu_bf16: bool = False) -> Any:
    return SimpleNamespace(
        cuda=SimpleNamespace(is_available=lambda: cuda, device_count=lambda: 1, is_bf16_supported=lambda: cuda_bf16),
        backends=SimpleNamespace(mps=SimpleNamespace(is_available=lambda: mps)),
        cpu=SimpleNamespace(_is_avx512_bf16_supported=lambda: cpu_bf16),
    )


@pytest.mark.parametrize(
    ("machine", "saved_as", "free", "device", "dtype"),
    [
        (_torch(cuda=True), "float32", 10 * GB, "cuda", "bfloat16"),
        (_torch(cuda=True, cuda_bf16=False), "bfloat16", 10 * GB, "cuda", "float16"),
        (_torch(mps=True), "float16", 10 * GB, "mps", "float16"),
        (_torch(), "bfloat16", 10 * GB, "cpu", "float32"),
        (_torch(), "bfloat16", 3 * GB, "cpu", "bfloat16"),
        (_torch(), "bfloat16", None, "cpu", "float32"),
        (_torch(cpu_bf16=True), "bfloat16", 10 * GB, "cpu", "bfloat16"),
        (_torch(cpu_bf16=True), "float32", 10 * GB, "cpu", "float32"),
    ],
)
def test_the_device_and_the_dtype_that_are_chosen(
    machine: Any, saved_as: str, free: int | None, device: str, dtype: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert chosen_device("auto", machine) == device
    assert chosen_dtype("auto", device, Weights(GB, 0, saved_as, quantised=False), free, machine) == dtype
    assert chosen_dtype("float16", device, Weights(GB, 0, saved_as, quantised=False), free, machine) == "float16"


def test_a_dtype_that_is_set_is_the_one_it_is_loaded_with(tiny_llama: Path) -> None:
    import torch

    loaded = load_checkpoint(tiny_llama, settings(tiny_llama, dtype="bfloat16"))
    assert (loaded.dtype, loaded.model.dtype) == ("bfloat16", torch.bfloat16)
    assert weights_of(tiny_llama).bytes_as("bfloat16") == sum(p.nbytes for p in loaded.model.parameters())


def test_a_quantised_model_names_the_library_it_lacks(altered: Callable[..., Path], tiny_llama: Path) -> None:
    config = json.loads((tiny_llama / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "bitsandbytes", "load_in_4bit": True}
    folder = altered(config__json=json.dumps(config))
    with pytest.raises(ModelError, match=r"needs a library that is not installed: .*(?i:bitsandbytes)"):
        load_checkpoint(folder, settings(folder))


def test_progress_tells_the_tensors_as_they_come_and_what_it_takes(tiny_llama: Path) -> None:
    told: list[tuple[float, str]] = []
    load_checkpoint(tiny_llama, settings(tiny_llama), lambda fraction, what: told.append((fraction, what)))
    tensors = [what for _, what in told if what.endswith("tensors")]
    assert len(tensors) > 10
    assert any("(weights 1 MB as " in what for _, what in told)
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)


def test_sizes_for_people() -> None:
    assert [gigabytes(size) for size in (999_500_000, 1.54 * GB, 12_300_000)] == ["1000 MB", "1.5 GB", "13 MB"]


def test_this_machine_has_some_memory() -> None:
    free = available_bytes()
    assert free is None or free > 0
