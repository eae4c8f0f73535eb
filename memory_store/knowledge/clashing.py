"""Whether two claims of one speaker can both hold, and if not, which words say so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from memory_store.knowledge.claims import Claim
from memory_store.knowledge.values import is_country, values_in
from memory_store.language.words import cjk_share, stem

SAME_OCCASION = timedelta(days=21)
"""An appointment of another month is another appointment, unless words say that it was moved."""
WITHIN_THE_WEEK = timedelta(days=7)
"""What is "on Friday" is over by the next Friday, and what is "at nine" happens again."""
MOVED = timedelta(days=120)

_BROOD = frozenset({"my brother", "my sister", "my son", "my daughter", "哥哥", "姐姐", "弟弟", "妹妹", "儿子", "女儿"})
"""Of these one may have several: told apart by name, or not at all."""
_ONCE = frozenset(
    stem(word) for word in "birthday anniversary wedding graduation surgery funeral 生日 婚礼 手术".split()
)
"""Of these there is one; of other appointments there are many."""
_MATTERS = frozenset(
    stem(word)
    for word in """
    budget price number code size score target goal fee bill record quota dose dosage extension key keys glasses wallet
    umbrella headphones charger documents papers ticket tickets backup drill torch flashlight song episode scene line
    quote moment picture photo character dish outfit
    预算 价格 号码 目标 房间号 座位号 钥匙 文件 充电器 钱包 票 眼镜 雨伞 歌 台词 照片 菜
    """.split()
)
"""What the talk is about, or where something was left today: another one another time."""

_LIST = re.compile(r"\s*(?:,(?!\d)|;|\band\b|\bor\b|&|/|和|与|及|、)\s*")


@dataclass(frozen=True, slots=True)
class Clash:
    """The newer words cannot hold beside the older ones. Places are in characters of each text."""

    why: str
    """The relation, or ``correction``."""
    older: tuple[int, int]
    """Where the older value begins, and how long it is."""
    newer: tuple[int, int]


def clash(older: Claim, newer: Claim, apart: timedelta, *, together: bool = False) -> Clash | None:
    """What of ``older`` ``newer``, said ``apart`` later, contradicts; None: both can hold, as far as can be told.

    ``together``: in one conversation, so that "the budget" is the same budget.
    """
    if older.relation != newer.relation or not _same_subject(older.subject, newer.subject):
        return None
    if (cjk_share(older.value) > 0.3) != (cjk_share(newer.value) > 0.3):
        return None  # 上海 and Shanghai are one city; who can tell
    if not _clashes(older, newer, apart, together):
        return None
    return Clash(newer.relation, (older.start, len(older.value)), (newer.start, len(newer.value)))


def _clashes(older: Claim, newer: Claim, apart: timedelta, together: bool) -> bool:
    agree = _agree(older, newer)
    if older.denied != newer.denied:
        return agree and (newer.denied or newer.changes or not newer.single)
    if newer.denied or not newer.single or agree:
        return False
    if not newer.changes and (newer.subject in _BROOD or (not together and _one_of_many(newer))):
        return False
    if newer.relation == "when":
        return _moved(older, newer, apart)
    return newer.changes or is_country(older.value) == is_country(newer.value)


def _one_of_many(claim: Claim) -> bool:
    """ "The meeting", "my budget": of the matter that is being talked about, and another time of another."""
    thing = claim.subject.removeprefix("i: ")
    if claim.relation == "when":
        return " " not in thing and thing not in _ONCE
    return claim.relation in ("value", "where", "favourite") and thing in _MATTERS


def _same_subject(one: str, other: str) -> bool:
    """``my sister`` and ``my sister anna`` may be the same; ``my sister ida`` and ``my sister anna`` are two."""
    short, long = sorted((one, other), key=len)
    return one == other or (short.startswith("my ") and ":" not in long and long.startswith(f"{short} "))


def _agree(older: Claim, newer: Claim) -> bool:
    """One says no more than the other, or they share a part of a list."""
    old, new = older.stems, newer.stems
    if not older.single:
        return old == new and bool(old)
    if not old or not new:
        return True
    if old <= new or new <= old or older.value in newer.value or newer.value in older.value:
        return True
    parts = [{part.casefold() for part in _LIST.split(claim.value) if part} for claim in (older, newer)]
    return bool(parts[0] & parts[1])


def _moved(older: Claim, newer: Claim, apart: timedelta) -> bool:
    forms = [{value.kind: value.form for value in values_in(f"x {claim.value}")} for claim in (older, newer)]
    shared = forms[0].keys() & forms[1].keys()
    same = SAME_OCCASION if "date" in shared else WITHIN_THE_WEEK
    if apart > (MOVED if newer.changes else same):
        return False
    return newer.changes if not shared else any(forms[0][kind] != forms[1][kind] for kind in shared)
