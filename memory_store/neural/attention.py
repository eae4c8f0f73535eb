"""How attention over slots is computed: the equations that the modules of this package share.

B: batch, H: heads, N: slots, W: width of a slot. Weightings are over the last axis: not negative, and sum to 1 (or,
where said, to at most 1). The equations of recall over real turns are in :mod:`memory_store.addressing`, in NumPy; the
last three here are theirs.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

EPSILON = 1e-6


def cosine(keys: Tensor, memory: Tensor) -> Tensor:
    """K[k, M(i)] (NTM eq. 6): keys (B, H, W), memory (B, N, W) -> (B, H, N), in [-1, 1].

    A slot of zeros is equally far from every key: its cosine is 0.
    """
    lengths = keys.norm(dim=-1).unsqueeze(-1) * memory.norm(dim=-1).unsqueeze(-2)
    return keys @ memory.transpose(-1, -2) / (lengths + EPSILON)


def content(keys: Tensor, memory: Tensor, strength: Tensor) -> Tensor:
    """w_c(i) = softmax(b K[k, M(i)]) (NTM eq. 5; DNC's C(M, k, b)). strength (B, H) >= 0 -> (B, H, N)."""
    return functional.softmax(strength.unsqueeze(-1) * cosine(keys, memory), dim=-1)


def interpolate(now: Tensor, before: Tensor, gate: Tensor) -> Tensor:
    """w_g = g w_c + (1 - g) w_(t-1) (NTM eq. 7). gate (B, H) in [0, 1]."""
    share = gate.unsqueeze(-1)
    return share * now + (1 - share) * before


def rotate(weights: Tensor, shift: Tensor) -> Tensor:
    """w~(i) = sum_j w_g(j) s(i - j), indices modulo N (NTM eq. 8).

    shift (B, H, S), S odd, a distribution over moves from -(S - 1)/2 to (S - 1)/2; positive moves go to higher slots.
    """
    reach = shift.shape[-1] // 2
    moved = [weights.roll(step, dims=-1) for step in range(-reach, reach + 1)]
    return (torch.stack(moved, dim=-1) * shift.unsqueeze(-2)).sum(-1)


def sharpen(weights: Tensor, exponent: Tensor) -> Tensor:
    """w(i) = w~(i)^g / sum_j w~(j)^g (NTM eq. 9). exponent (B, H) >= 1."""
    powered = (weights + EPSILON) ** exponent.unsqueeze(-1)
    return powered / powered.sum(-1, keepdim=True)


def read(weights: Tensor, memory: Tensor) -> Tensor:
    """r = sum_i w(i) M(i) (NTM eq. 2). (B, H, N), (B, N, W) -> (B, H, W)."""
    return weights @ memory


def write(memory: Tensor, weights: Tensor, erase: Tensor, add: Tensor) -> Tensor:
    """M(i) <- M(i) prod_h (1 - w_h(i) e_h) + sum_h w_h(i) a_h (NTM eqs. 3 and 4).

    weights (B, H, N), erase in [0, 1] and add (B, H, W) -> (B, N, W).
    """
    kept = (1 - weights.unsqueeze(-1) * erase.unsqueeze(-2)).prod(dim=1)
    return memory * kept + weights.transpose(-1, -2) @ add


def lent(contents: Tensor, follows: Tensor, asks: Tensor, next_turn: Tensor, previous_turn: Tensor) -> Tensor:
    """What neighbours lend in a conversation: :func:`memory_store.addressing.shift`, differentiable in its weights.

    contents (..., n); follows and asks (..., n), bool; next_turn and previous_turn scalars, or (..., 1) -> (..., n).
    """
    joined, none = follows[..., 1:], torch.zeros_like(contents[..., 1:])
    later = torch.where(joined, next_turn * contents[..., 1:], none)
    earlier = torch.where(joined & asks[..., :-1], previous_turn * contents[..., :-1], none)
    return functional.pad(later, (0, 1)) + functional.pad(earlier, (1, 0))


def session_prior(contents: Tensor, sessions: Tensor) -> Tensor:
    """The prior of each turn's session: :func:`memory_store.addressing.session_prior`, for a batch.

    contents (B, n), not negative; sessions (B, n), numbers from 0, the turns of one side by side -> (B, n).
    """
    count = int(sessions.max()) + 1 if sessions.numel() else 1
    none = contents.new_zeros(contents.shape[0], count)
    best = none.scatter_reduce(1, sessions, contents, "amax", include_self=True)
    is_best = contents >= best.gather(1, sessions)
    places = torch.arange(contents.shape[1], device=contents.device).expand_as(sessions)
    first = torch.full_like(none, contents.shape[1], dtype=torch.long)
    first = first.scatter_reduce(
        1, sessions, places.masked_fill(~is_best, contents.shape[1]), "amin", include_self=True
    )
    others = contents.masked_fill(places == first.gather(1, sessions), 0.0)
    second = none.scatter_reduce(1, sessions, others, "amax", include_self=True)
    means = (best + second) / 2
    return means.gather(1, sessions) / means.amax(1, keepdim=True).clamp_min(EPSILON)


def scaled_content(cosines: Tensor, mean: Tensor, best: Tensor, gate: Tensor) -> Tensor:
    """Content by meaning as recall scales it: :func:`memory_store.addressing.dense_content`. cosines (n,) -> (n,)."""
    spread = best - mean
    scaled = gate * ((cosines - mean) / spread.clamp_min(1e-9)).clamp(0.0, 1.0)
    return torch.where((spread > 1e-9) & (gate > 0), scaled, torch.zeros_like(scaled))
