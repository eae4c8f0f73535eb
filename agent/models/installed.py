"""Finding models on this machine by looking at folders alone: no import of transformers, no network."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from agent.errors import ModelError
from agent.models.tensor_files import is_whole
from agent.paths import printable

WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "spiece.model", "tekken.json", "vocab.txt")
_CONTEXT_KEYS = ("max_position_embeddings", "n_positions", "n_ctx", "max_sequence_length", "seq_length", "max_seq_len")


def hub_cache() -> Path:
    """Where the hub's own tools keep what they downloaded, by their environment variables."""
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    if named:
        return Path(named).expanduser()
    home = os.environ.get("HF_HOME")
    if home:
        return Path(home).expanduser() / "hub"
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "huggingface" / "hub"


def downloaded() -> dict[str, Path]:
    """Hub id -> the folder of its main (else newest) revision, for every downloaded model; then each other revision
    that is here, as ``id@revision``."""
    found = {}
    for folder in _subfolders(hub_cache()):
        if folder.name.startswith("models--"):
            name = folder.name.removeprefix("models--").replace("--", "/")
            usual = _snapshot(folder)
            if usual is not None:
                found[name] = usual
                found |= {f"{name}@{revision}": path for revision, path in _revisions(folder).items() if path != usual}
    return found


def find_model(name: str) -> Path:
    """The folder of a model given as a path or as the id of a downloaded one. Raises ModelError."""
    if is_folder(name):
        return Path(name).expanduser().absolute()
    if name.startswith(("/", "./", "../", "~")) or Path(name).is_absolute():
        raise ModelError(f"There is no folder {printable(name)}. `mneme models list` shows the models that are here.")
    found = downloaded().get(name) or _pinned(name)
    if found is None:
        raise ModelError(
            f'"{printable(name)}" is neither a folder nor a model that was downloaded. '
            "`mneme models list` shows the models that are here."
        )
    return found


def read_config(folder: Path) -> dict[str, Any]:
    """The model's ``config.json``; empty when it is missing or unreadable."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}


def context_size(config: dict[str, Any]) -> int | None:
    """Tokens the model was made for; multimodal models keep it one level down."""
    for part in (config, config.get("text_config")):
        if isinstance(part, dict):
            for key in _CONTEXT_KEYS:
                if isinstance(part.get(key), int) and part[key] > 0:
                    return int(part[key])
    return None


def what_is_missing(folder: Path) -> str:
    """What a folder lacks to be a language model, as the end of a sentence; empty when nothing."""
    if not (folder / "config.json").is_file():
        return "has no config.json"
    config = read_config(folder)
    if not config:
        return "has a config.json that cannot be read"
    if not any(next(folder.glob(pattern), None) for pattern in WEIGHTS):
        return "has no weights (*.safetensors)"
    if not any((folder / name).is_file() for name in TOKENIZER_FILES):
        return "has no tokenizer"
    architectures = config.get("architectures") or []
    if architectures and not any(
        "CausalLM" in a or "LMHead" in a or "ConditionalGeneration" in a for a in architectures
    ):
        return f"holds {architectures[0]}, which is no language model"
    if config.get("is_encoder_decoder"):
        return "holds an encoder-decoder model, which cannot hold a conversation"
    if broken := next((path for path in sorted(folder.glob(WEIGHTS[0])) if not is_whole(path)), None):
        return f"has weights that are cut short or damaged ({broken.name}): download them again"
    return ""


def has_chat_template(folder: Path) -> bool:
    if (folder / "chat_template.jinja").is_file() or (folder / "chat_template.json").is_file():
        return True
    try:
        return bool(json.loads((folder / "tokenizer_config.json").read_text("utf-8")).get("chat_template"))
    except (OSError, ValueError, AttributeError):
        return False


def weight_bytes(folder: Path) -> int:
    """Bytes of the weights: of the safetensors files, or of the older kind where there are none."""
    for pattern in WEIGHTS:
        sizes = [path.stat().st_size for path in folder.glob(pattern) if path.exists()]
        if sizes:
            return sum(sizes)
    return 0


def _snapshot(folder: Path) -> Path | None:
    try:
        revision = (folder / "refs" / "main").read_text("utf-8").strip()
    except (OSError, ValueError):
        revision = ""
    snapshots = _subfolders(folder / "snapshots")
    chosen = [path for path in snapshots if path.name == revision] or snapshots
    return max(chosen, key=lambda path: path.stat().st_mtime) if chosen else None


def _revisions(folder: Path) -> dict[str, Path]:
    """Branch or tag (else the beginning of the commit) -> snapshot, for each that is here."""
    named = {}
    for ref in sorted((folder / "refs").rglob("*")):
        try:
            named[ref.read_text("utf-8").strip()] = str(ref.relative_to(folder / "refs"))
        except (OSError, ValueError):
            continue
    return {named.get(path.name, path.name[:12]): path for path in _subfolders(folder / "snapshots")}


def _pinned(name: str) -> Path | None:
    """The snapshot that ``id@revision`` means: a branch, a tag, or the beginning of a commit, at least 7 digits."""
    model, at, revision = name.partition("@")
    folder = hub_cache() / f"models--{model.replace('/', '--')}"
    if not at or "/" in folder.name:
        return None
    found = _revisions(folder)
    whole = (path for path in found.values() if len(revision) >= 7 and path.name.startswith(revision))
    return found.get(revision) or next(whole, None)


def _subfolders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return []


def model_folders(top: Path) -> list[Path]:
    """``top`` itself when it is a model, else the models among its folders, two levels down."""
    if (top / "config.json").is_file():
        return [top]
    inside = _subfolders(top)
    return [f for folder in inside for f in ([folder] if (folder / "config.json").is_file() else _models_in(folder))]


def is_folder(name: str) -> bool:
    """True when ``name`` is a folder; False also for what cannot be a path (too long, with a NUL, an unknown home)."""
    try:
        return Path(name).expanduser().is_dir()
    except (OSError, ValueError, RuntimeError):
        return False


def is_same(folder: Path, name: str) -> bool:
    """True when ``name`` is a path to ``folder``."""
    return is_folder(name) and Path(name).expanduser().samefile(folder)


def _models_in(folder: Path) -> list[Path]:
    return [path for path in _subfolders(folder) if (path / "config.json").is_file()]
