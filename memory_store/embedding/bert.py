"""BERT's encoder (Devlin et al. 2019) in NumPy, and a text's vector: the mean of its tokens' states."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from memory_store.embedding.base import Vectors

Floats = NDArray[np.float32]
Weights = Mapping[str, Floats]
States = Callable[[NDArray[np.int64], Floats], Floats]
"""Token ids and mask, both (n, width) -> the last layer's states (n, width, hidden), of any length."""

EPSILON = 1e-12
HEAD = 32
"""Width of one attention head of MiniLM."""


def layers(weights: Weights) -> int:
    """How many encoder layers ``weights`` hold."""
    return 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))


def numpy_states(weights: Weights) -> States:
    """The forward pass as a function of token ids and mask."""
    depth = layers(weights)

    def states(ids: NDArray[np.int64], mask: Floats) -> Floats:
        hidden = _embed(weights, ids)
        bias = (mask - 1.0)[:, None, None, :] * np.float32(1e9)
        for layer in range(depth):
            prefix = f"encoder.layer.{layer}."
            hidden = _norm(
                weights, prefix + "attention.output.LayerNorm", hidden + _attend(weights, prefix, hidden, bias)
            )
            inner = _gelu(_dense(weights, prefix + "intermediate.dense", hidden))
            hidden = _norm(
                weights, prefix + "output.LayerNorm", hidden + _dense(weights, prefix + "output.dense", inner)
            )
        return hidden

    return states


def pooled(states: Floats, mask: Floats) -> Vectors:
    """The mean state of each text's tokens, as unit vectors (n, hidden)."""
    mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), np.float32)


def _embed(weights: Weights, ids: NDArray[np.int64]) -> Floats:
    words = weights["embeddings.word_embeddings.weight"][ids]
    places = weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
    kinds = weights["embeddings.token_type_embeddings.weight"][0]
    return _norm(weights, "embeddings.LayerNorm", words + places + kinds)


def _attend(weights: Weights, prefix: str, hidden: Floats, bias: Floats) -> Floats:
    rows, width, size = hidden.shape

    def heads(name: str) -> Floats:
        projected = _dense(weights, f"{prefix}attention.self.{name}", hidden)
        return projected.reshape(rows, width, size // HEAD, HEAD).transpose(0, 2, 1, 3)

    scores: Floats = heads("query") @ heads("key").transpose(0, 1, 3, 2)
    scores /= np.float32(math.sqrt(HEAD))
    scores += bias
    scores -= scores.max(-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(-1, keepdims=True)
    mixed = scores @ heads("value")
    return _dense(weights, prefix + "attention.output.dense", mixed.transpose(0, 2, 1, 3).reshape(rows, width, size))


def _dense(weights: Weights, name: str, values: Floats) -> Floats:
    # One multiplication of all rows together: NumPy would make one of each text, and BLAS is slow with small ones.
    out: Floats = values.reshape(-1, values.shape[-1]) @ weights[f"{name}.weight"].T
    out += weights[f"{name}.bias"]
    return out.reshape(*values.shape[:-1], -1)


def _norm(weights: Weights, name: str, values: Floats) -> Floats:
    centred: Floats = values - values.mean(-1, keepdims=True)
    centred /= np.sqrt((centred * centred).mean(-1, keepdims=True) + np.float32(EPSILON))
    centred *= weights[f"{name}.weight"]
    centred += weights[f"{name}.bias"]
    return centred


def _gelu(values: Floats) -> Floats:
    out = _erf(values * np.float32(math.sqrt(0.5)))
    out += 1
    out *= values
    out *= np.float32(0.5)
    return out


_SERIES = (-1.453152027, 1.421413741, -0.284496736, 0.254829592)


def _erf(values: Floats) -> Floats:
    """Abramowitz and Stegun 7.1.26, error below 1.5e-7: as exact as float32 itself. In place, where it can be: in the
    widest layer of the network, making new arrays took longer than filling them."""
    size: Floats = np.abs(values)
    t = size * np.float32(0.3275911)
    t += 1
    np.reciprocal(t, out=t)
    series = t * np.float32(1.061405429)
    for factor in _SERIES:
        series += np.float32(factor)
        series *= t
    size *= size
    np.exp(np.negative(size, out=size), out=size)
    series *= size
    np.subtract(1, series, out=series)
    np.copysign(series, values, out=series)
    return series
