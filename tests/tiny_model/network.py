"""The tiny transformer, and where its training starts.

Looking things up in a prompt takes two attention layers that work together: one that brings each token what stood just
before it, one that finds the place where the same was said before. From a random start most of the training would go
into finding that arrangement. So the heads of the first layer begin by looking a few tokens back, and in the later
layers queries and keys begin equal, and outputs undo values ("mimetic initialisation", Trockman and Kolter 2023,
arXiv:2305.09828). Everything is trained from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from tests.tiny_model.tokenizer import VOCABULARY

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import LlamaForCausalLM

WIDTH, LAYERS, HEADS, INNER = 192, 3, 6, 512
CONTEXT = 4096
ROPE_BASE = 1e6


@dataclass(frozen=True, slots=True)
class LookBack:
    """Where a head of the first layer looks at the start: ``distance`` tokens back, or around there."""

    distance: float
    rates: slice
    """Which of the rotary rates, fastest first, tell it: the fast ones see one token, slower ones a stretch."""
    sharpness: float
    gain: float = 1.0
    """A stretch is an average: what it brings is weaker."""


ONE, STRETCH, LONG_STRETCH = slice(0, 8), slice(1, 4), slice(2, 5)
LOOK_BACK = (
    LookBack(1, ONE, 5.0),
    LookBack(1, ONE, 5.0),
    LookBack(2, ONE, 5.0),
    LookBack(3, ONE, 5.0),
    LookBack(4, STRETCH, 3.0, gain=3.0),
    LookBack(9, LONG_STRETCH, 4.0, gain=3.0),
)
"""The last two gather what was said just before, such as whom a sentence is about."""


def new_network(seed: int) -> LlamaForCausalLM:
    """An untrained network. The same seed gives the same weights."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=WIDTH,
        intermediate_size=INNER,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=HEADS,
        attention_bias=True,
        max_position_embeddings=CONTEXT,
        rope_parameters={"rope_type": "default", "rope_theta": ROPE_BASE},
        tie_word_embeddings=True,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=2,
    )
    network = LlamaForCausalLM(config)
    with torch.no_grad():
        network.model.embed_tokens.weight.normal_(0, 0.08)
        for number, layer in enumerate(network.model.layers):
            _start_alike(layer.self_attn, match=number > 0)
        _start_looking_back(network.model.layers[0].self_attn)
    return network


def _start_alike(attention: torch.nn.Module, *, match: bool) -> None:
    values = _directions() * 0.7
    attention.v_proj.weight.copy_(values)
    attention.o_proj.weight.copy_(values.T)
    if match:
        same = _directions()
        attention.q_proj.weight.copy_(same)
        attention.k_proj.weight.copy_(same)


def _directions() -> Tensor:
    """[WIDTH, WIDTH]: for each head, orthonormal directions of its own."""
    return torch.cat([torch.linalg.qr(torch.randn(WIDTH, WIDTH // HEADS))[0].T for _ in range(HEADS)])


def _start_looking_back(attention: torch.nn.Module) -> None:
    """Constant keys, and queries that are the same keys turned back by the wanted distance (rotary embedding)."""
    size = WIDTH // HEADS
    rates = ROPE_BASE ** (-torch.arange(0, size, 2) / size)
    for head, look in enumerate(LOOK_BACK):
        part = slice(head * size, (head + 1) * size)
        strength, angles = torch.zeros(size // 2), -look.distance * rates
        strength[look.rates] = look.sharpness
        attention.o_proj.weight[:, part] *= look.gain
        attention.k_proj.bias[part] = torch.cat([strength, torch.zeros(size // 2)])
        attention.q_proj.bias[part] = torch.cat([strength * angles.cos(), strength * angles.sin()])
