"""Is this a question? A rule of thumb for a model that has no language: marks and first words, English and Chinese."""

from __future__ import annotations

import re

_MARK = re.compile(r"[?？؟\u037e]\W*$")
_FIRST_WORDS = re.compile(
    r"\W*(?:(?:and|but|so|ok|okay|hey|hi|please|well)\W+)*"
    r"(?:who|whom|whose|what|whats|what's|when|where|which|why|how|is|are|am|was|were|do|does|did|has|have|had|can|could"
    r"|will|would|should|shall|may|might|isn't|aren't|don't|doesn't|didn't|(?:tell|remind|show) (?:me|us))\b",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    r"[吗呢嗎]\W*$|什么|什麼|谁|誰|哪|怎么|怎麼|多少|几(?:个|岁|点|时)|为什么|為什麼|是不是|有没有|有沒有"
)
_SENTENCE_END = re.compile(r"[.!。！]\s|[。！]|\n")


def is_question(words: str) -> bool:
    """True when ``words`` end in a question mark, begin like a question or a request to tell, or ask in Chinese."""
    return bool(_MARK.search(words) or _FIRST_WORDS.match(words) or _CHINESE.search(words))


def is_only_a_question(words: str) -> bool:
    """True when a question mark ends ``words`` and no sentence stands before the question: nothing is told in them."""
    return bool(_MARK.search(words)) and not _SENTENCE_END.search(words.strip())
