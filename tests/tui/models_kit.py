"""Models as they might be on a machine, and a session whose models say their names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from agent.models.base import Progress
from agent.models.catalogue import InstalledModel, memory_only
from agent.models.loading import BackgroundModel, LoadState
from agent.settings import Settings
from tests.tui.app_kit import Scripted
from tui.models_here import ModelsFound

FREE = 8_000_000_000
HERE = Path("/models")


def model(name: str, size: int = 0, **more: object) -> InstalledModel:
    given = {
        "kind": "downloaded",
        "path": HERE / name,
        "context_size": 32768,
        "architecture": "LlamaForCausalLM",
        "usable": True,
        "remark": "",
        "in_use": False,
        "memory_bytes": size * 5 // 4 + 400_000_000 if size else None,
        "fits": size * 5 // 4 + 400_000_000 < FREE if size else None,
        "licence": "apache-2.0",
    }
    return InstalledModel(name=name, bytes=size, **(given | more))


SMALL = model("ana/tiny-chat", 270_000_000)
LARGE = model("ana/large-chat", 16_400_000_000, licence="other")
FOLDER = model("/home/ana/models/a-chat-model-with-a-long-name", 3_100_000_000, kind="folder", licence="")
SERVED = model(
    "llama3.2:3b",
    kind="server",
    path=None,
    context_size=None,
    licence="",
    base_url="http://127.0.0.1:11434/v1",
    server="Ollama",
    remark="Ollama at 127.0.0.1:11434",
)
ENCODER = model("ana/encoder", usable=False, remark="holds BertModel, which is no language model")
ALL = [memory_only(in_use=True), FOLDER, ENCODER, LARGE, SMALL, SERVED]


def found(*models: InstalledModel) -> Callable[[Settings], ModelsFound]:
    """In place of looking at this machine; memory_only is always there."""
    return lambda _settings: ModelsFound(list(models) or [memory_only(in_use=True)], FREE)


def named_models(settings: Settings, listener: Callable[[LoadState], None]) -> BackgroundModel:
    """A model maker: whatever the settings name loads, and replies with its name. "broken" does not load."""
    name = settings.model.name

    def load(progress: Progress) -> Scripted:
        progress(0.5, "halfway")
        if name == SERVED.name:
            raise RuntimeError("it has gone away")
        return Scripted([f"I am {name}."], name=name)

    return BackgroundModel(load, name=name, listener=listener)
