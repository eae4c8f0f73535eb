"""The two themes mneme brings; every theme of Textual can be chosen as well."""

from __future__ import annotations

from textual.theme import Theme

DARK, LIGHT = "mneme-dark", "mneme-light"

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
        panel="#252a33",
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
)
