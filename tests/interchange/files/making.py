"""Files to bring in, made by hand so that no other program is needed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from pypdf import PdfReader, PdfWriter


def pdf(pages: Sequence[str], title: str = "") -> bytes:
    """A PDF file with a page for each text; its lines are lines of the page."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for text in pages:
        shown = b" ".join(b"(%s) Tj T*" % line.encode("latin-1") for line in text.splitlines())
        stream = b"BT /F1 12 Tf 14 TL 50 780 Td %s ET" % shown
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        fonts = b"/Resources << /Font << /F1 3 0 R >> >>"
        page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] %s /Contents %d 0 R >>"
        objects.append(page % (fonts, len(objects)))
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    objects.append(b"<< /Title (%s) >>" % title.encode("latin-1"))
    return _written(objects)


def _written(objects: Sequence[bytes]) -> bytes:
    out, offsets = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    out.write(trailer % (len(objects) + 1, len(objects), table))
    return out.getvalue()


def locked(content: bytes, password: str) -> bytes:
    """The same PDF file, encrypted; an empty password is asked of nobody."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    writer.encrypt(password, "the owner's", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def picture(file: Path, lines: Sequence[str]) -> Path:
    """Words in black on white, large enough to be read."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (900, 120 + 80 * len(lines)), "white")
    font = ImageFont.load_default(36)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((40, 40 + 80 * number), line, fill="black", font=font)
    image.save(file)
    return file
