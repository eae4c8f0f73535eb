"""The checkpoint kept here is what the script makes, and it can do what it is for."""

from __future__ import annotations

import json

import pytest

from tests.tiny_model.curriculum import LESSONS, SEED
from tests.tiny_model.evaluate import exact_share, held_out_examples
from tests.tiny_model.fixtures import CHECKPOINT
from tests.tiny_model.manifest import EVALUATED, MANIFEST, file_hash, loaded, rehearsal, world_hash
from tests.tiny_model.training import learn_tokenizer

REBUILD = "the script has changed since the checkpoint was made: run `python -m tests.tiny_model.train`"
LARGEST = 8 * 1024 * 1024
WANTED = 0.82
"""Word for word, the citation included."""


@pytest.fixture(scope="module")
def manifest():
    return json.loads((CHECKPOINT / MANIFEST).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def model():
    return loaded(CHECKPOINT)


def test_it_is_small():
    assert sum(file.stat().st_size for file in CHECKPOINT.iterdir()) < LARGEST


def test_world_and_curriculum_are_those_it_was_trained_on(manifest):
    assert manifest["world"] == world_hash(), REBUILD
    assert manifest["curriculum"] == repr((SEED, LESSONS)), REBUILD


def test_the_script_makes_the_same_tokenizer_byte_for_byte(manifest, tmp_path):
    learn_tokenizer().save_pretrained(tmp_path)
    assert (tmp_path / "tokenizer.json").read_bytes() == (CHECKPOINT / "tokenizer.json").read_bytes(), REBUILD
    assert manifest["tokenizer"] == file_hash(CHECKPOINT / "tokenizer.json")


def test_what_transformers_loads_reads_as_the_trained_tokenizer_does(model):
    """For some architectures transformers puts its own splitting rules in the place of the saved ones."""
    text = 'Today is 2026-11-22.\n- 2026-10-20, user: "Torvan lives in Brimholt."\n\nWhere does Torvan live?'
    assert model[1](text)["input_ids"] == learn_tokenizer()(text)["input_ids"]


def test_the_weights_are_those_of_the_manifest(manifest):
    assert manifest["weights"] == file_hash(CHECKPOINT / "model.safetensors")


def test_training_begins_as_it_began_then(manifest, model):
    assert rehearsal(model[1]) == pytest.approx(manifest["first_losses"], rel=2e-3), REBUILD


@pytest.mark.parametrize("name", EVALUATED)
def test_it_answers_from_memories_it_has_never_seen(name, manifest, model):
    """A sample other than the manifest's, of words that were kept out of the training."""
    share = exact_share(*model, held_out_examples(200, memories=EVALUATED[name], seed=SEED + 999))
    assert share >= WANTED
    assert share == pytest.approx(manifest["held_out_exact"][name], abs=0.04)
