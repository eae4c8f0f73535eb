"""What a model's own files tell of its licence, and whether it would fit the memory."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from agent.models import room
from agent.models.licences import licence_of
from agent.models.memory_need import LIBRARIES
from agent.settings import ModelSettings


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ("---\nlicense: apache-2.0\n---\n# A model\n", "apache-2.0"),
        ("---\r\nlanguage: en\r\nlicense: 'mit'\r\n---\r\n", "mit"),
        ("---\nlicense:\n- cc-by-4.0\n---\n", "cc-by-4.0"),
        ("---\nlicense: other\nlicense_name: llama3.2\nlicense_link: x\n---\n", "llama3.2"),
        ("---\nlicense: other # see below\n---\n", "other"),
        ("# A model\nlicense: mit\n", ""),
        ("---\nlicense: \x1b[2Jmit\n---\n", "?[2Jmit"),
        ("", ""),
    ],
)
def test_the_licence_of_a_model_card(tmp_path: Path, card: str, licence: str) -> None:
    (tmp_path / "README.md").write_bytes(card.encode())
    assert licence_of(tmp_path, {}) == licence


def test_without_a_card_the_configuration_or_the_licence_itself_tells(tmp_path: Path) -> None:
    assert licence_of(tmp_path, {"license": "gemma"}) == "gemma"
    (tmp_path / "LICENSE").write_text("\n                    Apache License\n              Version 2.0")
    assert licence_of(tmp_path, {}) == "apache-2.0"
    (tmp_path / "LICENSE").write_text("House rules")
    assert licence_of(tmp_path, {"license": 3}) == "see LICENSE"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model of a million numbers in float32: its header alone."""
    header = json.dumps({"w": {"dtype": "F32", "shape": [1000, 1000], "data_offsets": [0, 4_000_000]}}).encode()
    (tmp_path / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    return tmp_path


@pytest.mark.parametrize(
    ("dtype", "free", "needed", "fits"),
    [
        ("auto", 5_000_000, 4_000_000, True),
        ("auto", 3_000_000, 4_000_000, True),  # in 16 bits
        ("auto", 1_000_000, 4_000_000, False),
        ("float32", 3_000_000, 4_000_000, False),
        ("bfloat16", 3_000_000, 2_000_000, True),
        ("auto", None, 4_000_000, None),
    ],
)
def test_what_fits(
    folder: Path, monkeypatch: pytest.MonkeyPatch, dtype: str, free: int | None, needed: int, fits: bool | None
) -> None:
    monkeypatch.setattr(room, "gpu_free", lambda: None)
    monkeypatch.setattr(room, "available_bytes", lambda: None if free is None else LIBRARIES + free)
    told = room.room_for(folder, {}, ModelSettings(dtype=dtype))
    assert (told.needed - LIBRARIES, told.fits) == (needed, fits)


def test_the_gpu_counts_where_the_model_would_go_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\nprintf '1024\\n4096\\n'\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    room.gpu_free.cache_clear()
    assert room.free_memory("auto") == room.free_memory("cuda:0") == 4096 * 2**20
    monkeypatch.setattr(room, "available_bytes", lambda: 7)
    assert room.free_memory("cpu") == 7
    room.gpu_free.cache_clear()
    program.write_text("#!/bin/sh\necho no driver\nexit 9\n")
    assert room.free_memory("auto") == 7
    room.gpu_free.cache_clear()
