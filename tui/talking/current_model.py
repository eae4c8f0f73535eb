"""The model of the sitting: it loads in the background, and is exchanged for another between two replies."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.talking.notices import ModelState

if TYPE_CHECKING:
    from agent.models.loading import BackgroundModel, LoadState
    from agent.settings import Settings

ModelMaker = Callable[["Settings", Callable[["LoadState"], None]], "BackgroundModel"]


def make_model(settings: Settings, listener: Callable[[LoadState], None]) -> BackgroundModel:
    from agent.models.loading import BackgroundModel

    return BackgroundModel.of(settings, listener)


class CurrentModel:
    """:meth:`want` may be called by any thread; :meth:`put_in_place` by the one that makes the replies."""

    def __init__(self, maker: ModelMaker, tell: Callable[[ModelState], None]) -> None:
        self._maker, self._tell = maker, tell
        self._lock = threading.Lock()
        self._wanted: Settings | None = None
        self.model: BackgroundModel | None = None
        """None until the first is put in place."""

    def want(self, settings: Settings) -> None:
        """The model of ``settings``, from the next reply on."""
        with self._lock:
            self._wanted = settings

    def put_in_place(self) -> bool:
        """Begin to load what is wanted, after letting go of what was there: both might not fit the memory.

        False when there is nothing new."""
        with self._lock:
            settings, self._wanted = self._wanted, None
            before, self.model = self.model, (None if settings is not None else self.model)
        if settings is None:
            return False
        if before is not None:
            before.close()
        from agent.models.server.address import where_words_go

        name, leaves_to = settings.model.name, where_words_go(settings.model)

        def changed(state: LoadState) -> None:
            # A model that was let go of while it was loading goes on telling how far it is.
            if self.model is model:
                fraction = state.fraction if state.phase == "loading" and state.fraction > 0 else None
                called = model.name if model is not None else name
                self._tell(ModelState(state.phase, called, state.what, fraction, leaves_to))

        model: BackgroundModel | None = None
        model = self.model = self._maker(settings, changed)
        self._tell(ModelState("waiting", model.name, leaves_to=leaves_to))
        model.start()
        return True

    def close(self) -> None:
        if self.model is not None:
            self.model.close()
