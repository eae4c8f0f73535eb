"""A query, read once: its terms, its question, its script, and whose words it asks for. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from memory_store.language.scripts import shares
from memory_store.language.words import cjk_share, terms

LONGEST = 4_000
"""Characters of a query that are searched; a paste longer than that says nothing more about what is wanted."""

LONGEST_CONTEXT = 800
"""Characters of what was said just before that are searched with words that lean on it."""

READ_AT_ONCE = 800
"""Characters that an embedder of 256 tokens reads for sure."""

_QUESTION = re.compile(r"[^.!?。！？\n]*[?？]")
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|i'd|my|me|mine|myself|we|our|us)\b|我|咱", re.IGNORECASE)
_OF_ASSISTANT = re.compile(
    r"\byou(?:'ve| have| had)?\s+(?:\w+\s+)?(?:said|say|suggest|recommend|told|tell|mention|advise|g[ai]ve|wrote|write"
    r"|explain|propose|answer|list|describe|provide|come up)\w*"
    r"|\byour\s+(?:\w+\s+)?(?:suggestion|recommendation|advice|answer|reply|explanation|list|proposal|idea)\w*"
    r"|你(?:说|建议|推荐|告诉|提到)",
    re.IGNORECASE,
)
USER_NAMES = frozenset({"user", "human", "me", "i"})
ASSISTANT_NAMES = frozenset({"assistant", "ai", "bot", "model", "chatgpt", "claude", "gpt"})
FILE = "file "
"""How the passages of a file name their speaker: ``file lease.pdf``."""


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked, ready for both channels."""

    text: str
    terms: tuple[str, ...]
    emphasis: tuple[str, ...]
    """Terms of the last question in a long text: what it is really about."""
    written_in: Mapping[str, float]
    """Script -> its share of the letters, 0 to 1; Latin is left out (:mod:`memory_store.language.scripts`)."""
    meant: str
    """What the channel of meaning is asked: the text, behind its question where it is too long to be read whole."""
    remarks: tuple[str, ...] = ()


def read(text: str, context: str = "") -> Query:
    """``text`` as a query. Never fails: what cannot be searched is left out, and said so.

    ``context``: what was said just before, if the text leans on it. It is searched too; the text itself counts twice.
    """
    remarks: tuple[str, ...] = ()
    if len(text) > LONGEST:
        text = _ends(text, LONGEST)
        remarks = (f"The query is long: its first and last {LONGEST // 2:,} characters were searched.",)
    text = text.encode("utf-8", "replace").decode()
    context = _ends(context, LONGEST_CONTEXT).encode("utf-8", "replace").decode().strip()
    joined = f"{text}\n{context}" if context else text
    share = cjk_share(joined)
    question = _last_question(text, share)
    emphasis = tuple(terms(text if context else question))
    meant = f"{question.strip()}\n{joined}" if len(text) > READ_AT_ONCE else joined
    return Query(text, tuple(terms(joined)), emphasis, shares(joined), meant, remarks)


def _ends(text: str, most: int) -> str:
    """The beginning and the end of what is longer than ``most`` characters."""
    return text if len(text) <= most else text[: most // 2] + "\n" + text[-(most // 2) :]


def _last_question(text: str, cjk: float) -> str:
    most = 50 if cjk > 0.5 else 120
    if len(text) <= most or sum(mark.isalpha() for mark in text) <= most:
        return ""
    questions = _QUESTION.findall(text)
    return questions[-1] if questions else ""


def named_speakers(text: str, speakers: Mapping[int, str]) -> set[int]:
    """The speakers whose name, or first name, stands in ``text``."""
    lowered = text.casefold()
    return {
        seq
        for seq, name in speakers.items()
        if not role_of(name) and any(_says(lowered, part) for part in _callings(name))
    }


def without_names(text: str, names: set[str]) -> str:
    """``text`` without these names, for the channel of meaning: a turn seldom speaks its speaker's name."""
    for name in names:
        for part in sorted(_callings(name), key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(part)}(?:['’]s)?(?!\w)", " ", text, flags=re.IGNORECASE)
    stripped = " ".join(text.split())
    return stripped if any(mark.isalnum() for mark in stripped) else ""


def wanted_speakers(query: Query, speakers: Mapping[int, str]) -> set[int]:
    """Whose words the query asks for: the one person it names, the assistant ("what did you suggest"), the user ("what
    did I say"), or anyone who is not an assistant. Empty when that tells no one from another."""
    named = named_speakers(query.text, speakers)
    if len(named) == 1:
        return named
    roles = {seq: role_of(name) for seq, name in speakers.items()}
    if _OF_ASSISTANT.search(query.text) and "assistant" in roles.values():
        return {seq for seq, role in roles.items() if role == "assistant"}
    if not named and "user" in roles.values() and _FIRST_PERSON.search(query.text):
        return {seq for seq, role in roles.items() if role in ("user", "file")}  # "my lease" is a file of the user's
    people = {seq for seq, role in roles.items() if role != "assistant"}
    return people if len(people) < len(speakers) else set()


def role_of(name: str) -> str:
    """``user``, ``assistant``, ``file``, or nothing for a person's name."""
    folded = name.casefold().strip()
    if folded in USER_NAMES:
        return "user"
    if folded.startswith(FILE):
        return "file"
    return "assistant" if folded in ASSISTANT_NAMES else ""


def _callings(name: str) -> set[str]:
    folded = name.casefold().strip()
    first = folded.split()[0] if folded.split() else folded
    return {folded, first} if len(first) > 1 else {folded}


def _says(lowered: str, name: str) -> bool:
    if not name.isascii() and cjk_share(name) > 0.5:
        return name in lowered
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", lowered) is not None
