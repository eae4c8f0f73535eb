"""What the agent's tests share: a tiny Llama with its own tokenizer, scripted models, turns out of thin air."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

from agent.settings import Settings, load_settings

# The same examples every time, and no clock: other work may share the machine.
hypothesis.settings.register_profile("mneme", deadline=None, derandomize=True)
hypothesis.settings.load_profile("mneme")

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("MNEME_HOME", "MNEME_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    return load_settings(tmp_path / "home", model={"seed": 7, "max_new_tokens": 48})


@pytest.fixture(scope="session")
def tiny_llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of random weights with a byte-level tokenizer trained here and a ChatML template."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    tokenizer = _tokenizer()
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=1024,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    folder = tmp_path_factory.mktemp("models") / "tiny-llama"
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer():
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bytes_and_pairs = Tokenizer(models.BPE())
    bytes_and_pairs.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytes_and_pairs.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|pad|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bytes_and_pairs.train_from_iterator(["my cat is called Miso and she sleeps on the piano all day"] * 20, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bytes_and_pairs, pad_token="<|pad|>", eos_token="<|im_end|>")
    tokenizer.chat_template = CHATML
    return tokenizer


@pytest.fixture
def altered(tiny_llama: Path, tmp_path: Path) -> Callable[..., Path]:
    """A copy of the tiny model with files removed (None) or replaced."""

    def alter(name: str = "altered", **files: str | bytes | None) -> Path:
        folder = tmp_path / name
        shutil.copytree(tiny_llama, folder)
        for file, content in files.items():
            path = folder / file.replace("__", ".")
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return alter
