"""Which files of a repository are wanted."""

from __future__ import annotations

import pytest

from agent.errors import ModelError
from agent.models.pulling.files import RemoteFile, needed


def chosen(*paths: str, pickles: bool = False) -> set[str]:
    return {file.path for file in needed([RemoteFile(path, 1, None, "") for path in paths], pickles=pickles)}


def test_code_other_frameworks_and_second_copies_are_left_out() -> None:
    assert chosen(
        "config.json", "model.safetensors", "model.fp16.safetensors", "consolidated.safetensors", "pytorch_model.bin",
        "tf_model.h5", "flax_model.msgpack", "model.onnx", "onnx/model.onnx", "modeling.py", "tokenizer.json",
        "tokenizer_config.json", "vocab.json", "merges.txt", "README.md", "LICENSE", ".gitattributes", "training.log",
        "original/model.safetensors", "picture.png", "chat_template.jinja",
    ) == {
        "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt",
        "README.md", "LICENSE", "chat_template.jinja",
    }  # fmt: skip


def test_parts_come_with_their_index() -> None:
    parts = {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"}
    assert chosen("config.json", *parts, "consolidated.00.safetensors") == parts | {"config.json"}


def test_weights_with_an_unusual_name_are_taken() -> None:
    assert chosen("config.json", "weights.safetensors", "adapter_model.safetensors") == {
        "config.json",
        "weights.safetensors",
    }


def test_pickles_are_fetched_only_when_asked_for() -> None:
    files = ("config.json", "pytorch_model-00001-of-00001.bin", "pytorch_model.bin.index.json", "training_args.bin")
    with pytest.raises(ModelError, match="add --pickles"):
        chosen(*files)
    assert chosen(*files, pickles=True) == set(files[:3])
    assert chosen("config.json", "model.safetensors", "pytorch_model.bin", pickles=True) == {
        "config.json",
        "model.safetensors",
    }


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (("config.json", "model-q4.gguf"), "GGUF"),
        (("config.json", "README.md"), "no weights"),
        (("model.safetensors",), r"no config\.json"),
        ((), "no weights"),
    ],
)
def test_what_cannot_be_used_is_said(files: tuple[str, ...], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        chosen(*files)
