"""Exports of other programs, in their layouts, with conversations made up for these tests."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any


def chatgpt() -> list[dict[str, Any]]:
    """A tree of three branches: words asked anew, a reply made anew, a tool, a picture."""
    return [
        {
            "conversation_id": "conv-1",
            "title": "Cats\nand names",
            "create_time": 1683554160.5,
            "current_node": "reply-2",
            "mapping": {
                "root": {"id": "root", "message": None, "parent": None, "children": ["system", "ask-1"]},
                "system": node("system", None, "", "root"),
                "ask-1": node("ask-1", "user", "My cat is called Mizo.", "system", 1683554161),
                "ask-2": node("ask-2", "user", "My cat is called Miso.", "system", 1683554162, attached=["miso.jpg"]),
                "tool": node("tool", "tool", "searched", "ask-2", 1683554163),
                "code": node("code", "assistant", "search()", "ask-2", 1683554163, recipient="python"),
                "reply-1": node("reply-1", "assistant", "What?", "code", 1683554164),
                "reply-2": node("reply-2", "assistant", "A fine name.", "code", 1683554165),
            },
        }
    ]


def node(
    key: str,
    role: str | None,
    words: str,
    parent: str,
    when: float | None = None,
    *,
    recipient: str = "all",
    attached: list[str] | None = None,
) -> dict[str, Any]:
    message = {
        "id": f"m-{key}",
        "author": {"role": role or "system"},
        "create_time": when,
        "recipient": recipient,
        "content": {
            "content_type": "multimodal_text" if attached else "text",
            "parts": [{"content_type": "image_asset_pointer"}, words] if attached else [words],
        },
        "metadata": {"attachments": [{"name": name} for name in attached or []]},
    }
    return {"id": key, "message": message, "parent": parent, "children": []}


def claude() -> list[dict[str, Any]]:
    return [
        {
            "uuid": "c-1",
            "name": "Lisbon",
            "created_at": "2025-05-01T10:00:00.000000Z",
            "chat_messages": [
                {
                    "uuid": "1",
                    "sender": "human",
                    "text": "We went to Lisbon.",
                    "content": [{"type": "text", "text": "We went to Lisbon."}],
                    "created_at": "2025-05-01T10:00:01Z",
                    "attachments": [{"file_name": "notes.txt", "extracted_content": "secret"}],
                    "files": [{"file_name": "ferry.png"}],
                },
                {
                    "uuid": "2",
                    "sender": "assistant",
                    "text": "thinking… How was it?",
                    "content": [{"type": "thinking", "thinking": "…"}, {"type": "text", "text": "How was it?"}],
                    "created_at": "2025-05-01T10:00:05Z",
                },
            ],
        }
    ]


def sharegpt() -> list[dict[str, Any]]:
    said = [{"from": "human", "value": "Hello"}, {"from": "gpt", "value": "Hi"}, {"from": "system", "value": "x"}]
    return [{"id": "s-1", "conversations": said}, {"conversations": [{"from": "human", "value": "Alone"}]}]


WHATSAPP_PHONE = """\
\ufeff[24/12/2024, 21:05:01] Ana: \u200eMessages and calls are end-to-end encrypted.
[24/12/2024, 21:05:09] Ana: The ferry leaves at 7.
Do not be late!
\u200e[24/12/2024, 21:06:00] Ben: \u200e<attached: 00000012-PHOTO.jpg>
[25/12/2024, 08:00:00] Ben: \u200eimage omitted
[25/12/2024, 08:00:01] Ben: Ratio: 3:1
[25/12/2024, 08:00:01] Ben: Ratio: 3:1
"""

WHATSAPP_ANDROID = """\
12/24/24, 9:05\u202fPM - Messages and calls are end-to-end encrypted. No one outside of this chat can read them.
12/24/24, 9:06\u202fPM - Ana: The ferry leaves at 7.
12/25/24, 12:01\u202fAM - Ben: IMG-1.jpg (file attached)
"""


def zipped(file: Path, members: dict[str, object]) -> Path:
    """A zip file of texts, or of values as JSON."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content if isinstance(content, str) else json.dumps(content))
    return file


def llm_logs(file: Path) -> Path:
    """As llm's own migrations leave it, as far as it is read."""
    with closing(sqlite3.connect(file)) as database:
        database.executescript(
            """
            CREATE TABLE conversations (id TEXT PRIMARY KEY, name TEXT, model TEXT);
            CREATE TABLE responses (id TEXT PRIMARY KEY, model TEXT, prompt TEXT, system TEXT, response TEXT,
                                    conversation_id TEXT, datetime_utc TEXT);
            CREATE TABLE attachments (id TEXT PRIMARY KEY, type TEXT, path TEXT, url TEXT, content BLOB);
            CREATE TABLE prompt_attachments (response_id TEXT, attachment_id TEXT, "order" INTEGER);
            INSERT INTO conversations VALUES ('k1', 'Tea', 'm');
            INSERT INTO responses VALUES ('r1', 'm', 'Green or black?', NULL, 'Green.', 'k1', '2024-03-01T09:00:00.5');
            INSERT INTO responses VALUES ('r2', 'm', 'Why?', NULL, '', 'k1', '2024-03-01T09:01:00');
            INSERT INTO attachments VALUES ('a1', 'image/png', '/home/ana/tea.png', NULL, NULL);
            INSERT INTO prompt_attachments VALUES ('r2', 'a1', 0);
            """
        )
    return file


def ollama_app(file: Path) -> Path:
    """As Ollama's desktop app keeps its chats, as far as it is read."""
    with closing(sqlite3.connect(file)) as database:
        database.executescript(
            """
            CREATE TABLE chats (id TEXT PRIMARY KEY, title TEXT, created_at TIMESTAMP);
            CREATE TABLE messages (id INTEGER PRIMARY KEY, chat_id TEXT, role TEXT, content TEXT, thinking TEXT,
                                   created_at TIMESTAMP);
            CREATE TABLE attachments (id INTEGER PRIMARY KEY, message_id INTEGER, filename TEXT, data BLOB);
            INSERT INTO chats VALUES ('o1', 'Bread', '2025-08-05 12:00:00');
            INSERT INTO messages VALUES (1, 'o1', 'user', 'How long does it rise?', '',
                                         '2025-08-05 12:00:00.123456789+02:00');
            INSERT INTO messages VALUES (2, 'o1', 'assistant', 'Two hours.', 'hm', '2025-08-05 12:00:03+02:00');
            INSERT INTO messages VALUES (3, 'o1', 'tool', 'x', '', '2025-08-05 12:00:04+02:00');
            """
        )
    return file
