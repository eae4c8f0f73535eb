"""Small models of random weights, one of each kind that reads differently: seconds to build, real in every layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

VOCABULARY = 300
_COMMON: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "bos_token_id": None,
    "eos_token_id": None,
    "pad_token_id": None,
}


def made(kind: str, **changes: Any) -> Any:
    """``llama``, ``qwen3``, ``gpt2``; ``mistral`` (a sliding window); ``gemma3`` (every second layer); ``lfm2``
    (convolutions with a state beside attention)."""
    import torch
    import transformers as t

    common = _COMMON | changes
    config: Any
    match kind:
        case "llama":
            config = t.LlamaConfig(**common, num_hidden_layers=2)
        case "qwen3":
            config = t.Qwen3Config(**common, num_hidden_layers=2, head_dim=8)
        case "gpt2":
            config = t.GPT2Config(
                vocab_size=VOCABULARY, n_embd=32, n_head=4, n_layer=2, bos_token_id=None, eos_token_id=None
            )
        case "mistral":
            config = t.MistralConfig(**common, num_hidden_layers=2, sliding_window=16)
        case "gemma3":
            kinds = ["sliding_attention", "full_attention"] * 2
            config = t.Gemma3TextConfig(**common, num_hidden_layers=4, head_dim=8, sliding_window=16, layer_types=kinds)
        case "lfm2":
            config = t.Lfm2Config(**common, num_hidden_layers=2, layer_types=["conv", "full_attention"])
        case _:
            raise ValueError(kind)
    torch.manual_seed(0)
    return t.AutoModelForCausalLM.from_config(config).eval()


def saved(kind: str, tokenizer: Any, folder: Path, **changes: Any) -> Path:
    """A folder that the model and the tokenizer can be loaded from."""
    made(kind, vocab_size=len(tokenizer), **changes).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
