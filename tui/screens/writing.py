"""The half of the chat screen that is about writing: the draft, the editor, and what was said before."""

from __future__ import annotations

from textual.app import SuspendNotSupported

from memory_store.errors import MnemeError
from tui.memories.acting import ActingScreen
from tui.resuming.draft import Draft
from tui.text.sanitise import one_line
from tui.widgets.prompt import Prompt

DRAFT_EVERY_S = 0.7
"""A crash or a closed terminal costs no more than what was typed since."""


class WritingScreen(ActingScreen):
    """The draft is on the disk while something is written, unless nothing is to be remembered, or in the plain."""

    prompt: Prompt
    _draft: Draft | None = None
    _may_keep = True

    def offer_draft(self) -> None:
        """Put what was left the last time into the prompt, and keep what is written from now on."""
        settings = self.mneme.session.settings
        self._draft = Draft(settings.paths.state_dir, settings.profile)
        self._may_keep = self.mneme.session.privacy.remember
        left = self._draft.take()
        if left.strip():
            self.prompt.insert_words(left)
        self.set_interval(DRAFT_EVERY_S, self.save_draft)

    def save_draft(self) -> None:
        # On the disk it lies in the plain: until it is known that the memory does too, it is not written.
        plain = self.store is not None and not self.store.encrypted
        if self._draft is not None and self._may_keep and plain:
            self._draft.keep("" if self.prompt.instead_of else self.prompt.words)

    def keep_draft(self, may: bool) -> None:
        """Where nothing is remembered, nothing is drafted on the disk either, and what was written is not offered."""
        if may is self._may_keep:
            return
        if self._draft is not None and not may:
            self._draft.keep("")
        self._may_keep = may
        if may:
            self.prompt.past.forget_aside()
        self.prompt.past.aside = not may

    def write_in_editor(self) -> None:
        """Let the user go on in $VISUAL or $EDITOR; what they save is in the prompt."""
        from tui.commands.asking import edited

        if not self._may_keep or (self.store is not None and self.store.encrypted):
            said = "An editor writes to the disk in the plain, and nothing of this may be there. Write it here."
            self.notify(said, severity="warning", timeout=6)
            return
        problem, words = "", self.prompt.words
        try:
            with self.app.suspend():
                # An error that left this block would leave the app suspended.
                try:
                    words = edited(words)
                except MnemeError as error:
                    problem = str(error)
        except SuspendNotSupported:
            problem = "This terminal cannot be lent to an editor."
        if problem:
            self.notify(one_line(problem), severity="warning", timeout=6, markup=False)
        elif words != self.prompt.words:
            self.prompt.insert_words(words)
        self.prompt.focus()

    def give_back(self, typed: str) -> None:
        if typed:
            self.prompt.give_back(typed)

    def write_from_slash(self) -> None:
        """A slash, pressed anywhere, begins a command."""
        self.prompt.focus()
        if not self.prompt.text:
            self.prompt.set_words("/")

    def search_history(self, query: str) -> None:
        """Choose among earlier words; the chosen ones are in the prompt."""
        from tui.screens.earlier_words import EarlierWords

        def chosen(words: str | None) -> None:
            if words is not None:
                self.prompt.insert_words(words)
            self.prompt.focus()

        self.app.push_screen(EarlierWords(self.prompt.past, query), callback=chosen)
