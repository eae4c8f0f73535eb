"""A hub with a small model on it, and an empty cache."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.models.pulling.hub import Hub
from tests.agent.pulling.fake_hub import CARD, FakeHub, running

_HEADER = json.dumps({"weight": {"dtype": "U8", "shape": [300_000], "data_offsets": [0, 300_000]}}).encode()
WEIGHTS = len(_HEADER).to_bytes(8, "little") + _HEADER + random.Random(7).randbytes(300_000)
FILES = {
    "config.json": json.dumps({"architectures": ["LlamaForCausalLM"], "max_position_embeddings": 512}).encode(),
    "tokenizer.json": b"{}",
    "README.md": CARD,
    "model.safetensors": WEIGHTS,
    "pytorch_model.bin": b"a pickle",
    "modeling_tiny.py": b"raise SystemExit('never run, never fetched')",
    "onnx": b"",
}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_TOKEN", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


@pytest.fixture
def fake_hub(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """Running, for this process and for those it starts."""
    from huggingface_hub import constants, file_download

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)  # set at import, which another test may have made offline
    monkeypatch.setattr(file_download.time, "sleep", lambda _: None)
    with running(FakeHub({**FILES})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        yield hub


@pytest.fixture
def hub(fake_hub: FakeHub) -> Hub:
    return Hub.of_environment(timeout_s=20)
