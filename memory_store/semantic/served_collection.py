"""A collection on a Chroma server, as an index. Requests give up in seconds: Chroma's own client waits for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from memory_store.database.server_urls import shown
from memory_store.embedding.base import Vectors
from memory_store.semantic.chroma import IndexDamaged, Near, SemanticIndex, given_vectors, made_in, reading

CONNECT_S = 3.0


class ServedCollection(SemanticIndex):
    """One generation of an index. Raises IndexDamaged where it is not there, or the server is not."""

    def __init__(
        self,
        url: str,
        name: str,
        *,
        patience: float,
        make: bool = False,
        lost: Callable[[Exception], None] | None = None,
    ) -> None:
        """``patience``: seconds a request may take. ``make``: a new one, in the place of any of that name. ``lost`` is
        told when a query was not answered."""
        self._lost = lost

        def opened() -> tuple[Any, Any]:
            client = client_of(url, patience)
            try:
                if make:
                    _delete(client, name)
                    return client, made_in(client, name)
                return client, client.get_collection(name, embedding_function=given_vectors())
            except BaseException:
                let_go(client)
                raise

        self._hold(f"{shown(url)}, collection {name}", opened)

    def nearest(self, query: Vectors, limit: int) -> Near:
        try:
            return super().nearest(query, limit)
        except IndexDamaged as error:
            if self._lost is not None:
                self._lost(error)
            raise

    def take_away(self, names: Iterable[str]) -> None:
        """Delete other collections, where they are there. Raises IndexDamaged."""
        with reading(self.place):
            for name in names:
                _delete(self._client, name)

    def close(self) -> None:
        let_go(self._client)


def client_of(url: str, patience: float) -> Any:
    """A client of the server. Raises what httpx and Chroma raise where it does not answer."""
    import chromadb
    import httpx
    from chromadb.config import Settings

    parts = urlsplit(url)
    secure = parts.scheme == "https"
    httpx.get(f"{url.rstrip('/')}/api/v2/heartbeat", timeout=CONNECT_S).raise_for_status()
    client = chromadb.HttpClient(
        host=parts.hostname or "localhost",
        port=parts.port or (443 if secure else 8000),
        ssl=secure,
        settings=Settings(anonymized_telemetry=False),
    )
    client._server._session.timeout = httpx.Timeout(patience, connect=CONNECT_S)
    return client


@contextmanager
def asking(url: str, patience: float) -> Iterator[Any]:
    """A client for a moment. Raises IndexDamaged."""
    with reading(shown(url)):
        client = client_of(url, patience)
        try:
            yield client
        finally:
            let_go(client)


def let_go(client: Any) -> None:
    """Close its connections, and those of the client inside it, which Chroma's own ``close`` leaves open (1.5.9)."""
    for one in (client, client._admin_client):
        one._server._session.close()
    client.close()


def is_missing(error: IndexDamaged) -> bool:
    """Whether the server answered that it has no such collection."""
    from chromadb.errors import NotFoundError

    return isinstance(error.__cause__, NotFoundError)


def _delete(client: Any, name: str) -> None:
    from chromadb.errors import NotFoundError

    with suppress(NotFoundError):
        client.delete_collection(name)
