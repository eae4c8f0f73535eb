"""The themes mneme brings; every theme of Textual can be chosen as well."""

from __future__ import annotations

from textual.theme import Theme

DARK, LIGHT, CONTRAST, ANSI = "mneme-dark", "mneme-light", "mneme-contrast", "mneme-ansi"

SHORT = {"dark": DARK, "light": LIGHT, "contrast": CONTRAST, "ansi": ANSI}
"""What they are called in the settings."""

QUIET = "#808790"
"""What is said aside, in themes that do not know of it: readable on dark and on light."""

# Words, meaning, phrase, neighbours, session, speaker, date, standing, recency, question.
_REASONS_DARK = (
    *("#7fc8b4", "#e0b26a", "#6fb7d6", "#8fa8e8", "#d990b8"),
    *("#a5c77a", "#c9a0e8", "#d6d07a", "#b0b8c4", "#e8906f"),
)
_REASONS_LIGHT = (
    *("#0b6e5d", "#a3640e", "#1b6f94", "#3553b0", "#9c2f72"),
    *("#4a7a12", "#6a3fa0", "#7a6a00", "#5c636e", "#b3401d"),
)
_REASONS_CONTRAST = (
    *("#00ffd0", "#ffd000", "#40c8ff", "#b0b0ff", "#ff80e0"),
    *("#a0ff40", "#e0a0ff", "#ffff60", "#ffffff", "#ff9050"),
)
_REASONS_ANSI = (
    *("ansi_cyan", "ansi_yellow", "ansi_blue", "ansi_bright_blue", "ansi_magenta"),
    *("ansi_green", "ansi_bright_magenta", "ansi_bright_yellow", "ansi_white", "ansi_red"),
)
_REASONS_ANY = (
    *("#3f9a86", "#b98a3c", "#5a9fbd", "#6f86c8", "#b56f97"),
    *("#7f9f55", "#9a78b8", "#a39a45", "#808790", "#c07052"),
)


def _reasons(colours: tuple[str, ...]) -> dict[str, str]:
    return {f"reason-{number}": colour for number, colour in enumerate(colours, start=1)}


DEFAULTS = {"quiet": QUIET, **_reasons(_REASONS_ANY)}
"""Of the variables that themes from elsewhere do not know."""

THEMES = (
    Theme(
        name=DARK,
        dark=True,
        primary="#7fc8b4",
        secondary="#e0b26a",
        accent="#e0b26a",
        foreground="#d9dde3",
        background="#14171c",
        surface="#1b1f26",
        panel="#262a31",  # with more blue, terminals of 256 colours would show their navy
        success="#95c77e",
        warning="#e5b567",
        error="#e8806f",
        variables={
            "footer-background": "#14171c",
            "footer-key-foreground": "#7fc8b4",
            "footer-description-foreground": "#8d96a3",
            "block-cursor-background": "#7fc8b4",
            "block-cursor-foreground": "#10231e",
            "input-selection-background": "#7fc8b4 30%",
            "border": "#7fc8b4",
            "border-blurred": "#333a45",
            "quiet": "#8d96a3",
            **_reasons(_REASONS_DARK),
        },
    ),
    Theme(
        name=LIGHT,
        dark=False,
        primary="#0b6e5d",
        secondary="#955208",
        accent="#955208",
        foreground="#22262c",
        background="#fcfbf8",
        surface="#f4f2ec",
        panel="#e6e2d8",
        success="#3c7323",
        warning="#8a5a00",
        error="#b3291d",
        variables={
            "footer-background": "#fcfbf8",
            "footer-key-foreground": "#0b6e5d",
            "footer-description-foreground": "#5c636e",
            "block-cursor-background": "#0b6e5d",
            "block-cursor-foreground": "#ffffff",
            "input-selection-background": "#0b6e5d 25%",
            "border": "#0b6e5d",
            "border-blurred": "#cfc9bb",
            "quiet": "#5c636e",
            **_reasons(_REASONS_LIGHT),
        },
    ),
    Theme(
        name=CONTRAST,
        dark=True,
        primary="#ffff00",
        secondary="#00ffff",
        accent="#00ffff",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#303030",
        success="#00ff00",
        warning="#ffb000",
        error="#ff6060",
        variables={
            "footer-background": "#000000",
            "footer-key-foreground": "#ffff00",
            "footer-description-foreground": "#ffffff",
            "block-cursor-background": "#ffff00",
            "block-cursor-foreground": "#000000",
            "input-selection-background": "#ffff00 50%",
            "border": "#ffff00",
            "border-blurred": "#a0a0a0",
            "quiet": "#d8d8d8",
            **_reasons(_REASONS_CONTRAST),
        },
    ),
    Theme(
        name=ANSI,
        ansi=True,
        dark=True,
        primary="ansi_cyan",
        secondary="ansi_yellow",
        accent="ansi_yellow",
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        success="ansi_green",
        warning="ansi_yellow",
        error="ansi_red",
        variables={
            "ansi-background": "ansi_black",
            "ansi-foreground": "ansi_white",
            "footer-background": "ansi_default",
            "footer-key-foreground": "ansi_cyan",
            "footer-description-foreground": "ansi_default",
            "block-cursor-background": "ansi_cyan",
            "block-cursor-foreground": "ansi_black",
            "input-cursor-background": "ansi_cyan",
            "input-cursor-foreground": "ansi_black",
            "input-selection-background": "ansi_blue",
            "input-selection-foreground": "ansi_white",
            "screen-selection-background": "ansi_blue",
            "screen-selection-foreground": "ansi_white",
            "border": "ansi_cyan",
            "border-blurred": "ansi_bright_black",
            "quiet": "ansi_bright_black",
            **_reasons(_REASONS_ANSI),
        },
    ),
)
