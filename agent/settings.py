"""What can be set, where each value comes from, and the one function that reads it all.

A flag wins over the environment (``MNEME_MODEL__NAME``), which wins over the profile's own ``config.toml``, which wins
over the one for all profiles, which wins over the defaults written here. A key nobody knows is an error that names the
nearest known one, so a typing mistake is never silent.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    field_serializer,
    field_validator,
    model_validator,
)

from agent.models.base import Sampling
from agent.paths import Paths
from agent.prompt import DEFAULT_SYSTEM
from memory_store.database.server_urls import is_server, shown
from memory_store.records import FreeingOrder, MergePolicy

Origin = Literal["default", "file", "profile", "environment", "flag"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelSettings(_Section):
    """[model]"""

    name: str = Field(
        default="memory_only",
        min_length=1,
        description='"memory_only" (no language model: answers by quoting memories), the folder of a chat model, or '
        "the id of one that is already downloaded. `mneme models list` shows what is there.",
    )
    kind: Literal["auto", "memory_only", "transformers", "server"] = Field(
        default="auto",
        description='"memory_only", "transformers" (in process), "server" (at base_url), or "auto": told by the name.',
    )
    base_url: str | None = Field(
        default=None,
        min_length=1,
        examples=["http://127.0.0.1:11434/v1"],
        description="A server that speaks OpenAI's protocol (Ollama, llama.cpp, LM Studio, vLLM); `name` is then the "
        "model's name there.",
    )
    allow_remote: bool = Field(
        default=False, description="true lets words leave this machine, when base_url names another one."
    )
    api_key: SecretStr | None = Field(
        default=None,
        min_length=1,
        description="The server's key; only from the environment (MNEME_MODEL__API_KEY), never from this file.",
    )
    api_key_variable: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        examples=["OPENAI_API_KEY"],
        description="The environment variable that holds the server's key.",
    )
    api_key_keyring: bool = Field(
        default=False,
        description="true takes the server's key from the system's keyring (`keyring set mneme HOST:PORT`).",
    )
    connect_timeout: float = Field(
        default=5.0, gt=0, le=600, description="Seconds a server may take to accept a connection."
    )
    read_timeout: float = Field(
        default=120.0, gt=0, le=7200, description="Seconds a server may be silent, while it reads or replies."
    )
    connect_retries: int = Field(
        default=3, ge=0, le=20, description="How often to try again to connect, waiting twice as long each time."
    )
    device: str = Field(
        default="auto", pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$", description='"auto", "cpu", "cuda", "cuda:1" or "mps".'
    )
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        default="auto", description='"auto", "float32", "bfloat16" or "float16".'
    )
    context_size: int | None = Field(
        default=None,
        ge=64,
        examples=[4096],
        description="Tokens of prompt and reply together; unset: as many as the model was made for.",
    )
    max_new_tokens: int = Field(default=512, ge=1, description="The longest reply, in tokens.")
    temperature: float = Field(default=0.7, ge=0, le=5, description="0 takes the likeliest token each time.")
    top_p: float = Field(default=0.95, gt=0, le=1, description="Sample from the likeliest tokens that sum to this.")
    top_k: int = Field(default=0, ge=0, description="Sample from this many of the likeliest tokens; 0: from all.")
    min_p: float = Field(
        default=0, ge=0, le=1, description="Leave out tokens less likely than this share of the likeliest one's chance."
    )
    repetition_penalty: float = Field(
        default=1, ge=1, le=2, description="Above 1, what the reply has already said becomes less likely."
    )
    seed: int | None = Field(
        default=None,
        ge=0,
        lt=2**63,
        examples=[7],
        description="Set: the same prompt gets the same reply. Unset: a new one.",
    )
    thinking: bool = Field(
        default=False,
        description="Let a model that can do either think before it replies. Some always think; thoughts are shown "
        "folded and never kept.",
    )
    max_thought_tokens: int = Field(
        default=2048, ge=0, description="A thought longer than this is ended, so that a reply comes."
    )
    output_memory_weight: float = Field(
        default=0,
        ge=0,
        le=1,
        examples=[0.9],
        description="Above 0, recalled memories have this share in the choice of every next token, for exact names and "
        "numbers (docs/models.md). Only for models in process.",
    )
    output_memory_temperature: float = Field(
        default=0.02, gt=0, le=100, description="How far from a memory's words this still helps; smaller is stricter."
    )
    soft_tokens: Path | None = Field(
        default=None,
        examples=["/path/to/adapter.safetensors"],
        description="An adapter that puts recalled memories' vectors before the model as well, as a few soft tokens "
        "(docs/neural.md). None comes with mneme. Only for models in process.",
    )
    stop: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        default=(), description="Texts at which a reply ends; they are not part of it."
    )
    folders: tuple[Path, ...] = Field(
        default=(), description="More folders in which `mneme models list` looks for models."
    )

    @field_validator("folders", mode="before")
    @classmethod
    def _path_list(cls, value: Any) -> Any:
        """In the environment, folders are separated as in PATH."""
        return [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value

    def sampling(self) -> Sampling:
        return Sampling(
            temperature=self.temperature,
            top_p=self.top_p,
            max_new_tokens=self.max_new_tokens,
            seed=self.seed,
            top_k=self.top_k,
            min_p=self.min_p,
            repetition_penalty=self.repetition_penalty,
            max_thought_tokens=self.max_thought_tokens,
        )


class RecallSettings(_Section):
    """[recall]"""

    limit: int = Field(default=10, ge=1, le=200, description="How many memories are recalled for a turn.")
    budget: int = Field(
        default=2000,
        ge=50,
        le=1_000_000,
        description="Tokens, about, that they may take together; one memory is shortened to a quarter of it.",
    )
    embedder: str = Field(
        default="default",
        min_length=1,
        description='"default" (all-MiniLM-L6-v2, English), or the folder of a sentence-embedding model, such as a '
        "multilingual one. After a change everything is embedded again, in the background.",
    )
    learned: bool = Field(
        default=True, description="false recalls by the fixed formula, whatever `mneme learn` has learned."
    )
    contradictions: bool = Field(
        default=True,
        description="false looks for no more memories that contradict an earlier one; those found stay.",
    )
    derived: bool = Field(
        default=False,
        description="true recalls the notes of `mneme consolidate` as well, behind the words they are taken from.",
    )
    late_interaction: float = Field(
        default=0,
        ge=0,
        le=5,
        description="Weight of a second look at the 50 best, token by token, with the embedder's own vectors; 0 is "
        "none, 0.3 worth a try. docs/recall.md says what it adds and costs.",
    )
    reranker: Path | None = Field(
        default=None,
        examples=["/path/to/cross-encoder"],
        description="The folder of a cross-encoder that looks again at the 50 best. None comes with mneme.",
    )
    reranker_weight: float = Field(default=1, ge=0, le=5, description="What the reranker's favourite gains.")


class ChatSettings(_Section):
    """[chat]"""

    history_turns: int = Field(
        default=20,
        ge=0,
        le=1000,
        description="At most this many turns of the conversation itself are put before the model.",
    )
    theme: str = Field(
        default="auto",
        description='"auto", "dark", "light", "contrast", "ansi" (the terminal\'s own colours) or another theme of '
        "the app.",
    )
    user_name: str = Field(default="you", min_length=1, description="What the screen calls you.")
    system: str = Field(default=DEFAULT_SYSTEM, description="What the model is told before everything else.")


class WritingSettings(_Section):
    """[writing]"""

    merge: MergePolicy = Field(
        default="sources",
        description='What is not written twice: "sources" keeps what comes again from the same source, in the same '
        'words, once; "notes" also keeps a note once that says just what one says already.',
    )


class RetentionSettings(_Section):
    """[retention]"""

    automatic: bool = Field(
        default=False,
        description="true forgets, once a day when mneme is used, what meets all the criteria below. It is announced, "
        "and `mneme undo` takes it back. `mneme memory prune --simulate` shows what it would come to.",
    )
    older_than_days: int | None = Field(default=None, ge=1, examples=[730], description="Said longer ago than this.")
    weaker_than: float | None = Field(
        default=None, gt=0, le=1, examples=[0.1], description="Weaker than this: docs/forgetting.md says how it fades."
    )
    keep_last: int | None = Field(default=None, ge=0, examples=[1000], description="Not among the newest so many.")
    at_most: int | None = Field(
        default=None,
        ge=1,
        examples=[50000],
        description="So many memories are kept: of those that meet the criteria above, only what is over it goes.",
    )
    at_most_mb: float | None = Field(
        default=None,
        gt=0,
        examples=[500],
        description="The same in megabytes of words and vectors; the disk has them back after a purge.",
    )
    order: FreeingOrder = Field(
        default="strength",
        description="What goes first where only so much is kept: `mneme memory policy` says what each order means.",
    )

    @model_validator(mode="after")
    def _has_a_criterion(self) -> Self:
        given = (self.older_than_days, self.weaker_than, self.keep_last, self.at_most, self.at_most_mb)
        if self.automatic and all(criterion is None for criterion in given):
            raise ValueError(
                "needs a criterion beside automatic: older_than_days, weaker_than, keep_last, at_most or at_most_mb"
            )
        return self


class PrivacySettings(_Section):
    """[privacy]"""

    encrypt_new: bool = Field(
        default=False,
        description="true encrypts every profile that is begun from now on: its passphrase is asked for at the first "
        "use. `mneme memory encrypt` does the same for one that exists.",
    )
    passphrase_keyring: bool = Field(
        default=False,
        description="true takes an encrypted profile's passphrase from the system's keyring, where "
        "`mneme memory encrypt --keyring` puts it.",
    )
    secrets: Literal["ask", "redact", "keep"] = Field(
        default="ask",
        description="What happens to keys, tokens and card numbers in what is said, noted, corrected or imported: "
        '"redact" leaves them out before anything is written, replies too; "keep" keeps them; "ask" asks, and where '
        "nobody can be asked keeps them.",
    )
    keep_searches: bool = Field(
        default=True,
        description="false keeps nothing of what is searched for in the app; `mneme learn` then cannot learn from what "
        "was opened.",
    )
    lock_after: float = Field(
        default=15,
        ge=0,
        le=1440,
        description="Minutes without a key or a reply after which the app closes an encrypted memory and asks for its "
        "passphrase again; 0 never does.",
    )


class ServerUrl(SecretStr):
    """A URL whose password is not shown: what is printed and logged has three stars in its place."""

    def _display(self) -> str:
        return shown(self.get_secret_value())


class _OnAServer(_Section):
    @field_serializer("url", when_used="json", check_fields=False)
    def _without_password(self, value: ServerUrl | None) -> str | None:
        return None if value is None else str(value)


class StoreSettings(_OnAServer):
    """[store]"""

    url: ServerUrl | None = Field(
        default=None,
        min_length=1,
        examples=["postgresql+psycopg://USER@HOST/DATABASE"],
        description="A PostgreSQL database for the words instead of the profile's folder; each profile has a schema of "
        "its own there. The password belongs into PGPASSWORD or ~/.pgpass. docs/servers.md.",
    )

    @field_validator("url")
    @classmethod
    def _of_a_kind_known(cls, value: ServerUrl | None) -> ServerUrl | None:
        if value is not None and not is_server(value.get_secret_value()):
            raise ValueError("is no URL of a PostgreSQL database: postgresql+psycopg://USER@HOST/DATABASE")
        return value


class ChromaSettings(_OnAServer):
    """[chroma]"""

    url: ServerUrl | None = Field(
        default=None,
        min_length=1,
        examples=["http://127.0.0.1:8000"],
        description="A Chroma server for the index of meaning (`chroma run`) instead of one in the profile's folder; "
        "it gets numbers and vectors, no words. docs/servers.md.",
    )

    @field_validator("url")
    @classmethod
    def _of_a_kind_known(cls, value: ServerUrl | None) -> ServerUrl | None:
        if value is not None and not re.fullmatch(r"https?://[^/\s]+/?", value.get_secret_value()):
            raise ValueError("is no URL of a Chroma server: http://HOST:PORT")
        return value


class Settings(BaseModel):
    """Every setting, checked. ``Settings()`` is the defaults alone; :func:`load_settings` reads what was set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    profile: str = Field(default="default", description="Whose memory: each profile is a folder of its own.")
    model: ModelSettings = ModelSettings()
    recall: RecallSettings = RecallSettings()
    chat: ChatSettings = ChatSettings()
    writing: WritingSettings = WritingSettings()
    retention: RetentionSettings = RetentionSettings()
    store: StoreSettings = StoreSettings()
    chroma: ChromaSettings = ChromaSettings()
    privacy: PrivacySettings = PrivacySettings()
    keys: dict[str, Annotated[str, Field(min_length=1)]] = Field(
        default_factory=dict,
        examples=[{"memory.pin": "P", "timeline": "f6,ctrl+b"}],
        description="Other keys for what the app does, by its names for them: `mneme config keys` lists both.",
    )

    _home: Path | None = PrivateAttr(None)
    _origins: dict[str, Origin] = PrivateAttr(default_factory=dict)

    @property
    def home(self) -> Path | None:
        """The one folder that holds everything, when there is one."""
        return self._home

    @property
    def paths(self) -> Paths:
        """Where everything of this profile lies. Raises SettingsError for a name that cannot be one."""
        return Paths.of(self._home, self.profile)

    def origin(self, key: str) -> Origin:
        """Where the value of a dotted key, like ``model.name``, came from."""
        return self._origins.get(key, "default")

    def rows(self) -> list[tuple[str, Any, Origin]]:
        """(dotted key, value, origin) of every setting, in the order of the file."""
        values = self.model_dump(mode="json")
        flat = [("profile", values.pop("profile"))]
        flat += [(f"{section}.{key}", value) for section, part in values.items() for key, value in part.items()]
        return [(key, value, self.origin(key)) for key, value in flat]


def load_settings(home: Path | None = None, profile: str | None = None, **overrides: Any) -> Settings:
    """Read flags, environment and file; see :func:`agent.settings_files.load`."""
    from agent.settings_files import load

    return load(home, profile, overrides)
