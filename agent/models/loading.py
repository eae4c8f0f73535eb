"""From settings to a model: at once, or in the background while the app is already up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from agent.errors import ModelError, Unreachable, one_line
from agent.models.base import (
    Generated,
    LanguageModel,
    Message,
    Piece,
    Progress,
    Prompt,
    ReadsAhead,
    Sampling,
    unwatched,
    wants_vectors,
)
from agent.models.kinds import kind_of
from agent.models.memory_only import MemoryOnly
from memory_store.errors import MnemeError

if TYPE_CHECKING:
    from agent.settings import Settings


def load_model(settings: Settings, progress: Progress = unwatched) -> LanguageModel:
    """The model the settings name, ready to use; takes as long as it takes. Raises ModelError."""
    kind = kind_of(settings.model)
    if kind == "memory_only":
        return MemoryOnly()
    if kind == "server":
        from agent.models.server.model import ServerModel

        return ServerModel.connect(settings.model, progress)
    from agent.models.transformers_model import TransformersModel

    return TransformersModel.load(settings.model, progress)


@dataclass(frozen=True, slots=True)
class LoadState:
    """Where the loading of a model stands."""

    phase: Literal["waiting", "loading", "ready", "failed"]
    fraction: float = 0.0
    """0 to 1."""
    what: str = ""
    """What is being done; what went wrong and what to do (failed); what to know about the model, if any (ready)."""


def _unheard(_state: LoadState) -> None:
    """The listener of a load that nobody watches."""


class BackgroundModel:
    """A LanguageModel that loads in a thread of its own, and waits for that when it is used too early.

    ``listener`` is called with each new LoadState, from the loading thread; it must not block.
    """

    def __init__(
        self,
        load: Callable[[Progress], LanguageModel],
        *,
        name: str,
        listener: Callable[[LoadState], None] = _unheard,
    ) -> None:
        self._load = load
        self._name = name
        self._listener = listener
        self._lock = threading.Lock()
        self._settled = threading.Event()
        self._thread: threading.Thread | None = None
        self._model: LanguageModel | None = None
        self._state = LoadState("waiting")
        self._closed = False
        self._absent = False

    @classmethod
    def of(cls, settings: Settings, listener: Callable[[LoadState], None] = _unheard) -> BackgroundModel:
        """The model the settings name, not loading yet: call :meth:`start` after the first paint."""
        return cls(lambda progress: load_model(settings, progress), name=settings.model.name, listener=listener)

    def start(self) -> None:
        """Begin to load, once; further calls do nothing. A daemon thread: it never keeps the program from ending."""
        with self._lock:
            if self._thread is not None or self._closed:
                return
            self._thread = threading.Thread(target=self._run, name="mneme-model-load", daemon=True)
        self._thread.start()

    def again(self) -> None:
        """Load once more if, the last time, the model's server was not there; nothing otherwise."""
        with self._lock:
            if not self._absent or self._closed:
                return
            self._absent, self._thread = False, None
            self._settled.clear()
        self.start()

    @property
    def state(self) -> LoadState:
        return self._state

    def wait(self, timeout: float | None = None) -> bool:
        """Start if need be; True once loading is over, well or badly (see ``state``); False after ``timeout`` s."""
        self.start()
        return self._settled.wait(timeout)

    @property
    def name(self) -> str:
        return self._name

    @property
    def context_size(self) -> int:
        return self._ready().context_size

    @property
    def remark(self) -> str:
        """What the user should know about the loaded model; empty before."""
        return str(getattr(self._model, "remark", ""))

    def count(self, text: str) -> int:
        return self._ready().count(text)

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        return self._ready().count_prompt(messages)

    def stream(
        self, prompt: Prompt, sampling: Sampling, cancel: threading.Event
    ) -> Generator[Piece, None, Generated | None]:
        """As the model itself, which is waited for."""
        pieces = self._ready().stream(prompt, sampling, cancel)
        return (yield from cast("Generator[Piece, None, Generated | None]", pieces))

    @property
    def wants_vectors(self) -> bool:
        return wants_vectors(self._model)

    @property
    def can_read_ahead(self) -> bool:
        return self._reader() is not None

    def read_ahead(self, messages: Sequence[Message], cancel: threading.Event) -> None:
        """As the model itself, if it is there and can."""
        reader = self._reader()
        if reader is not None:
            reader.read_ahead(messages, cancel)

    def _reader(self) -> ReadsAhead | None:
        model: object = self._model
        return model if isinstance(model, ReadsAhead) and model.can_read_ahead else None

    def close(self) -> None:
        """Free the model; one that is still loading is given up at its next tensor, and what it had read freed."""
        with self._lock:
            self._closed, model, self._model = True, self._model, None
            if self._thread is None:
                self._settled.set()
        if model is not None:
            model.close()

    def _run(self) -> None:
        absent = False
        self._tell(LoadState("loading", 0.0, "starting"))
        try:
            model = self._load(self._moved)
        except MnemeError as error:
            state, absent = LoadState("failed", what=str(error)), isinstance(error, Unreachable)
        except Exception as error:  # noqa: BLE001  (the edge of a thread: said to the user instead of dying unseen)
            state = LoadState("failed", what=f"{self._name} cannot be loaded: {one_line(error)}.")
        else:
            state = self._accept(model)
        self._tell(state)
        self._absent = absent
        self._settled.set()

    def _accept(self, model: LanguageModel) -> LoadState:
        with self._lock:
            if not self._closed:
                self._model = model
                return LoadState("ready", 1.0, self.remark)
        model.close()
        return LoadState("failed", what=self._too_late())

    def _moved(self, fraction: float, what: str) -> None:
        """The load's Progress; raises ModelError when nobody wants the model any more, which ends the load."""
        if self._closed:
            raise ModelError(self._too_late())
        self._tell(LoadState("loading", fraction, what))

    def _too_late(self) -> str:
        return f"{self._name} was closed while it was loading."

    def _tell(self, state: LoadState) -> None:
        self._state = state
        self._listener(state)

    def _ready(self) -> LanguageModel:
        self.wait()
        model = self._model
        if model is None:
            raise ModelError(self._state.what or f"{self._name} was closed. Load it again.")
        return model
