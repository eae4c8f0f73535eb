"""The conversation: transcript, what was recalled, prompt."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from agent.events import Thinking, Token
from memory_store.episodic.screening import SecretsAnswer
from memory_store.errors import InvalidInput, MnemeError, SecretInWords
from tui.keys.bindings import command_bindings
from tui.messages import Completed, CompletionWanted, EntryAct, Submitted, TakeBackWanted
from tui.resuming.sitting import Spot
from tui.screens.beginning import BeginningScreen
from tui.screens.chat_commands import ChatCommands
from tui.screens.chat_replies import Replies
from tui.screens.moving import MovingScreen
from tui.screens.recalling import RecallingScreen
from tui.screens.secret_found import SecretFound
from tui.screens.writing import WritingScreen
from tui.slash.parsing import Call, parsed
from tui.slash.table import BY_NAME
from tui.talking.entries import Entry, from_turn
from tui.talking.notices import Asked, ConversationOpened, ModelState, Said, Status, SwitchesChanged, Withdrawn
from tui.text.sanitise import one_line
from tui.widgets.command_menu import CommandMenu
from tui.widgets.first_run import FirstRun
from tui.widgets.key_footer import KeyFooter
from tui.widgets.new_words import NewWords
from tui.widgets.prompt import Prompt
from tui.widgets.recall_panel import RecallPanel
from tui.widgets.status_line import StatusLine
from tui.widgets.top_bar import TopBar
from tui.widgets.transcript import Transcript

NEW_CONVERSATION = "new conversation"


class ChatScreen(RecallingScreen, WritingScreen, MovingScreen, BeginningScreen):
    """Keys lead to what can be done; notices of the session come in through the app."""

    CSS_PATH = "chat.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012  as Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (22, "-tall")]  # noqa: RUF012  as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        *command_bindings(anywhere=False),
        Binding("pageup", "page(-1)", "Scroll back", show=False, priority=True, id="chat.back"),
        Binding("pagedown", "page(1)", "Scroll forward", show=False, priority=True, id="chat.forward"),
        Binding("ctrl+home", "top", "To the beginning", show=False, priority=True, id="chat.top"),
        Binding("ctrl+end", "bottom", "To the newest words", show=False, priority=True, id="chat.bottom"),
        Binding("tab", "next_area(1)", "Prompt, recalled, turns", show=False, id="chat.next"),
        Binding("shift+tab", "next_area(-1)", "The other way round", show=False, id="chat.previous"),
        Binding("slash", "slash", "Begin a command", show=False, id="chat.slash"),
        Binding("u", "undo", "Undo the last change", show=False, id="chat.undo"),
    ]

    go_on_reading = Spot()
    """The conversation that is being come back to, and the turn to go to in it. Another may open before: what the app
    begins with."""

    def compose(self) -> ComposeResult:
        app = self.mneme
        menu = CommandMenu()
        yield TopBar(app.session.settings.profile)
        with Container(id="body"):
            with Container(id="talk"):
                mark = NewWords()
                yield Transcript(name_of=app.name_of, now=app.now, mark=mark)
                yield mark
            yield RecallPanel(name_of=app.name_of)
        yield menu
        yield Prompt(menu)
        yield StatusLine()
        yield KeyFooter(self._said_of)

    async def on_mount(self) -> None:
        self.transcript = self.query_one(Transcript)
        self.panel = self.query_one(RecallPanel)
        self.prompt = self.query_one(Prompt)
        self.status_line = self.query_one(StatusLine)
        self.top_bar = self.query_one(TopBar)
        self.replies = Replies(self)
        self.commands = ChatCommands(self)
        self._turn_to(FirstRun() if self.mneme.first_run else self._new_welcome())
        await self.transcript.open([], empty=self.welcome)
        if self.mneme.first_run:
            self.call_after_refresh(self.run_worker, self._look_for_models, thread=True, group="models")
        self.top_bar.title_text = NEW_CONVERSATION
        self.offer_draft()
        self.prompt.focus()

    @property
    def undo_key(self) -> str:
        return "/undo" if self.prompt.has_focus else "u"

    # --- what the session says

    async def conversation_opened(self, notice: ConversationOpened) -> None:
        """Another conversation, or the first one: words still waiting for their reply belong to it."""
        entries = [from_turn(turn, notice.citations.get(turn.id)) for turn in notice.turns]
        self._turn_to(self.welcome.fresh())
        self.top_bar.title_text = notice.conversation.title if notice.conversation else NEW_CONVERSATION
        at = None
        if notice.conversation is not None and notice.conversation.id == self.go_on_reading.conversation:
            wanted, self.go_on_reading = self.go_on_reading.turn, Spot()
            at = next((place for place, turn in enumerate(notice.turns) if turn.id == wanted), None)
        await self.transcript.open([*entries, *self.replies.waiting()], empty=self.welcome, at=at)
        if at is not None:
            self.prompt.focus()
        await self.explain(None)
        last = next((entry for entry in reversed(entries) if entry.is_reply), None)
        if last is not None:
            self.read_ledger(last)

    def title_changed(self, title: str) -> None:
        self.top_bar.title_text = title

    def switches_changed(self, notice: SwitchesChanged) -> None:
        self.top_bar.switches = notice
        self.set_class(not notice.privacy.remember, "-incognito")
        self.keep_draft(notice.privacy.remember)
        self.welcome.learn(switches=notice)

    def model_changed(self, state: ModelState) -> None:
        self.top_bar.model = state
        self.welcome.learn(model=state)
        if state.phase == "failed":
            self.notify(one_line(state.detail), title="No model", severity="error", timeout=10, markup=False)
        elif state.phase == "ready" and state.detail:
            self.notify(one_line(state.detail), title=state.name, severity="warning", timeout=10, markup=False)

    def status_changed(self, status: Status) -> None:
        self.status_line.stored(status)
        self.welcome.learn(status=status)

    async def asked(self, notice: Asked) -> None:
        await self.replies.begin(notice)
        self._waiting_changed()

    async def said(self, notice: Said) -> None:
        await self.replies.happened(notice)
        # Keys, and so the footer, do not change with every word: drawing it anew 15 times a second is most of a stream.
        if not isinstance(notice.event, Token | Thinking):
            self._waiting_changed()

    async def withdrawn(self, notice: Withdrawn) -> None:
        await self.replies.withdrawn(notice)
        self._waiting_changed()

    def _waiting_changed(self) -> None:
        self.prompt.something_waits = self.replies.some_wait
        self.refresh_bindings()

    # --- what the user does

    def on_submitted(self, message: Submitted) -> None:
        # What was said comes back as a notice, in its place among the others: nothing else changes the transcript.
        message.stop()
        try:
            typed = parsed(message.words)
        except InvalidInput as error:
            self.notify(one_line(str(error)), severity="warning", timeout=6, markup=False)
            self.prompt.give_back(message.words)
            return
        if isinstance(typed, Call):
            self.commands.run(typed)
            return
        if isinstance(self.welcome, FirstRun):
            self._turn_to(self._new_welcome())
        self.say(typed, message.instead_of)

    def say(self, words: str, instead_of: str | None = None) -> None:
        """Say it, once it is settled what becomes of the secrets in it."""
        session = self.mneme.session
        try:
            if instead_of is not None and self._last_words_are(words, instead_of):
                session.again(words)
            else:
                session.say(words, instead_of=instead_of)
        except SecretInWords as error:
            self.app.push_screen(SecretFound(error.kinds), partial(self._settled, words, instead_of))
        else:
            self.mneme.drain_soon()

    def _settled(self, words: str, instead_of: str | None, answer: SecretsAnswer | None) -> None:
        if answer is None:
            self.prompt.give_back(words)
            return
        with self.mneme.session.secrets_settled(answer):
            self.say(words, instead_of)

    def _last_words_are(self, words: str, turn: str) -> bool:
        """Whether they are what was said last, in that turn: then they are answered, and not remembered twice."""
        last = self.transcript.question(None)
        return last is not None and last.turn is not None and (last.turn.id, last.text) == (turn, words)

    def on_completion_wanted(self, message: CompletionWanted) -> None:
        message.stop()
        self.commands.complete(message.typed)

    def on_completed(self, message: Completed) -> None:
        message.stop()
        if message.typed == self.prompt.text:
            self.prompt.menu.offer(message.typed, message.offers)

    def on_take_back_wanted(self, message: TakeBackWanted) -> None:
        message.stop()
        self.action_command("takeback")

    def on_entry_act(self, message: EntryAct) -> None:
        message.stop()
        commands = self.commands
        acts: dict[str, Callable[[Entry], None]] = {
            "regenerate": commands.regenerate,
            "rewrite": commands.rewrite,
            "takeback": commands.take_back,
            "code": commands.copy_code,
            "branch": commands.branch,
        }
        try:
            acts[message.act](message.entry)
        except MnemeError as error:
            self.notify(one_line(str(error)), severity="warning", timeout=5, markup=False)
        self.mneme.drain_soon()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if (action, parameters) == ("command", ("stop",)):
            return self.mneme.session.busy or self.focused is not self.prompt or self.prompt.instead_of is not None
        return True

    def _said_of(self, action: str) -> str | None:
        """What Esc does just now."""
        if action != "command('stop')" or self.mneme.session.busy:
            return None
        return "Write" if self.prompt.instead_of is None else "Leave as it is"

    def action_command(self, name: str) -> None:
        """One of the table, without an argument."""
        self.commands.run(Call(BY_NAME[name]))

    def stop(self) -> None:
        """What Esc is for: the reply, else what is being rewritten; and back to the prompt."""
        if self.mneme.session.cancel():
            self.status_line.doing("stopping…")
        else:
            self.prompt.stop_rewriting()
        self.prompt.focus()
        self.refresh_bindings()

    def toggle_recalled(self) -> None:
        self.toggle_class("-panel-open" if self.has_class("-narrow") else "-panel-shut")
        if not self.panel_shown and self.panel.has_focus_within:
            self.prompt.focus()

    def action_slash(self) -> None:
        self.write_from_slash()
