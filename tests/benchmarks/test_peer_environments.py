"""Environments of peers: built once, from pins; the package is a wheel made here, so nothing is downloaded."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from benchmarks.peers.catalogue import Peer, PeerFailed
from benchmarks.peers.environments import LOG, python_of


def wheel(folder: Path) -> Path:
    """A package of one module: ``tinypeer`` 1.5."""
    file = folder / "tinypeer-1.5-py3-none-any.whl"
    about = "tinypeer-1.5.dist-info"
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("tinypeer.py", "WORD = 'remembered'\n")
        packed.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: tinypeer\nVersion: 1.5\n")
        packed.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        packed.writestr(f"{about}/RECORD", "")
    return file


def peer(folder: Path, line: str) -> Peer:
    pins = folder / "tiny.txt"
    pins.write_text(f"{line}\n", "utf-8")
    return Peer("tiny", "Tiny", folder / "adapter.py", pins)


@pytest.mark.slow
def test_built_once_from_its_pins_and_anew_when_they_change(tmp_path: Path) -> None:
    said: list[str] = []
    tiny, root = peer(tmp_path, str(wheel(tmp_path))), tmp_path / "environments"
    python = python_of(tiny, root, said.append)
    told = subprocess.run(
        [python, "-c", "import tinypeer; print(tinypeer.WORD)"], capture_output=True, text=True, check=True
    )
    assert told.stdout == "remembered\n"
    assert any("tinypeer" in line for line in said)

    again: list[str] = []
    assert python_of(tiny, root, again.append) == python
    assert again == []

    changed = peer(tmp_path, "./nowhere/other-1.0-py3-none-any.whl")
    with pytest.raises(PeerFailed, match=r"^pip could not install it: .*nowhere.*whole log: ") as failed:
        python_of(changed, root, said.append)
    assert "\n" not in str(failed.value)
    kept = [folder for folder in root.iterdir() if folder.is_dir()]
    assert len(kept) == 2
    assert all((folder / LOG).exists() for folder in kept)
