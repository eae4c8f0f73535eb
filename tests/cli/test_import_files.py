"""``mneme memory import --format files``."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_documented_fields import row
from tests.command import Run
from tests.interchange.files.making import pdf


def test_files_become_memories_and_what_cannot_is_told(mneme: Run, tmp_path: Path) -> None:
    lease, blob = tmp_path / "lease.pdf", tmp_path / "blob.bin"
    lease.write_bytes(pdf(["The notice period is three months."]))
    blob.write_bytes(b"\0\1")
    told = mneme("memory", "import", "--format", "files", lease, blob)
    assert told.code == 1
    assert f"{blob}: neither text, Markdown, PDF nor an image: save it as a PDF. Left out." in told.err
    assert "2 new memories, 0 known, in 1 file." in told.err
    again = mneme("memory", "import", lease, "--json").done().json
    assert set(again) == row("memory import") - {"file", "reason"}
    assert (again["format"], again["turns_new"], again["turns_known"], again["refused"]) == ("files", 0, 2, [])
    assert "three months" in mneme("ask", "What is the notice period of my lease?").done().out
    [passage] = [one for one in mneme("memory", "list", "--json").done().json if one["text"].startswith("The notice")]
    assert f"page 1 of {lease}\n" in mneme("memory", "show", passage["id"]).done().out
    lease.unlink()
    assert f"page 1 of {lease} (no longer there)" in mneme("memory", "show", passage["id"]).done().out
    assert mneme("conversations", "list").done().out.count("lease.pdf") == 0
    assert mneme("conversations", "list", "--archived").done().out.count("lease.pdf") == 1


def test_a_folder_is_all_that_is_in_it(mneme: Run, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    (notes / "deep").mkdir(parents=True)
    (notes / ".git").mkdir()
    (notes / "garden.md").write_text("The hive stands behind the shed.")
    (notes / "deep" / "car.txt").write_text("The spare tyre is in the cellar.")
    (notes / "deep" / "around").symlink_to(notes)
    for hidden in (notes / ".draft.md", notes / ".git" / "HEAD"):
        hidden.write_text("Not this.")
    told = mneme("memory", "import", "--format", "files", notes).done().err
    assert "4 new memories, 0 known, in 2 files." in told
    (notes / "film.mp4").write_bytes(b"\0\1")
    (tmp_path / "nothing").mkdir()
    told = mneme("memory", "import", "--format", "files", notes, tmp_path / "nothing")
    assert told.code == 1
    assert f"{notes / 'film.mp4'}: neither text" in told.err
    assert f"{tmp_path / 'nothing'}: a folder" in told.err
    assert "0 new memories, 4 known, in 2 files." in told.err
    assert "cellar" in mneme("memory", "search", "spare tyre").done().out
    mneme("memory", "import", notes).refused("--format files")


def test_several_files_and_words_want_the_format(mneme: Run, tmp_path: Path) -> None:
    mneme("memory", "import", tmp_path / "a", tmp_path / "b").refused("--format files")
    mneme("memory", "import", tmp_path / "a", "--words", "Mine.").refused("--format files")
