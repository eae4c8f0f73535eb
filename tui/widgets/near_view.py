"""Only blocks near to what is looked at are placed on the screen: a long reply costs a layout no more than a short one.

Textual's compositor goes through every widget that has a place, each time that anything grows, seen or not.
"""

from __future__ import annotations

from textual.geometry import Size
from textual.layout import DockArrangeResult
from textual.widget import Widget

MARGIN = 1.0
"""Heights of the view that are placed above and below it."""


class Holder(Widget):
    """Knows where its children were placed last."""

    _placed: DockArrangeResult | None = None

    def arrange(self, size: Size, optimal: bool = False) -> DockArrangeResult:
        self._placed = super().arrange(size, optimal)
        return self._placed

    def top_of(self, child: Widget) -> int | None:
        """Row of ``child`` from the top of what is in here; None before it has one."""
        placements = self._placed.placements if self._placed is not None else ()
        return next((placement.region.y for placement in placements if placement.widget is child), None)


class NearView(Widget):
    """Places those of its children that are in the view, or near it; the others have their say about the height alone.

    Its parent is a Holder that stands in a Holder that scrolls."""

    def arrange(self, size: Size, optimal: bool = False) -> DockArrangeResult:
        whole = super().arrange(size, optimal)
        span = self._span()
        if span is None:
            return whole
        top, bottom = span
        near = [one for one in whole.placements if one.region.bottom >= top and one.region.y <= bottom]
        if len(near) == len(whole.placements):
            return whole
        return DockArrangeResult(near, whole.widgets, whole.scroll_spacing, whole.spatial_map)

    def _span(self) -> tuple[float, float] | None:
        """Rows, in here, of the view and what is near to it; None while that cannot be told."""
        holder = self.parent
        view = holder.parent if isinstance(holder, Holder) else None
        if not isinstance(holder, Holder) or not isinstance(view, Holder):
            return None
        above, within, height = view.top_of(holder), holder.top_of(self), view.container_size.height
        if above is None or within is None or not height:
            return None
        top = view.scroll_y - above - within
        return top - MARGIN * height, top + height + MARGIN * height
