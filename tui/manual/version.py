"""The version: written in pyproject.toml, and read from what was installed."""

from __future__ import annotations


def version() -> str:
    from importlib.metadata import version as installed

    return installed("mneme")
