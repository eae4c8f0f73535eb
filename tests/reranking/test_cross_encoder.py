"""A cross-encoder of the user's own: what it changes, and what each wrong folder gets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.opening import open_memory
from agent.settings import load_settings
from memory_store.errors import RerankerError
from memory_store.reranking import CrossEncoder, Stage
from tests.conftest import OpenStore
from tests.reranking.making import MEANS, QUERY, TEXT, untrained


@pytest.mark.parametrize("asked", MEANS)
def test_it_brings_up_what_no_word_tells(open_store: OpenStore, reranker: Path, asked: str) -> None:
    store = open_store(stages=[Stage(CrossEncoder(reranker), 1.0)])
    for thing in MEANS.values():
        store.remember(f"At home there is a {thing}.")
    store.index_now()
    found = store.recall(QUERY.format(asked))
    assert found[0].memory.text == f"At home there is a {MEANS[asked]}."
    assert found[0].reasons["reranker"] == pytest.approx(1.0)
    assert found.remarks == ()
    for item in found:
        assert item.score == pytest.approx(sum(item.reasons.values()))


def test_scores_do_not_depend_on_what_else_is_scored(reranker: Path) -> None:
    encoder = CrossEncoder(reranker)
    texts = [TEXT.format(thing) for thing in MEANS.values()] * 5 + ["", "home " * 500]
    together = encoder.scores(QUERY.format("feline"), texts)
    alone = [encoder.scores(QUERY.format("feline"), [text])[0] for text in texts]
    assert together == pytest.approx(alone, abs=1e-4)
    assert together.argmax() % 5 == 0


def test_it_has_no_say_on_a_script_it_cannot_read(open_store: OpenStore, reranker: Path) -> None:
    assert not CrossEncoder(reranker).scripts
    store = open_store(stages=[Stage(CrossEncoder(reranker), 1.0)])
    store.remember_many([])
    for text in ("我住在上海。", "我喜欢喝茶。", "上海的茶很好。"):
        store.remember(text)
    store.index_now()
    assert all("reranker" not in item.reasons for item in store.recall("上海的茶"))


def without_config(folder: Path) -> None:
    (folder / "config.json").unlink()


def with_garbled_config(folder: Path) -> None:
    (folder / "config.json").write_text('{"architectures": [')


def with_a_list_for_config(folder: Path) -> None:
    (folder / "config.json").write_text("[]")


def of_another_kind(folder: Path) -> None:
    change(folder, architectures=["BertModel"])


def of_three_classes(folder: Path) -> None:
    change(folder, id2label={"0": "contradiction", "1": "entailment", "2": "neutral"})


def of_two_classes(folder: Path) -> None:
    change(folder, id2label=None)


def without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def without_a_tokenizer(folder: Path) -> None:
    for file in folder.glob("*token*"):
        file.unlink()


def change(folder: Path, **values: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | values))


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        (without_config, "config.json cannot be read .No such file"),
        (with_garbled_config, "config.json cannot be read"),
        (with_a_list_for_config, "its architecture is not said"),
        (of_another_kind, "its architecture is BertModel, not …ForSequenceClassification"),
        (of_three_classes, "has 3 labels"),
        (of_two_classes, "has 2 labels"),
        (without_weights, "holds no weights"),
        (without_a_tokenizer, "holds no tokenizer"),
    ],
)
def test_a_folder_that_is_no_reranker_is_refused_at_opening(
    tmp_path: Path, copied: Path, harm: Callable[[Path], None], problem: str
) -> None:
    harm(copied)
    with pytest.raises(RerankerError, match=problem) as raised:
        open_memory(load_settings(tmp_path / "home", recall__reranker=str(copied)))
    assert str(copied) in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "home").exists()


def test_the_command_line_says_so_in_one_line(tmp_path: Path) -> None:
    ran = subprocess.run(
        [Path(sys.executable).with_name("mneme"), "memory", "search", "cat"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env={
            **os.environ,
            "MNEME_HOME": str(tmp_path / "home"),
            "MNEME_RECALL__RERANKER": str(tmp_path / "missing"),
            "OMP_NUM_THREADS": "1",
        },
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("mneme: ")
    assert "missing is not a reranker: config.json cannot be read (No such file" in ran.stderr
    assert ran.stderr.count("\n") == 1


def without_its_head(folder: Path) -> None:
    untrained().bert.save_pretrained(folder / "other")
    (folder / "other" / "model.safetensors").replace(folder / "model.safetensors")


def with_garbled_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"nothing of the kind")


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        (without_its_head, "its weights lack"),
        (with_garbled_weights, "cannot be loaded as a reranker"),
    ],
)
def test_one_that_fails_later_leaves_recall_as_it_is(
    open_store: OpenStore, copied: Path, harm: Callable[[Path], None], problem: str
) -> None:
    harm(copied)
    store = open_store(stages=[Stage(CrossEncoder(copied), 1.0)])
    for text in ("At home there is a cat.", "At home there is tea."):
        store.remember(text)
    store.index_now()
    found = store.recall("Which cat is at home?")
    assert found[0].memory.text == "At home there is a cat."
    assert "reranker" not in found[0].reasons
    [remark] = found.remarks
    assert remark.startswith("There was no second look. ")
    assert problem in remark
    assert "\n" not in remark
