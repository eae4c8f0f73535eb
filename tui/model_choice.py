"""A model chosen in the app: written down, put in place, and said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memory_store.errors import MnemeError
from tui.text.sanitise import one_line
from tui.text.wording import place
from tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from agent.models.catalogue import InstalledModel
    from tui.app import MnemeApp


def choose(app: MnemeApp, model: InstalledModel, *, keep: bool) -> bool:
    """Let ``model`` reply from now on. False when it cannot be used or the choice cannot be written down."""
    from agent.models import selecting

    settings = app.session.settings
    try:
        wanted = selecting.using(settings, model)
        kept = selecting.keep(settings, model) if keep else None
    except MnemeError as error:
        app.notify(one_line(str(error)), severity="error", timeout=10, markup=False)
        return False
    if not (model.in_use and app.chat.query_one(TopBar).model.phase in ("loading", "ready")):
        app.session.use_model(wanted)
        app.drain_soon()
    name = one_line(model.name, limit=80)
    if kept is None:
        said = f"{name} replies, this time only."
    else:
        said = f"{name} replies from now on ({place(kept.file)}). {kept.stronger}".rstrip()
    app.notify(said, timeout=5, markup=False)
    return True
