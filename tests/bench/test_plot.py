"""The plot: a PNG with a curve for each method, a panel for each set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from agent.bench.plot import COLOURS, HEIGHT, WIDTH, check_drawable, draw
from memory_store.errors import MnemeError, StoreUnavailable


def a_report(**methods: float) -> dict[str, Any]:
    curves = {name.replace("_", " "): {"recall_at_k": [share] * 25} for name, share in methods.items()}
    return {"name": "Set", "questions": 3, "unit": "turn", "methods": curves}


def places_of(colour: str, file: Path) -> set[tuple[int, int]]:
    """Pixels (x, y) of about this colour: thin lines are mixed with the paper."""
    with Image.open(file) as image:
        pixels = np.asarray(image.convert("RGB"), np.int64)
    near = np.abs(pixels - np.array([*bytes.fromhex(colour[1:])])).max(2) < 40
    return {(int(x), int(y)) for y, x in zip(*np.nonzero(near), strict=True)}


def test_a_panel_for_each_set_and_a_curve_for_each_method_but_the_switches(tmp_path: Path) -> None:
    file = tmp_path / "recall.png"
    draw([a_report(mneme=0.9, BM25_only=0.5, without_meaning=0.2), a_report(mneme=0.8)], file)
    with Image.open(file) as image:
        assert (image.format, image.size) == ("PNG", (WIDTH, 2 * HEIGHT))
    first, second, third = (places_of(colour, file) for colour in COLOURS[:3])
    assert {y // HEIGHT for _, y in first} == {0, 1}
    assert {y // HEIGHT for _, y in second} == {0}
    assert not third


def test_a_higher_recall_is_drawn_higher(tmp_path: Path) -> None:
    def height(share: float) -> int:
        draw([a_report(mneme=share)], tmp_path / "one.png")
        return next(y for x, y in sorted(places_of(COLOURS[0], tmp_path / "one.png")) if x == 200)

    assert height(0.9) < height(0.5) < height(0.1)


@pytest.mark.parametrize("name", ["recall.jpg", "missing/recall.png", "folder.png"])
def test_a_name_that_cannot_be_drawn_to(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(MnemeError, match=r"is not the name of a \.png file in a folder that exists"):
        check_drawable(tmp_path / name)


def test_without_pillow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.bench.plot.find_spec", lambda name: None)
    with pytest.raises(MnemeError, match=r'pip install "mneme\[bench\]"'):
        check_drawable(tmp_path / "recall.png")


def test_a_disk_that_refuses(tmp_path: Path) -> None:
    (tmp_path / "recall.png").mkdir()
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        draw([a_report(mneme=0.5)], tmp_path / "recall.png")
