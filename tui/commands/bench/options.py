"""Options that both benchmarks share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from agent.settings import Settings
    from memory_store.embedding import Embedder
    from memory_store.reranking import Stage

Budget = Annotated[bool, typer.Option("--budget", help="Also: evidence within 250 to 2000 tokens.")]
NoTerms = Annotated[bool, typer.Option("--no-terms", help="Do not switch the score's terms off in turn.")]
LateInteraction = Annotated[bool, typer.Option("--late-interaction", help="Also: with a second look, token by token.")]
RerankerFolder = Annotated[
    Path | None, typer.Option("--reranker", metavar="FOLDER", help="Also: with a cross-encoder's second look.")
]
Plot = Annotated[Path | None, typer.Option("--plot", metavar="FILE", help="Draw recall against k, as a PNG.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, max=2**63 - 1, help="For what is drawn by lot.")]


def second_looks(
    settings: Settings, embedder: Embedder, *, late_interaction: bool, reranker: Path | None
) -> tuple[Stage, ...]:
    """What the options ask to be measured, weighed as the settings say, or as is good where they switch it off."""
    from agent.opening import second_looks as chosen
    from memory_store.reranking import GOOD_WEIGHT

    recall = settings.recall
    weight = (recall.late_interaction or GOOD_WEIGHT) if late_interaction else 0
    asked = recall.model_copy(update={"late_interaction": weight, "reranker": reranker})
    return chosen(asked, embedder)
