"""MemPalace by the tools that it offers to agents: one drawer a turn by ``add_drawer``, and ``search``.

Its default embedder is Chroma's ONNX copy of all-MiniLM-L6-v2, fetched from the network. Its class is kept, and answers
with mneme's vectors of the same model. With "union" on the command line, search also takes candidates by words
(``candidate_strategy="union"``), which MemPalace leaves off by default.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from serving import Embed, Product, serve

STRATEGY = "union" if "union" in sys.argv[2:] else "vector"
WING, ROOM = "talk", "all"


class MemPalace:
    """One palace. Equal words are one drawer there: finding it is finding every turn that said them."""

    def __init__(self, folder: Path, embed: Embed) -> None:
        os.environ["MEMPALACE_PALACE_PATH"] = str(folder / "palace")
        os.environ["MEMPALACE_EMBEDDING_MODEL"] = "minilm"
        _answer_with(embed)
        from mempalace import mcp_server

        self._tools: Any = mcp_server
        self._places: dict[str, list[int]] = {}

    def add(self, places: Sequence[int], texts: Sequence[str]) -> None:
        for place, text in zip(places, texts, strict=True):
            done = self._tools.tool_add_drawer(WING, ROOM, text, source_file=f"turn-{place}")
            if not done.get("success"):
                raise RuntimeError(f"add_drawer: {done.get('error')}")
            self._places.setdefault(done["drawer_id"], []).append(place)

    def search(self, query: str, limit: int) -> list[int]:
        found = self._tools.tool_search(query, limit=limit, candidate_strategy=STRATEGY)
        if "error" in found:
            raise RuntimeError(f"search: {found['error']}")
        return [place for hit in found["results"] for place in self._places[hit["drawer_id"]]]


def _answer_with(embed: Embed) -> None:
    import numpy as np
    from chromadb.utils.embedding_functions import ONNXMiniLM_L6_V2

    def vectors(self: object, input: Sequence[str]) -> list[Any]:  # noqa: ARG001  Chroma insists on these two names
        return [np.array(row, np.float32) for row in embed(input)]

    ONNXMiniLM_L6_V2.__call__ = vectors


def opened(folder: Path, embed: Embed) -> Product:
    return MemPalace(folder, embed)


serve("mempalace", opened)
