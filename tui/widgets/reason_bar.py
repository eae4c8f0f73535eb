"""A score as a bar, split by what it is made of."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

COLOURS = ("$primary", "$secondary", "$success", "$error", "$warning", "$text-accent")
"""By the order in which reasons are met; the legend beside the bar names them."""
FULL, REST = "━", "─"

Reasons = Mapping[str, float]


class ReasonColours:
    """Gives each reason one colour for as long as the app runs, so that bars can be compared."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}

    def __getitem__(self, reason: str) -> str:
        return self._given.setdefault(reason, COLOURS[len(self._given) % len(COLOURS)])


COLOUR_OF = ReasonColours()


def told(reasons: Reasons) -> list[tuple[str, float]]:
    """The reasons worth showing, strongest first; at equal strength by name, so that the order never flickers."""
    told = [(name, value) for name, value in reasons.items() if abs(value) >= 0.005]
    return sorted(told, key=lambda item: (-abs(item[1]), item[0]))


def bar(reasons: Reasons, *, best: float, width: int) -> Content:
    """``width`` cells, full at ``best``. Reasons that speak against are in the legend only."""
    parts: list[tuple[str, str]] = []
    used, total = 0, 0.0
    for name, value in told(reasons):
        if value <= 0 or best <= 0:
            continue
        total += value
        cells = min(width, round(total / best * width)) - used
        parts.append((FULL * cells, COLOUR_OF[name]))
        used += cells
    return Content.assemble(*parts, (REST * (width - used), "$border-blurred"))


def legend(reasons: Reasons) -> Content:
    """``words 0.51  meaning 0.22``, in the bar's colours."""
    parts: list[tuple[str, str]] = []
    for name, value in told(reasons):
        gap = "  " if parts else ""
        parts += [(f"{gap}{name.replace('_', ' ')} ", "$quiet"), (f"{value:.2f}", COLOUR_OF[name])]
    return Content.assemble(*parts)
