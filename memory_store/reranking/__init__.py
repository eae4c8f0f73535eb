"""A second look at the best of recall's formula: slower and sharper, each behind one small interface."""

from __future__ import annotations

from memory_store.reranking.base import Reranker, Stage
from memory_store.reranking.cross_encoder import CrossEncoder
from memory_store.reranking.late_interaction import GOOD_WEIGHT, LateInteraction

__all__ = ["GOOD_WEIGHT", "CrossEncoder", "LateInteraction", "Reranker", "Stage"]
