"""The equations of :mod:`memory_store.embedding.bert`, in torch, for many texts at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memory_store.embedding.bert import EPSILON, HEAD, Floats, States, Weights, layers


def torch_states(weights: Weights) -> States:
    """The forward pass as a function of token ids and mask. Imports torch."""
    import torch
    from torch.nn import functional as nn

    tensors = {name: torch.from_numpy(np.array(array)) for name, array in weights.items()}
    depth = layers(weights)
    linear = _linear()

    def norm(name: str, values: Any) -> Any:
        return nn.layer_norm(values, values.shape[-1:], tensors[name + ".weight"], tensors[name + ".bias"], EPSILON)

    def dense(name: str, values: Any, then: str = "none") -> Any:
        return linear(values, tensors[name + ".weight"], tensors[name + ".bias"], then)

    def attend(prefix: str, hidden: Any, bias: Any) -> Any:
        rows, width, size = hidden.shape
        query, key, value = (
            dense(f"{prefix}attention.self.{name}", hidden).view(rows, width, size // HEAD, HEAD).transpose(1, 2)
            for name in ("query", "key", "value")
        )
        mixed = nn.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        return dense(prefix + "attention.output.dense", mixed.transpose(1, 2).reshape(rows, width, size))

    def states(ids: NDArray[np.int64], mask: Floats) -> Floats:
        with torch.inference_mode():
            places = torch.arange(ids.shape[1])
            hidden = (
                nn.embedding(torch.from_numpy(ids), tensors["embeddings.word_embeddings.weight"])
                + nn.embedding(places, tensors["embeddings.position_embeddings.weight"])
                + tensors["embeddings.token_type_embeddings.weight"][0]
            )
            hidden = norm("embeddings.LayerNorm", hidden)
            bias = (torch.from_numpy(mask) - 1.0)[:, None, None, :] * 1e9
            for layer in range(depth):
                prefix = f"encoder.layer.{layer}."
                hidden = norm(prefix + "attention.output.LayerNorm", hidden + attend(prefix, hidden, bias))
                inner = dense(prefix + "intermediate.dense", hidden, "gelu")
                hidden = norm(prefix + "output.LayerNorm", hidden + dense(prefix + "output.dense", inner))
            found: Floats = hidden.numpy()
            return found

    return states


def _linear() -> Callable[[Any, Any, Any, str], Any]:
    """x W^T + b, then ``none`` or ``gelu``: by oneDNN where the processor has AVX-512, since the MKL that torch would
    take uses it on Intel's processors only (2.3 times as fast on an AMD EPYC)."""
    import torch
    from torch.nn import functional as nn

    if torch.backends.mkldnn.is_available() and torch.backends.cpu.get_cpu_capability().startswith("AVX512"):
        fused = getattr(torch.ops.mkldnn, "_linear_pointwise", None)
        if fused is not None:
            return lambda x, weight, bias, then: fused(x, weight, bias, then, [], "none")
    return lambda x, weight, bias, then: (
        nn.gelu(nn.linear(x, weight, bias)) if then == "gelu" else nn.linear(x, weight, bias)
    )
