"""An app over a real store in a scratch folder, with a clock that stands still and a model that keeps to its script."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from agent.settings import Settings, load_settings
from memory_store import MemoryStore, VirtualClock
from memory_store.embedding import default_embedder
from memory_store.embedding.base import Embedder
from tests.tui.app_kit import DAWN, Scripted, maker, tell_world
from tui.app import MnemeApp
from tui.talking.session import Opening, Session

MakeApp = Callable[..., MnemeApp]


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return default_embedder()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A person's home folder: XDG places below it, and nothing of the machine's own settings or time zone."""
    for name in ("MNEME_HOME", "MNEME_PROFILE", "NO_COLOR", "COLORFGBG", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield tmp_path
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def settings(home: Path) -> Settings:
    return load_settings(None, None)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(DAWN)


@pytest.fixture
def opener(clock: VirtualClock, embedder: Embedder) -> Callable[..., MemoryStore]:
    """Opens the store as the app does, but on the test's clock and with ids that count. What is done before the app is
    there, somebody else did: ``actor``."""

    def open_store(settings: Settings, actor: str = "app") -> MemoryStore:
        return MemoryStore.open(
            settings.paths.profile_dir,
            clock=clock,
            embedder=embedder,
            indexing="manual",
            ids=_ids(settings.paths.profile_dir),
            actor=actor,
            secrets=settings.privacy.secrets,
        )

    return open_store


_counted: dict[Path, int] = {}


def _ids(folder: Path) -> Callable[[], str]:
    """Ids that rise over every opening of one folder."""

    def next_id() -> str:
        _counted[folder] = _counted.get(folder, 0) + 1
        return f"id{_counted[folder]:06}"

    return next_id


@dataclass(frozen=True)
class Told:
    """A store that was told and indexed once, to be copied."""

    folder: Path
    until: datetime


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Told:
    folder, clock = tmp_path_factory.mktemp("told") / "profile", VirtualClock(DAWN)
    with MemoryStore.open(
        folder, clock=clock, embedder=embedder, indexing="manual", ids=_ids(folder), actor="before"
    ) as store:
        tell_world(store, clock)
    return Told(folder, clock())


@pytest.fixture
def world(settings: Settings, clock: VirtualClock, told: Told) -> Settings:
    """Settings whose store holds three old conversations."""
    place = settings.paths.profile_dir
    shutil.copytree(told.folder, place)
    _counted[place] = _counted[told.folder]
    clock.set(told.until)
    return settings


@pytest.fixture
def make_app(opener: Callable[[Settings], MemoryStore]) -> MakeApp:
    """``make_app(settings, model, opening)``: an app that has not been run."""

    def make(settings: Settings, model: Scripted | None = None, opening: Opening | None = None) -> MnemeApp:
        session = Session(settings, opener=opener, model_maker=maker(model or Scripted()))
        return MnemeApp(session, opening)

    return make
