"""``mneme ask``: one turn of a conversation."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from memory_store.errors import InvalidInput, MnemeError
from tui.commands.opening import open_settings, store_of
from tui.commands.options import AsOf, Home, Json, Profile
from tui.commands.progress import progress
from tui.commands.screening import screened
from tui.talking.retention import forgotten_by_policy
from tui.text import show

if TYPE_CHECKING:
    from agent.citations import Citation
    from agent.dialogue import Dialogue
    from agent.events import Event
    from agent.models.base import LanguageModel
    from agent.settings import Settings
    from memory_store import MemoryStore
    from memory_store.records import Recollection

LONGEST_QUOTE = 100
"""Characters of a cited memory shown under the reply; `mneme memory show` has all of it."""

Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="[WORDS...]", help="What to say. Without, or -: standard input.", show_default=False),
]


def ask(
    words: Words = None,
    conversation: Annotated[
        str | None, typer.Option("--conversation", "-c", metavar="ID", help="Go on with this conversation.")
    ] = None,
    go_on: Annotated[bool, typer.Option("--continue", help="Go on with the latest conversation.")] = False,
    memory: Annotated[bool, typer.Option("--memory/--no-memory", help="Recall what was said before.")] = True,
    remember: Annotated[bool, typer.Option("--remember/--no-remember", help="Keep what is said now.")] = True,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="The language model that replies.")] = None,
    as_of: AsOf = None,
    as_json: Json = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Say one thing and print the reply.

    The reply is printed as it comes; what was recalled for it is on standard error. Each ask is a conversation of its
    own unless --continue or --conversation says otherwise.

    \b
    mneme ask "What is my cat called?"
    git log -5 | mneme ask
    mneme ask --continue "And how old is she?" --json
    mneme ask --as-of 2026-05-01 "Where do I live?"
    """
    said = _said(words)
    settings = open_settings(home, profile, model__name=model)
    said = screened(settings, said) if remember else said
    try:
        speaker = _load(settings)
    except MnemeError as error:
        if not remember:
            raise
        _keep(said, settings, conversation, go_on)
        raise MnemeError(f"{error} Your words are kept.") from error
    with closing(speaker), store_of(settings, indexing="vectors") as store, store.secrets_settled("keep"):
        from agent.dialogue import Dialogue

        where = _conversation(store, conversation, go_on)
        dialogue = Dialogue(
            store, speaker, settings=settings, conversation=where, memory=memory, remember=remember, as_of=as_of
        )
        heard = _Listener(_introduction(speaker, settings), quiet=as_json)
        heard.listen(dialogue.reply(said))
        if as_json:
            show.document(heard.document(speaker.name, dialogue))
        else:
            heard.explain()
        if remember and (forgot := forgotten_by_policy(store, settings)):
            show.say(f"{forgot} 'mneme undo' takes it back.")


def _said(words: list[str] | None) -> str:
    """The words to say. Raises InvalidInput before a model is loaded in vain."""
    from tui.commands.asking import standard_input

    if words and words != ["-"]:
        said = " ".join(words)
    elif sys.stdin is None or (sys.stdin.isatty() and not words):
        raise InvalidInput('There are no words to say. Try: mneme ask "What is my cat called?"')
    else:
        said = standard_input()
    if not said.strip():
        raise InvalidInput("The words are empty. Say at least one.")
    return said


def _load(settings: Settings) -> LanguageModel:
    from agent.models.loading import load_model

    with progress(f"loading {settings.model.name}") as move:
        return load_model(settings, lambda fraction, _what: move(round(100 * fraction), 100))


def _keep(said: str, settings: Settings, conversation: str | None, go_on: bool) -> None:
    """Remember words that no model could be found to answer."""
    from agent.dialogue import Dialogue
    from agent.models.memory_only import MemoryOnly

    with store_of(settings, indexing="vectors") as store, store.secrets_settled("keep"):
        where = _conversation(store, conversation, go_on)
        Dialogue(store, MemoryOnly(), settings=settings, conversation=where).hear(said)


def _introduction(model: LanguageModel, settings: Settings) -> str:
    """Where words go, if they leave, and what to know about the model."""
    from agent.models.server.address import warning

    remark = str(getattr(model, "remark", ""))
    if said := "\n".join(line for line in (warning(settings.model), remark) if line):
        return said
    if model.name == "memory_only" and settings.origin("model.name") == "default":
        return "memory_only: no language model is chosen, so the reply quotes memories. See: mneme models list"
    return ""


def _conversation(store: MemoryStore, conversation: str | None, go_on: bool) -> str | None:
    if conversation is not None:
        return store.conversation(conversation).id
    if go_on:
        latest = store.conversations(limit=1)
        if not latest:
            raise InvalidInput("There is no conversation to go on with yet: leave --continue out.")
        return latest[0].id
    return None


class _Listener:
    """Prints a reply as it comes, and keeps what is told about it."""

    def __init__(self, introduction: str, *, quiet: bool) -> None:
        self._introduction = introduction
        self._quiet = quiet
        self._text = ""
        self._recalled: list[Recollection] = []
        self._remarks: tuple[str, ...] = ()
        self._in_prompt: frozenset[str] = frozenset()
        self._reply = ""
        self._citations: tuple[Citation, ...] = ()
        self._thought_s = 0.0

    def listen(self, events: Iterable[Event]) -> None:
        """Hear a turn out. Raises MnemeError when it fails."""
        from agent.events import Failed, Finished, Omitted, Recalled, Stored, Token
        from tui.text.sanitise import StreamCleaner

        cleaner = StreamCleaner()
        for event in events:
            match event:
                case Recalled(recollections, in_prompt):
                    self._recalled, self._in_prompt = list(recollections), in_prompt
                    self._remarks = recollections.remarks
                    self._introduce()
                case Omitted():
                    show.say(event.detail)
                case Token(text):
                    self._text += text
                    self._print(cleaner.feed(text))
                case Stored(turn):
                    self._reply = turn.id
                case Finished(citations=citations, usage=usage):
                    self._citations, self._thought_s = citations, usage.thought_s
                case Failed(message):
                    self._print(cleaner.finish() + "\n" if self._text else "")
                    raise MnemeError(message)
                case _:
                    pass
        self._print(cleaner.finish() + "\n")

    def _introduce(self) -> None:
        if self._introduction:
            show.say(self._introduction)
        for remark in self._remarks:
            show.say(remark)

    def _print(self, text: str) -> None:
        if not self._quiet:
            print(text, end="", flush=True)

    def document(self, model: str, dialogue: Dialogue) -> dict[str, object]:
        from memory_store.jsonable import recollection_json

        return {
            "reply": self._text,
            "model": model,
            "recalled": [recollection_json(one, self._in_prompt) for one in self._recalled],
            "remarks": list(self._remarks),
            "citations": [{"number": one.number, "id": one.memory.id} for one in self._citations],
            "conversation": dialogue.conversation_id,
        }

    def explain(self) -> None:
        """What was recalled, and where to read why."""
        if self._thought_s:
            show.say(f"(thought for {self._thought_s:.0f} s)")
        used = show.count(len(self._in_prompt), "memory", "memories")
        for one in self._citations:
            memory = one.memory
            said = f"{show.one_line(memory.speaker)}: {show.one_line(memory.text, limit=LONGEST_QUOTE)}"
            show.say(f"[{one.number}] {memory.id}  {show.when(memory.said_at)}  {said}")
        if self._reply and (self._recalled or self._citations):
            show.say(f"({used} recalled; why: mneme memory why {self._reply})")
