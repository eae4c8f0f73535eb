"""Key-value memory networks (Miller et al. 2016, "Key-Value Memory Networks for Directly Reading Documents")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


class KeyValueMemory(nn.Module):
    """Addressing by keys, reading of values, several hops, each with a learned map.

    p_i = softmax(q_j . A k_i) (eq. 1), o = sum_i p_i A v_i (eq. 2), q_(j+1) = R_j (q_j + o) (eq. 3); answers are scored
    by q_(H+1) . B y (eq. 4). Texts are bags of words: A embeds and adds them up. With keys equal to values this is the
    memory network of Sukhbaatar et al. 2015 (after Weston et al. 2015).
    """

    def __init__(self, vocabulary: int, answers: int, *, width: int = 64, hops: int = 2) -> None:
        """``vocabulary``: words, 0 being none; ``answers``: candidates."""
        super().__init__()
        self.words = nn.EmbeddingBag(vocabulary, width, mode="sum", padding_idx=0)
        self.answers = nn.Embedding(answers, width)
        self.maps = nn.ModuleList(nn.Linear(width, width, bias=False) for _ in range(hops))
        for embedding in (self.words, self.answers):
            nn.init.normal_(embedding.weight, std=0.1)
        with torch.no_grad():
            self.words.weight[0].zero_()
        for hop in self.maps:
            nn.init.eye_(hop.weight)  # a hop begins by adding what it read

    def embed(self, texts: Tensor) -> Tensor:
        """(..., L) word numbers -> (..., width)."""
        return self.words(texts.reshape(-1, texts.shape[-1])).view(*texts.shape[:-1], -1)

    def address(self, query: Tensor, keys: Tensor, mask: Tensor) -> Tensor:
        """p: query (B, width), keys (B, N, width), mask (B, N) true where there is a memory -> (B, N)."""
        scores = torch.einsum("bw,bnw->bn", query, keys).masked_fill(~mask, torch.finfo(query.dtype).min)
        return functional.softmax(scores, dim=-1) * mask

    def hops(self, question: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The query after the last hop, (B, width), and what each hop attended to, (B, N) each.

        question (B, L), keys and values (B, N, L), as word numbers; a memory without words is none.
        """
        query, known, held = self.embed(question), self.embed(keys), self.embed(values)
        mask = (keys != 0).any(-1)
        attended = []
        for hop in self.maps:
            attended.append(self.address(query, known, mask))
            query = hop(query + torch.einsum("bn,bnw->bw", attended[-1], held))
        return query, attended

    def forward(self, question: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """Scores of all answers, (B, answers)."""
        query, _ = self.hops(question, keys, values)
        return query @ self.answers.weight.T


def hash_keys(
    question: Sequence[int], holding: Mapping[int, Sequence[int]], *, most: int, common: int = 1000
) -> list[int]:
    """Key hashing: the memories that share a word with the question, at most ``most``, those that share the rarest
    words first. ``holding``: word -> the memories whose key holds it; words in ``common`` or more of them tell nothing.
    """
    scores: dict[int, float] = {}
    for word in set(question):
        found = holding.get(word, ())
        if 0 < len(found) < common:
            for memory in found:
                scores[memory] = scores.get(memory, 0.0) + 1 / len(found)
    return sorted(scores, key=lambda memory: (-scores[memory], memory))[:most]
