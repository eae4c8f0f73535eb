"""Settings in environment variables, read by pydantic-settings: nested by a delimiter, JSON where needed."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource


class _Variables(EnvSettingsSource):
    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:  # noqa: ARG002
        """A list is JSON, or a text that the setting itself takes apart: folders are separated as in PATH. What is
        neither is refused where all settings are, by its name."""
        if str(value).lstrip().startswith(("[", "{")):
            with suppress(ValueError):
                return json.loads(value)
        return value


def read(settings: type[BaseModel], prefix: str, delimiter: str) -> dict[str, Any]:
    """What the variables ``PREFIX`` + section + ``DELIMITER`` + key set of ``settings``; an empty one sets nothing."""
    source = _Variables(
        settings,  # type: ignore[arg-type]  # asks for BaseSettings, and reads only the fields
        env_prefix=prefix,
        env_nested_delimiter=delimiter,
        env_ignore_empty=True,
    )
    return dict(source())
