"""What a turn claims, as far as rules can tell: subject, relation, value; and corrections of what was said before."""

from __future__ import annotations

from dataclasses import dataclass

from memory_store.language.words import stem

LONGEST = 4_000
"""Characters of a turn that are read: who pastes more than this quotes somebody."""


@dataclass(frozen=True, slots=True)
class Claim:
    """That a relation of a subject has a value, or (``denied``) that it has not, or no longer."""

    subject: str
    """``i``, ``my sister``, ``anna``; for things, their stems."""
    relation: str
    """``live``, ``work``, ``when``, ``like``, ...: see the tables of english.py and chinese.py."""
    value: str
    """As it was written."""
    start: int
    """Where the value stands in the turn's words, in characters."""
    single: bool = True
    """The relation has one value at a time: another one is a change, and not an addition."""
    denied: bool = False
    changes: bool = False
    """It says itself that something changed: "moved to", "no longer", "actually"."""

    @property
    def asked(self) -> str:
        """Words that find what was said before of the same subject and relation."""
        subject = "" if self.subject == "i" else self.subject.replace(":", " ").removeprefix("i ")
        if not self.single:
            return f"{subject} {self.value}".strip()
        return " ".join(part for part in (subject, _SAID_BY.get(self.relation, "")) if part)

    @property
    def stems(self) -> frozenset[str]:
        """What the value comes to, for comparing."""
        return stems_of(self.value)


@dataclass(frozen=True, slots=True)
class Correction:
    """Words that put right what was said just before: "no, it was Tuesday", "not Porto but Lisbon"."""

    value: str
    start: int
    kind: str = ""
    """Of both values, where they are of a kind (values.py): the one that is corrected is then found by it."""
    wrong: str = ""
    """What is corrected, where the words name it."""
    cued: bool = False
    """It begins with "no", "sorry", "I meant": "a promise, not a result" alone may be a figure of speech."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a turn claims and corrects; usually nothing."""

    claims: tuple[Claim, ...] = ()
    corrections: tuple[Correction, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.claims or self.corrections)


NOTHING = Reading()

_SAID_BY = {
    "live": "live lives living moved 住在 搬到 搬家",
    "work": "work works working job 工作 上班 跳槽",
    "job": "work as job 工作",
    "name": "called named name 叫 名字",
    "favourite": "favorite favourite 最喜欢",
    "age": "years old turned",
    "marital": "single married engaged divorced 单身 结婚 离婚",
    "diet": "vegetarian vegan pescatarian 吃素 素食",
    "drive": "drive drives",
}
"""The words by which a relation is mostly said."""

_EMPTY = frozenset(
    """
    a an the my our his her their this that these those some any of in at on to and or is are was really very just
    new now currently only about around still so too 了 的 一 个 只 条
    """.split()
)


def stems_of(value: str) -> frozenset[str]:
    """The stems of a value's words, without those that tell nothing."""
    words = "".join(mark if mark.isalnum() or mark in "@.:$€£" else " " for mark in value.casefold()).split()
    return frozenset(stem(word.strip(".:")) for word in words if word.strip(".:") not in _EMPTY and word.strip(".:"))


def read(text: str) -> Reading:
    """What ``text`` claims. Never fails; costs some ten microseconds where there is nothing."""
    from memory_store.language.words import cjk_share

    if len(text) > LONGEST:
        return NOTHING
    if cjk_share(text) > 0.3:
        from memory_store.knowledge import chinese

        return chinese.read(text)
    from memory_store.knowledge import english

    return english.read(text)
