"""What most commands begin with: the settings, and the store of the profile in force."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tui.commands.progress import progress
from tui.process import error_edge
from tui.process.lazy import RUNNING
from tui.text import show

Indexing = Literal["background", "vectors", "manual", "off"]

if TYPE_CHECKING:
    from agent.settings import Settings
    from memory_store import MemoryStore


def open_settings(home: Path | None, profile: str | None, **overrides: Any) -> Settings:
    """The settings in force. From here on, what goes wrong is logged where they say."""
    from agent.settings import load_settings

    settings = load_settings(home, profile, **overrides)
    error_edge.log_to(settings.paths.log_file)
    return settings


@contextmanager
def store_of(settings: Settings, *, indexing: Indexing = "off") -> Iterator[MemoryStore]:
    """The store of the settings' profile. ``indexing`` is off unless a command needs meaning: listing is cheap."""
    from agent.opening import open_memory, secure
    from tui.commands.passphrases import unlocked

    announced(settings)
    secure(settings, show.say)  # first: nobody is to type a passphrase into what is somebody else's
    unlocked(settings)
    with open_memory(settings, indexing=indexing, actor=RUNNING.get(), remark=show.say) as store:
        yield store


def announced(settings: Settings) -> None:
    """Say so where a profile is begun beside others: its name may be a slip, and that it is empty a fright."""
    folder = settings.paths.profile_dir
    others = [] if folder.exists() else settings.paths.profiles()
    if others and settings.store.url is None:
        show.say(f"There was no profile {settings.profile}; now there is. The others: {', '.join(others)}.")


@contextmanager
def open_store(home: Path | None, profile: str | None, *, indexing: Indexing = "off") -> Iterator[MemoryStore]:
    """The store of the profile in force; see :func:`store_of`."""
    with store_of(open_settings(home, profile), indexing=indexing) as store:
        yield store


def caught_up(store: MemoryStore) -> None:
    """Embed what is waiting, with a bar when that takes long. Interrupting it loses nothing."""
    if not store.index_state().queued:
        return
    with progress("embedding") as move:
        store.embed_now(progress=move)
