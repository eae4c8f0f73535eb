"""Commands about the model, the screen, and the rest."""

from __future__ import annotations

from memory_store.errors import InvalidInput
from tui.obeying.base import Obeyed, Obeying
from tui.process.clipboard import copy
from tui.slash import finding
from tui.talking.entries import Entry
from tui.text.code_blocks import code_blocks


class ScreenCommands(Obeying):
    """The third group of the table."""

    def about_the_screen(self) -> Obeyed:
        screen = self._screen
        return {
            "model": self._model,
            "recalled": lambda _: screen.toggle_recalled(),
            "copy": self._copy,
            "editor": lambda _: screen.write_in_editor(),
            "history": screen.search_history,
            "light": lambda _: screen.mneme.action_light(),
            "log": lambda _: screen.mneme.action_log(),
            "lock": lambda _: screen.mneme.action_lock(),
            "theme": self._theme,
            "mneme": self._mneme,
            "help": lambda _: screen.mneme.action_help(),
            "quit": lambda _: screen.mneme.exit(),
        }

    def _model(self, name: str) -> None:
        app = self._screen.mneme
        if not name:
            app.action_models()
            return
        from tui.models_here import models_here

        settings = self._session.settings
        self._read(lambda _: finding.model(models_here(settings).models, name), lambda m: app.use_model(m, keep=False))

    def _theme(self, name: str) -> None:
        app = self._screen.mneme
        if name:
            app.use_theme(name)
        else:
            app.action_change_theme()

    def _copy(self, what: str) -> None:
        transcript = self._screen.transcript
        if what == "all":
            self.copied("\n\n".join(f"{entry.speaker}: {entry.text}" for entry in transcript.entries), "All is copied.")
            return
        last = next((entry for entry in reversed(transcript.entries) if entry.is_reply and entry.text), None)
        if last is None:
            raise InvalidInput("There is no reply to copy yet.")
        if what in ("", "reply"):
            self.copied(last.text, "The last reply is copied.")
        elif what == "code":
            self.copy_code(last)
        else:
            raise InvalidInput("/copy, /copy code or /copy all.")

    def copy_code(self, entry: Entry) -> None:
        """All the code in a turn."""
        blocks = code_blocks(entry.text)
        if not blocks:
            raise InvalidInput("There is no code in it.")
        said = "The code is copied." if len(blocks) == 1 else f"{len(blocks)} blocks of code are copied."
        self.copied("\n\n".join(blocks), said)

    def copied(self, text: str, said: str) -> None:
        copy(self._screen.app, text)
        self._tell(said)

    def _mneme(self, rest: str) -> None:
        from tui.screens.output import OutputScreen
        from tui.slash.command_line import run

        settings, app = self._session.settings, self._screen.mneme

        def show(text: str) -> None:
            app.push_screen(OutputScreen(f"mneme {rest}", text))
            self._session.look()

        self._tell(f"mneme {rest}…")
        self._read(lambda _: run(settings, rest), show)
