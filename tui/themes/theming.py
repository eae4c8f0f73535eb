"""How the app looks: the theme that was chosen last, from the first picture on."""

from __future__ import annotations

import os
from difflib import get_close_matches

from textual.app import App
from textual.theme import Theme

from memory_store.errors import InvalidInput
from tui.resuming.state import AppState
from tui.text.sanitise import one_line
from tui.themes.brought import DARK, DEFAULTS, LIGHT, SHORT, THEMES

AUTO = "auto"
CHOSEN, OVER = "theme", "theme_over"
"""In the state: the theme that was chosen in the app, and what the settings said at the time. A setting that was
changed since wins over the choice."""


class ThemedApp(App[str | None]):
    """Has mneme's themes; the one that is chosen in it is there the next time."""

    def __init__(self, state: AppState, setting: str) -> None:
        """``setting``: the theme that the settings name, or ``auto``."""
        super().__init__()
        self.state = state
        self._setting = setting
        for theme in THEMES:
            self.register_theme(theme)
        self._first_theme = self._chosen_theme()
        self._begin_with(self.available_themes[self._first_theme])

    def put_theme_in_place(self) -> None:
        """Before the first screen. What is chosen from then on is kept."""
        if self.theme != self._first_theme:
            self.theme = self._first_theme
        self.theme_changed_signal.subscribe(self, self._keep_theme)

    def action_light(self) -> None:
        self.theme = LIGHT if self.current_theme.dark else DARK

    def theme_names(self) -> list[str]:
        """What a theme may be called: mneme's own by their short names, then those of Textual."""
        return [*SHORT, *sorted(self.available_themes.keys() - SHORT.values())]

    def use_theme(self, name: str) -> None:
        """Raises InvalidInput: there is none of that name."""
        known = self.theme_names()
        full = SHORT.get(name, name)
        if full not in self.available_themes:
            near = get_close_matches(name.lower(), known, n=1)
            hint = f"Did you mean {near[0]}?" if near else "/theme shows them."
            raise InvalidInput(f"There is no theme {one_line(name, limit=40)!r}. {hint}")
        self.theme = full

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return DEFAULTS

    def _chosen_theme(self) -> str:
        chosen = self.state.get(CHOSEN, "")
        if not chosen or self._setting not in (AUTO, self.state.get(OVER, self._setting)):
            chosen = self._setting
        named = (SHORT | {AUTO: LIGHT if _light_terminal() else DARK}).get(chosen, chosen)
        if named in self.available_themes:
            return named
        said = f"There is no theme {one_line(chosen, limit=40)!r}. Ctrl+P, Theme shows them."
        self.call_later(lambda: self.notify(said, markup=False))
        return DARK

    def _begin_with(self, theme: Theme) -> None:
        """Have the theme before the first picture: a change afterwards has all styles read a second time, a third of
        what the first picture costs. (The terminal's own colours need that change: there is more to it.)"""
        if not theme.ansi:
            self.set_reactive(App.theme, theme.name)
            self.stylesheet.set_variables(self.get_css_variables())
            self.set_class(True, f"-theme-{theme.name}")
            self.set_class(theme.dark, "-dark-mode")
            self.set_class(not theme.dark, "-light-mode")

    def _keep_theme(self, _: object) -> None:
        if self.theme != self._first_theme or self.state.get(CHOSEN, ""):
            self.state.set(CHOSEN, self.theme)
            self.state.set(OVER, self._setting)


def _light_terminal() -> bool:
    """Some terminals say what their background is, as ``foreground;background`` of the sixteen colours."""
    return os.environ.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
