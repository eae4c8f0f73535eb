"""The plain chat: the same session and the same events as the app's, told in lines."""

from __future__ import annotations

import time
from collections.abc import Callable

from agent.events import Failed, Finished, Heard, Omitted, Recalled, Replaced, Stored, Thinking, Token
from memory_store.errors import InvalidInput, MnemeError, SecretInWords
from memory_store.records import Turn
from tui.plain.lines import Lines
from tui.slash.parsing import Call, parsed
from tui.slash.references import Shown
from tui.talking.notices import (
    Asked,
    ConversationOpened,
    EarlierPrompts,
    ModelState,
    Notice,
    Problem,
    Said,
    SwitchesChanged,
    Withdrawn,
    joined,
)
from tui.talking.recalled import RecalledSet, from_event, summary, with_citations
from tui.talking.session import Opening, Session
from tui.text.names import NameOf
from tui.text.sanitise import StreamCleaner, one_line
from tui.text.wording import count

LOOK_S = 0.05
MEMORY_ONLY = "memory_only"
AGENT = "Agent: "
OPENING_S = 120.0


class PlainChat:
    """:meth:`run` returns when the user leaves; it raises MnemeError when it cannot go on."""

    def __init__(self, session: Session, lines: Lines, *, name_of: NameOf) -> None:
        from tui.plain.commands import PlainCommands

        self.session, self.lines, self.name_of = session, lines, name_of
        self.words = ""
        """What the user said last."""
        self.words_id: str | None = None
        self.reply_id: str | None = None
        self.recalled: RecalledSet | None = None
        self.left = False
        self._commands = PlainCommands(self)
        self._cleaner = StreamCleaner()
        self._speaking = False
        self._model = ""

    def run(self, opening: Opening) -> None:
        self.session.start(opening)
        self.until(lambda notice: isinstance(notice, ConversationOpened), seconds=OPENING_S)
        self.lines.say("Type your words and press Enter. /help lists commands, /quit leaves, Ctrl+C stops a reply.")
        asked_to_quit = False
        while not self.left:
            try:
                self._once()
                asked_to_quit = False
            except KeyboardInterrupt:
                self.lines.say()
                if asked_to_quit:
                    return
                asked_to_quit = True
                self.lines.say("Ctrl+C once more, or /quit, leaves.")

    def _once(self) -> None:
        self._tell_all(self.session.drain())
        line = self.lines.read()
        if line is None:
            self.left = True
        elif line.strip():
            self._obey(line)

    def _obey(self, line: str) -> None:
        try:
            self.settle(lambda: self._do(line))
        except MnemeError as error:
            self.lines.say(one_line(str(error)))

    def _do(self, line: str) -> None:
        typed = parsed(line)
        if isinstance(typed, Call):
            self._commands.run(typed)
        else:
            self.speak(typed)

    def speak(self, words: str, *, instead_of: str | None = None) -> None:
        """Say something and tell the reply. Raises SecretInWords."""
        request = self.session.say(words, instead_of=instead_of)
        self.words = words
        self.hear(request)

    def settle(self, work: Callable[[], None]) -> None:
        """Do something; where a secret is in its words, ask what becomes of it and do it so."""
        try:
            work()
        except SecretInWords as error:
            asked = f"This holds what looks like a secret ({error.kinds}). Leave it out? [y]es, [k]eep it, [n]o: "
            said = self.lines.answer(asked)
            if said not in {"y", "k"}:
                raise InvalidInput("Nothing was said.") from None
            with self.session.secrets_settled("redact" if said == "y" else "keep"):
                work()

    @property
    def shown(self) -> Shown:
        numbers = self.recalled.numbers if self.recalled is not None else {}
        return Shown({number: memory for memory, number in numbers.items()}, self.reply_id, self.words_id)

    # --- hearing

    def hear(self, request: int, label: str = AGENT) -> None:
        """Tell a reply as it comes. Ctrl+C stops it; what was said of it is kept."""
        self._label = label
        while True:
            try:
                if self._over(request):
                    return
                time.sleep(LOOK_S)
            except KeyboardInterrupt:
                self.session.cancel(request)

    def _over(self, request: int) -> bool:
        over = False
        for notice in joined(self.session.drain()):
            self._tell(notice)
            match notice:
                case Said(number, Finished() | Failed()) | Withdrawn(number, _):
                    over = over or number == request
                case Problem(message, fatal=True):
                    raise MnemeError(message)
        return over

    def until(self, true: Callable[[Notice], bool], *, seconds: float = 10.0) -> None:
        """Tell what happens until something has."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            notices = joined(self.session.drain())
            self._tell_all(notices)
            if any(true(notice) for notice in notices):
                return
            time.sleep(LOOK_S)

    def _tell_all(self, notices: list[Notice]) -> None:
        for notice in notices:
            self._tell(notice)
            if isinstance(notice, Problem) and notice.fatal:
                raise MnemeError(notice.message)

    def _tell(self, notice: Notice) -> None:
        match notice:
            case Said():
                self._tell_event(notice)
            case ModelState() as state:
                self._tell_model(state)
            case ConversationOpened():
                self._opened(notice)
            case SwitchesChanged(privacy, as_of):
                parts = [privacy.label, f"as of {as_of.astimezone():%Y-%m-%d}" if as_of else ""]
                told = ", ".join(part for part in parts if part)
                if told:
                    self.lines.say(f"({told})")
            case EarlierPrompts(words):
                self.lines.know(words)
            case Problem(message, fatal=False):
                self.lines.say(one_line(message))
            case Asked():
                self._cleaner, self._speaking = StreamCleaner(), False
            case _:
                pass

    def _tell_model(self, state: ModelState) -> None:
        said = {
            "loading": f"(The model {one_line(state.name)} is loading. You can write already.)",
            "ready": f"(The model is {one_line(state.name)}.)",
            "failed": f"(No model: {one_line(state.detail)})",
        }.get(state.phase, "")
        if state.name == MEMORY_ONLY and state.phase == "loading":
            return
        if said and said != self._model:
            self._model = said
            self._end_line()
            self.lines.say(said)

    def _opened(self, notice: ConversationOpened) -> None:
        self.words, self.words_id, self.reply_id, self.recalled = "", None, None, None
        for turn in notice.turns:
            self._seen(turn)
        if notice.conversation is not None:
            turns = count(len(notice.turns), "turn")
            self.lines.say(f"Conversation: {one_line(notice.conversation.title)}, {turns}.")
            for turn in notice.turns[-2:]:
                self.lines.say(f"{AGENT if turn.speaker == 'assistant' else 'You: '}{turn.text}")
        else:
            self.lines.say("A new conversation.")

    def _seen(self, turn: Turn) -> None:
        if turn.speaker == "assistant":
            self.reply_id = turn.id
        else:
            self.words, self.words_id = turn.text, turn.id

    def _tell_event(self, said: Said) -> None:
        match said.event:
            case Heard(turn):
                self.words_id = turn.id
            case Recalled() as event:
                self.recalled, self.reply_id = from_event(event), None
            case Omitted(detail=detail):
                self.lines.say(f"({one_line(detail)})")
            case Thinking():
                pass
            case Token(text):
                self._speak(text)
            case Stored(turn, citations):
                self.reply_id = turn.id
                self.recalled = with_citations(self.recalled, citations)
            case Replaced(turns=turns):
                self._end_line()
                self.lines.say(f"({count(len(turns), 'earlier turn')} forgotten; /undo brings back.)")
            case Finished(reason=reason):
                self._finish("stopped here" if reason == "cancelled" else "", summary(self.recalled))
            case Failed(message):
                self._finish("not finished", one_line(message))

    def _speak(self, text: str) -> None:
        if not self._speaking:
            self._speaking = True
            self.lines.write(self._label)
        self.lines.write(self._cleaner.feed(text))

    def _finish(self, *remarks: str) -> None:
        self._end_line()
        told = ", ".join(remark for remark in remarks if remark)
        if told:
            self.lines.say(f"({told})")

    def _end_line(self) -> None:
        if self._speaking:
            self.lines.write(self._cleaner.finish() + "\n")
        self._speaking = False
