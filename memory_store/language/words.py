"""What may be stored as words, and how words are cut into terms. Pure functions.

Unspaced scripts (Chinese, Japanese kana, Korean) become single characters and adjacent pairs, as search engines do;
everything else becomes lower-case words without stop words. Stemming is left to the full-text engine.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from memory_store.errors import InvalidInput

MAX_BYTES = 4 * 1024 * 1024
"""The longest turn that is accepted, in UTF-8 bytes."""

MAX_LETTERS = 64
"""A longer run without a space (a key, a hash, a data URL) is no word."""

TOKENIZER = "porter unicode61 remove_diacritics 0"
"""How the full-text engine cuts and stems, as the first migration made it."""

CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_PIECE = re.compile(rf"[{CJK}]+|(?:(?![{CJK}_])\w)+")
_ASCII_PIECE = re.compile(r"[a-z0-9]+")
_IS_CJK = re.compile(rf"[{CJK}]")
_LETTER = re.compile(r"[^\W\d_]")
_APOSTROPHE = re.compile(r"(?<=\w)['’](?:s|t|m|d|ll|re|ve)\b", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")

STOP_WORDS = frozenset(
    """
    a about above after again all also am an and any are aren as at be because been before being below between
    both but by can cannot could couldn did didn do does doesn doing don down during each few for from further
    get got had hadn has hasn have haven having he hello her here hers herself hey hi him himself his how i if
    in into is isn it its itself just let ll me more most mustn my myself no nor not now of off oh ok okay on
    once only or other our ours ourselves out over own re really s same shan she should shouldn so some such t
    than that the their theirs them themselves then there these they this those through to too under until up us
    ve very was wasn we were weren what when where which while who whom why will with won would wouldn yeah yes
    you your yours yourself yourselves
    """.split()
)


CJK_FUNCTION = frozenset(
    "的了吗呢吧啊是在有我你您他她它们这那哪什么怎为谁几多和与跟就都也很不没会能要去说过着把被给让从到对个些点上次"
    "のはがをにでともか"
)
"""Characters that mostly do grammar."""


def accepted(text: str) -> str:
    """``text`` unchanged, when it can be kept word for word. Raises InvalidInput."""
    if not text.strip():
        raise InvalidInput("There are no words in that. Say something first.")
    if _SURROGATE.search(text):
        raise InvalidInput("These words are not valid Unicode (a lone surrogate). Save them as UTF-8 and try again.")
    size = len(text.encode())
    if size > MAX_BYTES:
        raise InvalidInput(f"That is {size:,} bytes; a turn holds at most {MAX_BYTES:,}. Split it up.")
    return text


def terms(text: str) -> Iterator[str]:
    """The terms of ``text`` in order: words that tell something, CJK characters and CJK pairs."""
    if text.isascii():  # the same as below in a third of the time, on the path that a turn waits for
        for piece in _ASCII_PIECE.findall(_APOSTROPHE.sub("", text).lower() if "'" in text else text.lower()):
            if piece not in STOP_WORDS and len(piece) <= MAX_LETTERS:
                yield piece
        return
    for piece in _PIECE.findall(_APOSTROPHE.sub("", unicodedata.normalize("NFKC", text)).casefold()):
        if _IS_CJK.match(piece):
            yield from _unspaced(piece)
        elif piece not in STOP_WORDS and len(piece) <= MAX_LETTERS:
            yield _plain(piece)


def _plain(word: str) -> str:
    """Without accents, so that "café" and "cafe" meet."""
    if word.isascii():
        return word
    return "".join(mark for mark in unicodedata.normalize("NFD", word) if not unicodedata.combining(mark))


def _unspaced(run: str) -> Iterator[str]:
    for place, character in enumerate(run):
        yield character
        if place + 1 < len(run):
            yield run[place : place + 2]


def tells_something(term: str) -> bool:
    """Whether a query may be blamed for not finding ``term``: no single CJK character, no pair with a function word."""
    if not _IS_CJK.match(term):
        return True
    return len(term) > 1 and not any(character in CJK_FUNCTION for character in term)


def worth(term: str) -> float:
    """What ``term`` counts in a query: nothing where it is only grammar (的, 他们), half where part of it is, else 1.

    These are the stop words of unspaced scripts. In a text they stay terms, for 上 is grammar and also half of 上海.
    """
    if term.isascii() or not _IS_CJK.match(term):
        return 1.0
    grammar = sum(character in CJK_FUNCTION for character in term)
    return 0.0 if grammar == len(term) else 1.0 - 0.5 * (grammar > 0)


def cjk_share(text: str) -> float:
    """Share of the letters of ``text`` that belong to an unspaced script, 0 to 1."""
    letters = len(_LETTER.findall(text))
    return len(_IS_CJK.findall(text)) / letters if letters else 0.0


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """What the full-text engine makes of ``word``: Porter's stem. Tells equal query words; finds nothing."""
    found = _stemmer().tokens(word)
    return found[0] if len(found) == 1 else word


class _Stemmer:
    """The engine itself, asked over a table in memory, so that query and index never differ. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._engine = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._engine.execute(f"CREATE VIRTUAL TABLE one USING fts5(word, content='', tokenize='{TOKENIZER}')")
        self._engine.execute("CREATE VIRTUAL TABLE stems USING fts5vocab(one, 'row')")

    def tokens(self, text: str) -> list[str]:
        with self._lock:
            self._engine.execute("INSERT INTO one (rowid, word) VALUES (1, ?)", (text,))
            found = [row[0] for row in self._engine.execute("SELECT term FROM stems")]
            self._engine.execute("INSERT INTO one (one) VALUES ('delete-all')")
        return found


@lru_cache(maxsize=1)
def _stemmer() -> _Stemmer:
    return _Stemmer()
