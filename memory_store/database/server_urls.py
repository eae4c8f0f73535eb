"""URLs of servers, as far as settings and messages need to know them. Nothing slow is imported here."""

from __future__ import annotations

import re


def is_server(path_or_url: object) -> bool:
    """Whether this is the URL of a PostgreSQL server."""
    return isinstance(path_or_url, str) and re.match(r"postgres(ql)?(\+\w+)?://", path_or_url) is not None


def shown(url: str) -> str:
    """A URL for a person or a log: any password in it is hidden."""
    hidden = re.sub(r"(?<=://)([^/@]*?):[^/]*(?=@)", r"\1:***", url)
    return re.sub(r"(?i)(password=)[^&\s]*", r"\1***", hidden)
