"""Keys, tokens and card numbers: found by their form, left out before anything is written; plain words left alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pexpect
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_store.language import secrets
from tests.access.test_private import home, mneme
from tests.command import COMMAND, environment

__all__ = ["home", "mneme"]

SECRETS = {
    "AWS Access Key": "AKIAIOSFODNN7EXAMPLE",
    "GitHub Token": "ghp_1234567890abcdefghijABCDEFGHIJ123456",
    "OpenAI Key": "sk-proj-abcdefghijklmnopqrstT3BlbkFJabcdefghijklmnopqrst",
    "Anthropic Key": "sk-ant-api03-" + "a1B2" * 22 + "AA",
    "Private Key": "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\nabc==\n-----END OPENSSH PRIVATE KEY-----",
    "JSON Web Token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w",
    "Slack Token": "xoxb-123456789012-1234567890123-abcdefghijklmnopqrstuvwx",
    "Stripe Access Key": "sk_live_abcdefghijklmnopqrstuvwx",
    "Google API Key": "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "GitLab Token": "glpat-abcdefghijklmnopqrst",
    "npm Token": "npm_abcdefghijklmnopqrstuvwxyz0123456789",
    "Hugging Face Token": "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH",
    "Card Number": "4111 1111 1111 1111",
}
PLAIN = [
    "My phone is +49 170 1234567, the order 1234567890123456, the IBAN DE89 3704 0044 0532 0130 00.",
    "See https://example.com/a/b?c=1234567890abcdef and commit 9e35b37aa0123456789abcdef0123456789abcdef.",
    "The private key of the flat is with Ana; my password is hard to guess; the key of C major.",
    "ISBN 978-3-16-148410-0, 2026-11-25T09:18:10Z, 192.168.100.200, v1.2.3-a.4, 550e8400-e29b-41d4-a716-446655440000",
    "4111 1111 1111 1112 is no card, and neither is 0000 0000 0000 0000.",
    "我的猫叫味噌，电话是13800138000。",
]


@pytest.mark.parametrize(("kind", "secret"), SECRETS.items())
def test_a_secret_is_found_whole(kind: str, secret: str) -> None:
    said = f"Here it is: {secret} and that was it."
    [found] = secrets.find(said)
    assert (found.kind, said[found.start : found.end]) == (kind, secret)
    assert secrets.redacted(said) == f"Here it is: [{kind}, left out] and that was it."


def test_several_in_one_text() -> None:
    said = "\n".join(SECRETS.values())
    assert [found.kind for found in secrets.find(said)] == list(SECRETS)
    left = secrets.redacted(said)
    assert not any(secret in left for secret in SECRETS.values())


def test_a_password_in_an_address() -> None:
    assert (
        secrets.redacted("at postgres://ana:hunter2@db/x now")
        == "at postgres://[Password in an address, left out]@db/x now"
    )


@pytest.mark.parametrize("said", PLAIN)
def test_plain_words_are_left_alone(said: str) -> None:
    assert secrets.find(said) == []


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=80), st.sampled_from(sorted(SECRETS.values())), st.text(max_size=80))
def test_what_is_left_out_is_gone_and_the_rest_is_as_it_was(before: str, secret: str, after: str) -> None:
    said = f"{before} {secret} {after}"
    found = secrets.find(said)
    left = secrets.redacted(said, found)
    pieces, place = [], 0
    for one in found:
        pieces += [said[place : one.start], f"[{one.kind}, left out]"]
        place = one.end
    assert left == "".join([*pieces, said[place:]])
    assert secrets.redacted(left) == left


@pytest.fixture
def nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.commands.passphrases.at_a_terminal", lambda: False)


KEY = SECRETS["AWS Access Key"]


@pytest.mark.usefixtures("nobody_there")
@pytest.mark.parametrize(("policy", "kept"), [("ask", True), ("redact", False), ("keep", True)])
def test_the_policy_before_the_first_write(mneme: Any, home: Path, policy: str, kept: bool) -> None:
    env = {"MNEME_PRIVACY__SECRETS": policy}
    noted = mneme("memory", "note", f"The key is {KEY}.", env=env).done()
    asked = mneme("ask", f"What opens {KEY}?", "--json", env=env).done()
    assert ("Kept: nobody could be asked." in noted.err) == (policy == "ask")
    written = b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())
    assert (KEY.encode() in written) is kept
    assert kept or KEY not in asked.out
    if policy == "redact":
        assert "Left out of what is remembered: AWS Access Key." in noted.err
        texts = [one["text"] for one in mneme("memory", "list", "--json", env=env).done().json]
        assert "The key is [AWS Access Key, left out]." in texts


@pytest.mark.parametrize(("answer", "kept"), [("y", False), ("k", True), ("n", None)])
def test_whoever_sits_at_the_terminal_is_asked(home: Path, tmp_path: Path, answer: str, kept: bool | None) -> None:
    """Through the installed command in a pseudo-terminal: a note, and an import with its bar."""
    (tmp_path / "log.json").write_text(json.dumps([{"role": "user", "content": f"use {KEY}"}]))
    for words in (["note", f"The key is {KEY}."], ["import", str(tmp_path / "log.json")]):
        child = pexpect.spawn(
            str(COMMAND), ["memory", *words], timeout=60, encoding="utf-8", env=environment(home), dimensions=(24, 200)
        )
        child.expect_exact("Leave it out? [y]es, [k]eep it, [n]othing is written at all: ")
        child.sendline(answer)
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == (2 if kept is None else 0), child.before
    written = b"".join(place.read_bytes() for place in home.rglob("*") if place.is_file())
    assert (KEY.encode() in written) is bool(kept)
    assert (b"left out]" in written) is (kept is False)


@pytest.mark.parametrize(("flags", "kept"), [([], True), (["--redact"], False)])
def test_an_import_leaves_them_out_when_asked(
    mneme: Any, home: Path, tmp_path: Path, flags: list[str], kept: bool
) -> None:
    file = tmp_path / "log.json"
    file.write_text(
        json.dumps([{"role": "user", "content": f"use {KEY}"}, {"role": "assistant", "content": "I will."}])
    )
    mneme("memory", "import", str(file), *flags).done()
    again = mneme("memory", "import", str(file), "--json", *flags).done().json
    assert again["turns_new"] == 0
    written = b"".join(place.read_bytes() for place in home.rglob("*") if place.is_file())
    assert (KEY.encode() in written) is kept
