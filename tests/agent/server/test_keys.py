"""API keys: where they come from, and that nobody gets to see them."""

from __future__ import annotations

import logging
import sys
import types

import pytest

from agent.errors import ModelError, SettingsError
from agent.models.server.address import parse
from agent.models.server.keys import api_key
from agent.settings import ModelSettings, load_settings
from agent.settings_files import default_toml
from tests.agent.server.conftest import Connected
from tests.agent.server.serving import saying
from tests.agent.server.talking import hear

KEY = "sk-very-secret-0123456789"
HERE = parse("http://127.0.0.1:8080/v1")


def test_a_key_from_the_environment_is_sent_and_shown_nowhere(
    connected: Connected, tmp_path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("MNEME_MODEL__API_KEY", KEY)
    settings = load_settings(tmp_path)
    model, served = connected(saying("Yes."), settings={"api_key": settings.model.api_key})
    assert hear(model).text == "Yes."
    assert {headers["Authorization"] for _, headers, _ in served.asked} == {f"Bearer {KEY}"}
    shown = [repr(settings), str(settings.rows()), repr(model), repr(model._connection), caplog.text, default_toml()]
    assert not [text for text in shown if KEY in text]
    assert ("model.api_key", "**********", "environment") in settings.rows()


def test_a_named_variable_and_what_is_said_when_it_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ModelSettings(api_key_variable="OPENAI_API_KEY")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelError, match=r"variable OPENAI_API_KEY, which model.api_key_variable names, is not set"):
        api_key(settings, HERE)
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")
    found = api_key(settings, HERE)
    assert found is not None
    assert found.get_secret_value() == KEY


def test_the_keyring_is_asked_by_host_and_port(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {("mneme", "127.0.0.1:8080"): KEY}
    keyring, errors = types.ModuleType("keyring"), types.ModuleType("keyring.errors")
    keyring.get_password = lambda service, account: kept.get((service, account))  # type: ignore[attr-defined]
    errors.KeyringError = OSError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    settings = ModelSettings(api_key_keyring=True)
    found = api_key(settings, HERE)
    assert found is not None
    assert found.get_secret_value() == KEY
    kept.clear()
    with pytest.raises(ModelError, match=r"run `keyring set mneme 127.0.0.1:8080`"):
        api_key(settings, HERE)


def test_without_the_keyring_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ModelError, match=r"mneme\[keyring\]"):
        api_key(ModelSettings(api_key_keyring=True), HERE)


def test_a_key_in_the_file_is_refused_without_being_repeated(tmp_path) -> None:
    (tmp_path / "config.toml").write_text(f'[model]\napi_key = "{KEY}"\n')
    with pytest.raises(SettingsError, match=r"config.toml: model.api_key does not belong in a file.*API_KEY") as caught:
        load_settings(tmp_path)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("bad", ["two words", "schlüssel", "line\nbreak", "  "])
def test_a_key_that_fits_no_header_is_refused_without_being_repeated(bad: str) -> None:
    with pytest.raises(ModelError, match="no usable key") as caught:
        api_key(ModelSettings(api_key=bad), HERE)
    assert bad.strip() == "" or bad not in str(caught.value)


def test_a_server_that_repeats_the_key_does_not_get_it_printed(connected: Connected) -> None:
    with pytest.raises(ModelError, match=r"wants a key and it is refused \(401: Incorrect key: \*\*\*\)") as caught:
        connected(
            settings={"api_key": KEY},
            GET__v1__models=lambda exchange: exchange.json({"error": {"message": f"Incorrect key: {KEY}"}}, 401),
        )
    assert KEY not in str(caught.value)


def test_without_a_key_a_server_that_wants_one_says_so(connected: Connected) -> None:
    with pytest.raises(ModelError, match=r"wants a key and it is missing \(401\). Set MNEME_MODEL__API_KEY"):
        connected(GET__v1__models=lambda exchange: exchange.bytes(b"", "text/plain", 401))
