"""Files as memories: what becomes of each kind, known by content, and refused by file."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from memory_store import MemoryStore, attachments
from memory_store.errors import ImportFailed
from memory_store.interchange import export_file, import_file, import_files
from memory_store.interchange.files import images, pdf
from memory_store.interchange.files.kinds import NotReadable
from memory_store.interchange.files.pdf import read
from tests.conftest import ON_BOTH, OpenStore
from tests.interchange.files import making

pytestmark = ON_BOTH

LEASE = ["The lease begins in March.\nThe rent is pay-\nable by the fifth.", "", "The notice period is three months."]


@pytest.fixture
def store(open_store: OpenStore) -> MemoryStore:
    return open_store()


def file(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def texts(store: MemoryStore) -> list[str]:
    turns = sorted(store.memories(), key=lambda turn: (turn.conversation_id or "", turn.position))
    return [turn.text for turn in turns]


def test_a_pdf_becomes_its_entry_and_passages_with_their_pages(store: MemoryStore, tmp_path: Path) -> None:
    lease = file(tmp_path, "lease.pdf", making.pdf(LEASE, title="The flat"))
    os.utime(lease, (1_700_000_000, 1_700_000_000))
    report = import_files(store, [lease])
    assert (report.total.turns_new, report.refused) == (3, ())
    assert report.total.notes == ("lease.pdf: no text on 1 of 3 pages (scans, perhaps).",)
    entry, first, last = store.memories(conversation=report.conversations[0], newest_first=False)
    assert entry.text == "[file lease.pdf: PDF of 3 pages, “The flat”, 1 kB]"
    assert (first.text, attachments.page_of(first)) == (
        "The lease begins in March. The rent is payable by the fifth.",
        1,
    )
    assert (last.text, attachments.page_of(last)) == ("The notice period is three months.", 3)
    assert {turn.speaker for turn in (entry, first, last)} == {"file lease.pdf"}
    assert {turn.said_at.year for turn in (entry, first, last)} == {2023}
    assert attachments.original(store, last) == lease
    talk = store.conversation(report.conversations[0])
    assert (talk.title, talk.archived) == ("lease.pdf", True)


def test_it_is_recalled_as_the_users_own(store: MemoryStore, tmp_path: Path) -> None:
    store.remember("I read a lease once, in a novel.", speaker="assistant")
    import_files(store, [file(tmp_path, "lease.pdf", making.pdf(LEASE))])
    hit = store.recall("What is the notice period of my lease?")[0]
    assert hit.memory.text == LEASE[2]
    assert hit.reasons["speaker"] > 0


def test_text_and_markdown(store: MemoryStore, tmp_path: Path) -> None:
    plain = file(tmp_path, "note.txt", "\ufeffThe key is with Ana.\r\n")
    wide = file(tmp_path, "wide.txt", "Grüße aus Köln".encode("utf-16"))
    marked = file(tmp_path, "trips.md", "# Trips\n\nLisbon.")
    import_files(store, [plain, wide, marked])
    kept = texts(store)
    assert {"The key is with Ana.", "Grüße aus Köln", "# Trips\n\nLisbon."} < set(kept)
    assert "[file trips.md: Markdown, 1 kB]" in kept


def test_a_file_is_known_by_its_content_wherever_it_lies(store: MemoryStore, tmp_path: Path) -> None:
    first = file(tmp_path, "a.md", "The ferry leaves at nine.")
    import_files(store, [first])
    before = store.memories()
    moved = first.rename(tmp_path / "b.md")
    again = import_files(store, [moved, moved])
    assert (again.total.turns_new, again.total.turns_known, again.total.notes) == (0, 4, ())
    assert import_file(store, moved).turns_new == 0
    assert store.memories() == before
    changed = import_files(store, [file(tmp_path, "b.md", "The ferry leaves at ten.")])
    assert changed.total.turns_new == 2


def test_words_of_the_user_go_with_it_also_later(store: MemoryStore, tmp_path: Path) -> None:
    bike = file(tmp_path, "bike.txt", "frame 58")
    report = import_files(store, [bike], words="My new bike.")
    entry = attachments.entry_of(store, report.conversations[0])
    assert (entry.text, entry.speaker) == ("My new bike.\n\n[file bike.txt: text, 1 kB]", "user")
    assert import_files(store, [bike], words="My new bike.").total.turns_new == 0
    assert import_files(store, [bike], words="It was stolen in May.").total.turns_new == 1
    assert import_files(store, [bike], words="It was stolen in May.").total.turns_new == 0


def test_what_cannot_be_read_is_told_by_file_and_the_rest_comes_in(store: MemoryStore, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "huge.txt").open("wb") as huge:
        huge.truncate(2_000_000_000)
    whole = making.pdf(LEASE)
    file(tmp_path, "empty.txt", "  \n")
    file(tmp_path, "blob.bin", b"\x00\x01\x02")
    file(tmp_path, "latin.txt", "caf\xe9".encode("latin-1"))
    file(tmp_path, "cut.pdf", whole[: len(whole) // 3])
    file(tmp_path, "locked.pdf", making.locked(whole, "secret"))
    file(tmp_path, "owner.pdf", making.locked(whole, ""))
    file(tmp_path, "good.md", "This one is good.")
    report = import_files(store, [*sorted(tmp_path.glob("[!s]*")), tmp_path / "absent"])
    assert {one.path.name: one.reason for one in report.refused} == {
        "absent": "cannot be read (No such file or directory)",
        "blob.bin": "neither text, Markdown, PDF nor an image: save it as a PDF",
        "cut.pdf": "a damaged PDF file",
        "empty.txt": "the file is empty",
        "folder": "a folder: name a file in it; all of it: mneme memory import --format files FOLDER",
        "huge.txt": "larger than 100 MB",
        "latin.txt": "not UTF-8 text: save the file as UTF-8",
        "locked.pdf": "a PDF file with a password: save a copy without one",
        "loop": "cannot be read (Too many levels of symbolic links)",
        "pipe": "not a file, but a pipe or a device",
    }
    assert {"This one is good.", LEASE[2]} <= set(texts(store))
    assert report.total.conversations == 2


def test_a_damaged_pdf_is_read_or_refused_and_nothing_else() -> None:
    whole = making.pdf(LEASE, title="The flat")
    for place in range(0, len(whole), 7):
        with suppress(NotReadable):
            read(whole[:place] + b"<<" + whole[place + 2 :])


def test_a_pdf_that_takes_for_ever_is_given_up(
    store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "PATIENCE_S", 0.0)
    report = import_files(store, [file(tmp_path, "lease.pdf", making.pdf(LEASE))])
    assert [one.reason for one in report.refused] == ["a PDF file that takes too long to read"]


def test_the_format_is_told_from_the_file(store: MemoryStore, tmp_path: Path) -> None:
    assert import_file(store, file(tmp_path, "lease.pdf", making.pdf(LEASE))).format == "files"
    assert import_file(store, file(tmp_path, "trips.md", "# Trips")).format == "files"
    with pytest.raises(ImportFailed, match="password"):
        import_file(store, file(tmp_path, "locked.pdf", making.locked(making.pdf(LEASE), "secret")))


def test_a_picture_without_a_reader_is_its_name_and_the_users_words(
    store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    report = import_files(store, [making.picture(tmp_path / "pass.png", ["Boarding"])], words="To Porto.")
    [kept] = store.memories()
    assert kept.text.startswith("To Porto.\n\n[file pass.png: image, ")
    assert "tesseract is not installed" in report.total.notes[0]


@pytest.mark.skipif(not images.can_read(), reason="tesseract is not installed")
def test_the_words_in_a_picture_are_read_and_noise_is_none(store: MemoryStore, tmp_path: Path) -> None:
    from PIL import Image

    noise = tmp_path / "noise.png"
    Image.effect_noise((300, 200), 90).save(noise)
    import_files(store, [making.picture(tmp_path / "pass.png", ["Boarding pass: Ana Silva", "Flight to Porto"]), noise])
    passages = [turn.text for turn in store.memories() if "passage" in (turn.source_id or "")]
    assert len(passages) == 1
    assert "Ana Silva" in passages[0]
    assert "Porto" in passages[0]


def test_it_is_edited_forgotten_and_taken_back_like_any_memory(store: MemoryStore, tmp_path: Path) -> None:
    paths = [file(tmp_path, "a.md", "The ferry leaves at nine."), file(tmp_path, "b.md", "The bus leaves at ten.")]
    import_files(store, paths)
    ferry = next(turn for turn in store.memories() if turn.text.startswith("The ferry"))
    store.edit(ferry.id, "The ferry leaves at eight.")
    assert store.recall("ferry")[0].memory.text == "The ferry leaves at eight."
    assert import_files(store, paths[:1]).total.turns_new == 0
    store.forget(ferry.id)
    assert all(hit.memory.id != ferry.id for hit in store.recall("ferry"))
    store.undo()
    store.undo()
    assert store.undo()[0].act.kind == "import"
    assert store.memories() == []


def test_a_purge_leaves_no_byte_of_it(store: MemoryStore, tmp_path: Path) -> None:
    secret = file(tmp_path, "quokka-report.md", "The wombat is called Ziegfried.")
    report = import_files(store, [secret], words="About the numbat.")
    receipt = store.purge([turn.id for turn in store.memories(conversation=report.conversations[0])])
    assert receipt.traces == ()
    secret.unlink()
    store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for trace in (b"Ziegfried", b"numbat", b"quokka"):
        assert trace not in kept


def test_it_goes_out_and_in_with_the_memory(open_store: OpenStore, tmp_path: Path) -> None:
    first, second = open_store("first"), open_store("second")
    import_files(first, [file(tmp_path, "lease.pdf", making.pdf(LEASE))])
    export_file(first, tmp_path / "all.jsonl")
    import_file(second, tmp_path / "all.jsonl")
    assert texts(second) == texts(first)
    assert attachments.original(second, second.memories()[0]) == tmp_path / "lease.pdf"
    assert import_files(second, [tmp_path / "lease.pdf"]).total.turns_new == 0


def test_a_name_that_is_no_text(store: MemoryStore, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9\x1b[31m.md"
    try:
        shutil.copy(file(tmp_path, "plain.md", "Words."), path)
    except OSError:
        pytest.skip("this filesystem takes no such names")
    report = import_files(store, [Path(os.fsdecode(path))])
    entry = attachments.entry_of(store, report.conversations[0])
    assert entry.text.isprintable()
    assert attachments.original(store, entry) == Path(os.fsdecode(path))
