"""The conversation: transcript, what was recalled, prompt."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import Footer

from memory_store.errors import MnemeError
from memory_store.records import Turn
from tui.acting import ActingScreen
from tui.entries import Entry, from_turn
from tui.messages import EntrySelected, LedgerRead, MemoryAct, MemoryWanted, Submitted
from tui.models_here import ModelsFound, models_here
from tui.notices import Asked, ConversationOpened, ModelState, Said, Status, Withdrawn
from tui.recalled import from_ledger
from tui.sanitise import one_line
from tui.screens.chat_replies import Replies
from tui.widgets.first_run import FirstRun
from tui.widgets.prompt import Prompt
from tui.widgets.recall_panel import RecallPanel
from tui.widgets.recollection_card import RecollectionCard
from tui.widgets.status_line import StatusLine
from tui.widgets.top_bar import TopBar
from tui.widgets.transcript import Transcript
from tui.widgets.turn_view import TurnView
from tui.widgets.welcome import Welcome
from tui.wording import place

NEW_CONVERSATION = "new conversation"


class ChatScreen(ActingScreen):
    """Keys lead to what can be done; notices of the session come in through the app."""

    CSS_PATH = "chat.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012  as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012  as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Stop", key_display="esc"),
        Binding("ctrl+n", "new", "New"),
        Binding("ctrl+r,f3", "app.conversations", "Conversations", key_display="^r"),
        Binding("ctrl+o,f2", "app.memories", "Memories", key_display="^o"),
        Binding("ctrl+l,f5", "app.models", "Models", show=False),
        Binding("ctrl+t", "toggle_recalled", "Recalled"),
        Binding("ctrl+y", "copy_last", "Copy the last reply", show=False, priority=True),
        Binding("pageup", "page(-1)", "Scroll back", show=False, priority=True),
        Binding("pagedown", "page(1)", "Scroll forward", show=False, priority=True),
        Binding("ctrl+home", "top", "To the beginning", show=False, priority=True),
        Binding("ctrl+end", "bottom", "To the newest words", show=False, priority=True),
        Binding("tab", "next_area(1)", "Prompt, recalled, turns", show=False),
        Binding("shift+tab", "next_area(-1)", "The other way round", show=False),
        Binding("u", "undo", "Undo the last change", show=False),
    ]

    def compose(self) -> ComposeResult:
        app = self.mneme
        yield TopBar(app.session.settings.profile)
        with Container(id="body"):
            yield Transcript(name_of=app.name_of, now=app.now)
            yield RecallPanel(name_of=app.name_of)
        yield Prompt()
        yield StatusLine()
        yield Footer(show_command_palette=False)

    async def on_mount(self) -> None:
        self.transcript = self.query_one(Transcript)
        self.panel = self.query_one(RecallPanel)
        self.prompt = self.query_one(Prompt)
        self.replies = Replies(self)
        self._turn_to(FirstRun() if self.mneme.first_run else self._new_welcome())
        await self.transcript.open([], empty=self.welcome)
        if self.mneme.first_run:
            self.call_after_refresh(self.run_worker, self._look_for_models, thread=True, group="models")
        self.query_one(TopBar).title_text = NEW_CONVERSATION
        self.prompt.focus()

    # --- what the session says

    async def conversation_opened(self, notice: ConversationOpened) -> None:
        """Another conversation, or the first one: words still waiting for their reply belong to it."""
        entries = [from_turn(turn, notice.citations.get(turn.id)) for turn in notice.turns]
        self._turn_to(self.welcome.fresh())
        await self.transcript.open([*entries, *self.replies.waiting()], empty=self.welcome)
        self.query_one(TopBar).title_text = notice.conversation.title if notice.conversation else NEW_CONVERSATION
        await self.panel.show(None)
        last = next((entry for entry in reversed(entries) if entry.is_reply), None)
        if last is not None:
            self._read_ledger(last)

    def title_changed(self, title: str) -> None:
        self.query_one(TopBar).title_text = title

    def model_changed(self, state: ModelState) -> None:
        self.query_one(TopBar).model = state
        self.welcome.learn(model=state)
        if state.phase == "failed":
            self.notify(one_line(state.detail), title="No model", severity="error", timeout=10, markup=False)

    def status_changed(self, status: Status) -> None:
        self.query_one(StatusLine).stored(status)
        self.welcome.learn(status=status)

    # --- what an empty conversation shows

    def _turn_to(self, page: Welcome | FirstRun) -> None:
        self.welcome = page
        self.prompt.chooser = page if isinstance(page, FirstRun) else None

    def _new_welcome(self) -> Welcome:
        welcome = Welcome(place(self.mneme.session.settings.paths.profile_dir))
        told = self.query_one(TopBar).model
        welcome.learn(status=self.query_one(StatusLine).known, model=told if told.name else None)
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

    async def asked(self, notice: Asked) -> None:
        await self.replies.begin(notice)
        self.refresh_bindings()

    async def said(self, notice: Said) -> None:
        await self.replies.happened(notice)
        self.refresh_bindings()

    async def withdrawn(self, notice: Withdrawn) -> None:
        await self.replies.withdrawn(notice)
        self.refresh_bindings()

    # --- what the user does

    def on_submitted(self, message: Submitted) -> None:
        # What was said comes back as a notice, in its place among the others: nothing else changes the transcript.
        message.stop()
        if isinstance(self.welcome, FirstRun):
            self._turn_to(self._new_welcome())
        self.mneme.session.say(message.words)
        self.mneme.drain_soon()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        del parameters
        if action == "stop":
            return self.mneme.session.busy or self.focused is not self.prompt
        return True

    def action_stop(self) -> None:
        if self.mneme.session.cancel():
            self.query_one(StatusLine).doing("stopping…")
        else:
            self.prompt.focus()

    def action_new(self) -> None:
        self.mneme.session.open_conversation(None)
        self.prompt.focus()

    def action_toggle_recalled(self) -> None:
        self.toggle_class("-panel-open" if self.has_class("-narrow") else "-panel-shut")
        if not self.panel_shown and self.panel.has_focus_within:
            self.prompt.focus()

    @property
    def panel_shown(self) -> bool:
        return self.has_class("-panel-open") if self.has_class("-narrow") else not self.has_class("-panel-shut")

    def action_copy_last(self) -> None:
        last = next((entry for entry in reversed(self.transcript.entries) if entry.is_reply and entry.text), None)
        if last is None:
            self.notify("There is no reply to copy yet.", timeout=3)
            return
        self.app.copy_to_clipboard(last.text)
        self.notify("The last reply is copied.", timeout=2)

    async def action_page(self, way: int) -> None:
        transcript = self.transcript
        if way < 0:
            if transcript.scroll_y <= 0:
                await transcript.show_earlier()
            transcript.scroll_page_up(animate=False)
        else:
            if transcript.scroll_y >= transcript.max_scroll_y:
                await transcript.show_later()
            transcript.scroll_page_down(animate=False)

    def action_top(self) -> None:
        self.transcript.scroll_home(animate=False)

    async def action_bottom(self) -> None:
        await self.transcript.show_latest()

    def action_next_area(self, way: int) -> None:
        areas: list[Prompt | RecollectionCard | TurnView] = [self.prompt, *self._first_card(), *self._last_turn()]
        here = next((n for n, area in enumerate(areas) if self._inside(area)), 0)
        areas[(here + way) % len(areas)].focus()

    def _first_card(self) -> list[RecollectionCard]:
        return list(self.query(RecollectionCard))[:1] if self.panel_shown else []

    def _last_turn(self) -> list[TurnView]:
        return list(self.query(TurnView))[-1:]

    def _inside(self, area: Prompt | RecollectionCard | TurnView) -> bool:
        return isinstance(self.focused, type(area))

    # --- memories

    def on_entry_selected(self, message: EntrySelected) -> None:
        message.stop()
        if self.has_class("-narrow"):
            self.add_class("-panel-open")
        self.remove_class("-panel-shut")
        self._read_ledger(message.entry)

    def _read_ledger(self, entry: Entry) -> None:
        store = self.store
        if entry.recalled is not None or entry.turn is None or store is None:
            self.call_later(self.panel.show, entry.recalled)
            return
        turn = entry.turn

        def read() -> None:
            try:
                self.post_message(LedgerRead(entry, store.recalled_for(turn.id)))
            except MnemeError as error:
                self.log.warning(str(error))

        self.run_worker(read, thread=True, group="ledger", exclusive=True, exit_on_error=False)

    async def on_ledger_read(self, message: LedgerRead) -> None:
        message.stop()
        message.entry.recalled = from_ledger(message.ledger)
        view = self.transcript.view(message.entry)
        if view is not None:
            view.refresh_foot()
        await self.panel.show(message.entry.recalled)

    def on_memory_act(self, message: MemoryAct) -> None:
        message.stop()
        if message.act == "open":
            self.mneme.action_memories(message.memory.id)
        else:
            self.act_on_memory(message.act, message.memory)

    def on_memory_wanted(self, message: MemoryWanted) -> None:
        message.stop()
        self.mneme.action_memories(message.id)

    def memory_changed(self, memory: Turn) -> None:
        self.panel.changed(memory)
        self.transcript.changed(memory)
