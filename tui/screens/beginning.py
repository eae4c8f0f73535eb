"""The half of the chat screen that an empty conversation shows: a welcome, or the first time a choice of models."""

from __future__ import annotations

from tui.memories.acting import ActingScreen
from tui.models_here import ModelsFound, models_here
from tui.text.wording import place
from tui.widgets.first_run import FirstRun
from tui.widgets.prompt import Prompt
from tui.widgets.status_line import StatusLine
from tui.widgets.top_bar import TopBar
from tui.widgets.transcript import Transcript
from tui.widgets.welcome import Welcome


class BeginningScreen(ActingScreen):
    """``welcome`` is what is shown now, or will be shown where nothing was said."""

    transcript: Transcript
    prompt: Prompt
    status_line: StatusLine
    top_bar: TopBar
    welcome: Welcome | FirstRun

    def _turn_to(self, page: Welcome | FirstRun) -> None:
        self.welcome = page
        self.prompt.chooser = page if isinstance(page, FirstRun) else None

    def _new_welcome(self) -> Welcome:
        welcome = Welcome(place(self.mneme.session.settings.paths.profile_dir))
        bar = self.top_bar
        model = bar.model if bar.model.name else None
        welcome.learn(status=self.status_line.known, model=model, switches=bar.switches)
        return welcome

    def _look_for_models(self) -> None:
        self.post_message(models_here(self.mneme.session.settings))

    def on_models_found(self, message: ModelsFound) -> None:
        message.stop()
        if isinstance(self.welcome, FirstRun):
            self.welcome.show(message)
            self.mneme.first_run_seen()

    async def on_first_run_taken(self, message: FirstRun.Taken) -> None:
        message.stop()
        model = message.model
        if model.kind == "memory_only" or self.mneme.use_model(model, keep=True):
            self._turn_to(self._new_welcome())
            if not self.transcript.entries:
                await self.transcript.open([], empty=self.welcome)
