"""Keys, tokens and card numbers in what is said: found before it is written, so that they can be left out.

The patterns are those of detect-secrets, for what says by its form that it is a secret; its guesses by entropy and by
keyword are not used, because in talk they are wrong more often than right. A few newer kinds are added. Words without a
long run of letters and digits, which most are, cost one search and import nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module

PLUGINS = {
    "aws": "AWSKeyDetector",
    "azure_storage_key": "AzureStorageKeyDetector",
    "discord": "DiscordBotTokenDetector",
    "github_token": "GitHubTokenDetector",
    "gitlab_token": "GitLabTokenDetector",
    "jwt": "JwtTokenDetector",
    "mailchimp": "MailchimpDetector",
    "openai": "OpenAIDetector",
    "pypi_token": "PypiTokenDetector",
    "sendgrid": "SendGridDetector",
    "slack": "SlackDetector",
    "square_oauth": "SquareOAuthDetector",
    "stripe": "StripeDetector",
    "telegram_token": "TelegramBotTokenDetector",
    "twilio": "TwilioKeyDetector",
}
"""Modules of detect-secrets, and the class in each."""

MORE = {
    "Private Key": r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]*?-----END [A-Z0-9 ]+-----|[\s\S]*)",
    "Password in an address": r"(?<=://)[^\s/:@]+:[^\s/@]{3,}(?=@[\w.-])",
    "JSON Web Token": r"\beyJ[\w-]{8,}\.eyJ[\w-]{4,}\.[\w-]*",
    "Google API Key": r"\bAIza[\w-]{35}(?![\w-])",
    "Anthropic Key": r"\bsk-ant-[\w-]{80,}",
    "OpenAI Key": r"\bsk-(?:proj|svcacct|admin)-[\w-]{40,}",
    "GitHub Token": r"\bgithub_pat_\w{60,}",
    "Hugging Face Token": r"\bhf_[A-Za-z]{34}\b",
    "npm Token": r"\bnpm_[A-Za-z0-9]{36}\b",
}
CARD = "Card Number"

_LONG_RUN = re.compile(r"[A-Za-z0-9_+/=.:@-]{16,}")
_DIGITS = re.compile(r"(?<![\w.+/-])\d(?:[ -]?\d){12,18}(?![\w/]|[ .-]?\d)")
_CARD = re.compile(
    r"4\d{12}(?:\d{3}(?:\d{3})?)?|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|35\d{14}|62\d{14,17}"
)
"""Lengths and beginnings that cards have."""
_SHORTEST = 20
"""Characters of a group that is the secret itself, rather than its prefix."""


@dataclass(frozen=True, slots=True)
class Secret:
    """What looks like a secret, where it stands in the text, and what kind it is."""

    start: int
    end: int
    kind: str


def find(text: str) -> list[Secret]:
    """The secrets in ``text``, in order, none overlapping another."""
    found = list(_cards(text))
    if _may_hold(text):
        found += [secret for kind, pattern in _patterns() for secret in _matches(kind, pattern, text)]
    kept: list[Secret] = []
    for secret in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or secret.start >= kept[-1].end:
            kept.append(secret)
    return kept


def redacted(text: str, secrets: list[Secret] | None = None) -> str:
    """``text`` with each secret replaced by what kind it was."""
    for secret in reversed(find(text) if secrets is None else secrets):
        text = f"{text[: secret.start]}[{secret.kind}, left out]{text[secret.end :]}"
    return text


def kinds(secrets: list[Secret]) -> str:
    """For a person: ``AWS Access Key, Card Number``."""
    return ", ".join(dict.fromkeys(secret.kind for secret in secrets))


def _may_hold(text: str) -> bool:
    if "PRIVATE KEY" in text or "://" in text:
        return True
    runs = (match[0] for match in _LONG_RUN.finditer(text))
    return any(not run.isalpha() and any(mark.isalpha() for mark in run) for run in runs)


def _cards(text: str) -> Iterator[Secret]:
    for match in _DIGITS.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if _CARD.fullmatch(digits) and _luhn(digits):
            yield Secret(match.start(), match.end(), CARD)


def _luhn(digits: str) -> bool:
    """The check digit of card numbers (ISO/IEC 7812-1)."""
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(number // 10 + number % 10 for number in doubled)) % 10 == 0


def _matches(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[Secret]:
    for match in pattern.finditer(text):
        own = next((n for n in range(1, (match.lastindex or 0) + 1) if len(match[n] or "") >= _SHORTEST), 0)
        yield Secret(match.start(own), match.end(own), kind)


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    found = [(kind, re.compile(pattern)) for kind, pattern in MORE.items()]
    for module, name in PLUGINS.items():
        plugin = getattr(import_module(f"detect_secrets.plugins.{module}"), name)
        found += [(str(plugin.secret_type), pattern) for pattern in plugin.denylist]
    return tuple(found)
