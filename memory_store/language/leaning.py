"""Which words cannot be understood without what was said just before them. Rules, English and Chinese; pure functions.

"And the second one?", "why?", "tell me more", 第二个呢 lean on the turn before. A question that leans is recalled for
together with what it leans on; a memory that leans is handed on together with it.
"""

from __future__ import annotations

import re

from memory_store.language.words import CJK_FUNCTION, cjk_share, terms

LONGEST = 120
"""Characters: who says more than this at once says what it is about."""
LONGEST_CJK = 16

_POINTS = re.compile(
    r"\b(?:it|its|that|this|those|these|they|them|their|he|she|him|her|his|hers|ones?|so(?=\W*$)|same|then|there|else|more"
    r"|another|others?|again|former|latter|above|first|second|third|fourth|fifth|last|next|previous|\d(?:st|nd|rd|th))\b"
)
_GOES_ON = re.compile(r"\W*(?:and|but|or|so|then|also)\b")
_WHAT_ABOUT = re.compile(r"\W*(?:(?:and|but|so)\W+)?(?:what|how) about\b")
_ABOUT_US = re.compile(r"\b(?:i|me|my|mine|you|your|yours|we|us|our)\b")
_POLITE = re.compile(r"\b(?:thanks?|thank you|hello|hi|hey|bye|goodbye|ok|okay|good (?:morning|evening|night))\b")
_AGREES = re.compile(
    r"\W*(?:yes|yeah|yep|yup|no|nope|exactly|right|true|sure|absolutely|definitely|of course|totally|indeed|agreed"
    r"|correct|same here|me (?:too|neither)|not (?:really|yet|at all))\b"
    r"|\W*(?:是的|是啊|对[,，。!！的]|对$|没错|不是|不对|嗯|当然|好的|我也)"
)
_SENTENCE = re.compile(
    r"\b(?:i|we|you|he|she|they|it|my|our|is|are|was|were|am|be|been|has|have|had|do|does|did|will|would|can|could|should)\b"
    r"|\w['’](?:m|s|re|ve|d|ll)\b|[我你他她它是有在]"
)
_VAGUE = frozenset(
    """
    detail details elaborate else example examples exactly explain further first fourth fifth go going keep continue
    last latter former mean means meaning next one ones other others another part particular please point previous
    say said second specific sure tell tells thing things stuff think third kind sort sorts above true correct right
    """.split()
)
_POINTS_CJK = re.compile(
    r"它|他|她|这个|那个|这些|那些|这样|那样|第[一二三四五六七八九十两\d]+[个条项次种点]?|另[一外]|还有|其他|别的|刚才|上面|前者|后者|然后|接着"
    r"|继续|更多|详细|具体|多[讲说]|[讲说]{2}|再[讲说来]|为什么|为何|怎么(?:说|会|讲)|比如|例如|举例|呢\W*$"
)
_TOPIC = 2
"""Telling words that a leaning question may have of its own: "how old is she?" has one."""
_TOPIC_CJK = 4


def leans(words: str) -> bool:
    """Whether ``words`` point at what was said just before them and name no topic of their own."""
    lowered = words.strip().casefold()
    if cjk_share(lowered) > 0.5:
        return _leans_in_chinese(lowered)
    if not lowered or len(lowered) > LONGEST or _POLITE.search(lowered):
        return False
    topic = len(_topic(lowered))
    if _POINTS.search(lowered) or _WHAT_ABOUT.match(lowered):
        return topic <= _TOPIC
    if _GOES_ON.match(lowered):
        return topic < _TOPIC
    return topic == 0 and any(mark.isalpha() for mark in lowered) and not _ABOUT_US.search(lowered)


def needs_previous(words: str, *, asked: bool) -> bool:
    """Whether a remembered turn cannot be understood without the turn before it.

    ``asked``: the turn before it ends in a question, so that a fragment ("in Lisbon", "two years") is an answer.
    """
    lowered = words.strip().casefold()
    if len(lowered) > LONGEST:
        return False
    topic = len(_topic(lowered))
    if leans(lowered) or (_AGREES.match(lowered) and topic <= _TOPIC):
        return True
    return asked and topic <= 2 * _TOPIC and not _SENTENCE.search(lowered)


def _topic(lowered: str) -> set[str]:
    """The words that say what it is about."""
    return {term for term in terms(lowered) if term not in _VAGUE}


def _leans_in_chinese(text: str) -> bool:
    letters = "".join(mark for mark in text if mark.isalnum())
    if len(letters) > LONGEST_CJK or not _POINTS_CJK.search(text):
        return False
    rest = _POINTS_CJK.sub("", text)
    return sum(mark.isalnum() and mark not in CJK_FUNCTION for mark in rest) <= _TOPIC_CJK
