"""Who is measured: each peer's package, its pinned environment, and the script that speaks to it there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Peer:
    """A product that remembers and searches."""

    name: str
    """On the command line."""
    title: str
    """In the table."""
    adapter: Path
    """A script that its environment's Python runs: see ``adapters/serving.py``."""
    requirements: Path
    """Every distribution of its environment, at one version."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Environment variables that it runs under, beside a home folder of its own."""
    options: tuple[str, ...] = ()
    """For its adapter's command line."""


PEERS = (
    Peer(
        "mem0",
        "mem0",
        HERE / "adapters" / "mem0_adapter.py",
        HERE / "requirements" / "mem0.txt",
        {"MEM0_TELEMETRY": "False", "OPENAI_API_KEY": "none: no language model is asked"},
    ),
    Peer(
        "mempalace",
        "MemPalace",
        HERE / "adapters" / "mempalace_adapter.py",
        HERE / "requirements" / "mempalace.txt",
    ),
    Peer(
        "mempalace-union",
        "MemPalace, union",
        HERE / "adapters" / "mempalace_adapter.py",
        HERE / "requirements" / "mempalace.txt",
        options=("union",),
    ),
    Peer(
        "chroma",
        "plain Chroma",
        HERE / "adapters" / "chroma_adapter.py",
        HERE / "requirements" / "chroma.txt",
    ),
)
COMMON = {"ANONYMIZED_TELEMETRY": "False", "DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}


class PeerFailed(Exception):
    """A peer could not be measured. The message is one line; the others go on."""
