"""The store that the settings mean: one place, so that every front end opens it alike."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agent.settings import RecallSettings, Settings
    from memory_store import MemoryStore
    from memory_store.embedding import Embedder
    from memory_store.learning.tuned import Rerankers
    from memory_store.reranking import Stage

log = logging.getLogger("mneme.agent")


def open_memory(
    settings: Settings, *, folder: Path | None = None, remark: Callable[[str], object] = log.warning, **options: Any
) -> MemoryStore:
    """The profile's store, or one in ``folder``, as the settings want it: embedder, second looks, policy for secrets.
    ``options`` as for MemoryStore.open. An encrypted profile's passphrase is found as :mod:`agent.unlocking` says;
    nobody is asked here.

    ``remark`` is told what others could read and no longer can.

    Raises StoreUnavailable (also for a profile that somebody else owns), StoreTooNew, StoreDamaged, StoreLocked,
    WrongPassphrase, EmbedderError, RerankerError.
    """
    from memory_store import MemoryStore
    from memory_store.embedding import embedder_named

    embedder = embedder_named(settings.recall.embedder)
    stages = second_looks(settings.recall, embedder)
    if folder is None:
        stages += learned_looks(settings, embedder, remark)
    place: Path | str | None = folder
    if place is None:
        settings.paths.create()
        secure(settings, remark)
        options.setdefault("passphrase", _passphrase(settings))
        if settings.chroma.url is not None:
            options["chroma"] = settings.chroma.url.get_secret_value()
        options["folder"] = settings.paths.profile_dir
        place = settings.paths.profile_dir if settings.store.url is None else on_the_server(settings)
    options.setdefault("contradictions", settings.recall.contradictions)
    options.setdefault("derived", settings.recall.derived)
    options.setdefault("secrets", settings.privacy.secrets)
    options.setdefault("merge", settings.writing.merge)
    return MemoryStore.open(place, embedder=embedder, stages=stages, learned=settings.recall.learned, **options)


def on_the_server(settings: Settings) -> str:
    """The URL of the profile's own schema. Raises StoreUnavailable."""
    from memory_store.errors import StoreUnavailable
    from memory_store.postgresql.place import for_profile

    if settings.store.url is None:
        raise AssertionError("no server is set")
    if settings.privacy.encrypt_new:
        raise StoreUnavailable(
            "privacy.encrypt_new is set, and mneme does not encrypt what is on a database server: unset one of them."
        )
    return for_profile(settings.store.url.get_secret_value(), settings.profile)


def in_a_folder(settings: Settings, what: str) -> Path:
    """The folder that holds the profile's memory. Raises StoreUnavailable where a server does, which does ``what`` in
    its own way."""
    from memory_store.errors import StoreUnavailable

    if settings.store.url is not None:
        raise StoreUnavailable(
            f"{what} is for memories in a folder; this one is on {settings.store.url}. `mneme memory migrate --to DIR`"
            " copies it into a folder; docs/servers.md says what the server does itself."
        )
    return settings.paths.profile_dir


def secure(settings: Settings, remark: Callable[[str], object]) -> None:
    """See that the profile, its state, settings and log are the user's own, and take from others what they may do.

    Raises StoreUnavailable for what somebody else owns.
    """
    from memory_store import private

    paths = settings.paths
    for folder in (paths.profile_dir, paths.state_dir):
        if folder.is_dir() and private.made_private(folder):
            remark(f"Others on this machine could look into {folder}. Now it is yours alone.")
    for file in (paths.config_file, paths.log_file):
        if private.file_made_private(file):
            remark(f"Others on this machine could read {file}. Now it is yours alone.")


def _passphrase(settings: Settings) -> str | None:
    from agent import unlocking

    wanted = unlocking.need(settings)
    if wanted == "none":
        return None
    found = unlocking.passphrase(settings)
    if found is None:
        from memory_store.errors import StoreLocked

        new = " new, and is to be" if wanted == "new passphrase" else ""
        raise StoreLocked(
            f"The memory of profile {settings.profile} is{new} encrypted: give its passphrase at a terminal, or in "
            f"{unlocking.VARIABLE}."
        )
    return found


def second_looks(recall: RecallSettings, embedder: Embedder) -> tuple[Stage, ...]:
    """What looks again at the best of recall, in this order. Raises RerankerError for a folder that is no reranker."""
    from memory_store.embedding.base import TokenEmbedder
    from memory_store.reranking import CrossEncoder, LateInteraction, Stage

    found = []
    if recall.late_interaction > 0 and isinstance(embedder, TokenEmbedder):
        found.append(Stage(LateInteraction(embedder), recall.late_interaction))
    if recall.reranker is not None and recall.reranker_weight > 0:
        found.append(Stage(CrossEncoder(recall.reranker.expanduser()), recall.reranker_weight))
    return tuple(found)


def learned_looks(
    settings: Settings, embedder: Embedder, remark: Callable[[str], object] = log.warning
) -> tuple[Stage, ...]:
    """The reranker that `mneme learn --reranker` has tuned for the profile, where the settings name no other.
    ``remark`` is told why it cannot be used."""
    if not settings.recall.learned or settings.recall.reranker is not None:
        return ()
    stage = rerankers(settings, embedder).stage(remark)
    return () if stage is None else (stage,)


def rerankers(settings: Settings, embedder: Embedder) -> Rerankers:
    """What was tuned for the profile."""
    from memory_store.learning.tuned import Rerankers

    return Rerankers(settings.paths.profile_dir, embedder)
