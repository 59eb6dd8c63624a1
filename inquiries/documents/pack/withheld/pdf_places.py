"""Every text in a PDF: on its pages, in what describes them, and in what no reader shows any more."""

import io
import re
import zipfile
import zlib

import pikepdf
import pypdfium2

from inquiries.documents.pack.withheld.docx_places import places_of_docx
from inquiries.documents.pack.withheld.pdf_orphans import orphan_texts
from inquiries.documents.pack.withheld.raw_text import printable
from inquiries.documents.pack.withheld.stream_text import shown_text

# Where a string stands in a PDF, by the key that leads to it; with what else the dictionary has to have.
NAMED = (
    ("/Alt", None, "an alternative text (for screen readers)"),
    ("/ActualText", None, "a replacement text (for screen readers)"),
    ("/E", None, "the long form of an abbreviation (for screen readers)"),
    ("/URI", None, "the address of a link"),
    ("/JS", None, "a script"),
    ("/Title", "/Parent", "a bookmark"),
    ("/T", "/S", "the title of a part (for screen readers)"),
    ("/T", None, "the name of a form field or note"),
    ("/TU", None, "the description of a form field"),
    ("/V", None, "the value of a form field"),
    ("/DV", None, "the first value of a form field"),
    ("/Contents", "/Subtype", "a note or the description of a link"),
    ("/UF", None, "the name of an attached file"),
    ("/F", None, "the name of an attached file"),
    ("/Desc", None, "the description of an attached file"),
    ("/Name", "/Type", "the name of a layer"),
    ("/P", "/S", "a page label"),
    ("/Names", None, "a named destination or attachment"),
    ("/Dest", None, "the destination of a link"),
    ("/D", None, "the destination of a link"),
)
END = b"%%EOF"
STREAM = re.compile(rb"(?<!end)stream\r?\n")
MANY_REVISIONS = 12
MOST = 50_000_000  # bytes of one stream that are looked at
DEEP = 3  # attachments within attachments


def places_of_pdf(data, depth=0):
    """Pairs (where, text) of all text in a PDF, given as bytes, that anybody could get out of it.

    Raises pikepdf.PdfError or pypdfium2.PdfiumError where it is no PDF: then nothing can be said about it.
    """
    yield from _pages(data)
    told = set()
    yield from _file(data, depth, told)
    ends = [match.end() for match in re.finditer(END, data)]
    for number, end in enumerate(ends[:-1][-MANY_REVISIONS:], start=1):
        # A file that was saved by adding to it still has in it all that was there before.
        try:
            earlier = list(_file(data[:end] + b"\n", depth, told))
        except pikepdf.PdfError:
            continue
        yield from ((f"an earlier version inside the file ({number}), {where}", text) for where, text in earlier)
    for start, text in _raw(data, told):
        yield f"the file itself, from byte {start}", text


def _pages(data):
    document = pypdfium2.PdfDocument(data)
    try:
        for number in range(len(document)):
            page = document[number]
            textpage = page.get_textpage()
            yield f"page {number + 1}", textpage.get_text_range()
            textpage.close()
            page.close()
    finally:
        document.close()


def _file(data, depth, told):
    """All but the pages of one version of the file. `told` gathers marks of the streams that have been read."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        seen = set()
        for thing in pdf.objects:
            where = f"object {thing.objgen[0]}"
            if isinstance(thing, pikepdf.Stream):
                yield from _strings(thing.stream_dict, where, seen)
                yield from _stream(thing, where, depth, told)
            else:
                yield from _strings(thing, where, seen)
        for key, value in pdf.trailer.items():
            if key == "/Info" and isinstance(value, pikepdf.Dictionary):
                yield from _strings(value, "the document's properties", seen)
            elif not _is_apart(value):
                yield from _strings(value, "the file's trailer", seen)
        yield from orphan_texts(pdf)


def _strings(thing, where, seen):
    """The strings of an object and of what stands directly in it; other objects have their own turn.

    `seen` gathers the names and keys that have been told: most are PDF's own, thousands of times.
    """
    if isinstance(thing, pikepdf.Dictionary):
        for key, value in thing.items():
            if key not in seen:
                seen.add(key)
                yield where, key[1:]
            if not _is_apart(value):
                yield from _strings(value, _place_of(thing, key) or where, seen)
    elif isinstance(thing, pikepdf.Array):
        for value in thing:
            if not _is_apart(value):
                yield from _strings(value, where, seen)
    elif isinstance(thing, pikepdf.String):
        yield where, _read(thing)
    elif isinstance(thing, pikepdf.Name) and str(thing) not in seen:
        seen.add(str(thing))
        yield where, str(thing)[1:]


def _is_apart(value):
    """Whether it is an object by itself, which has its own turn."""
    return isinstance(value, pikepdf.Object) and value.is_indirect


def _read(string):
    """A string as every reader might take it: as PDF says, and as UTF-8."""
    text = str(string)
    try:
        wide = bytes(string).decode("utf-8")
    except UnicodeDecodeError:
        return text
    return text if wide == text else f"{text}\n{wide}"


def _place_of(dictionary, key):
    for name, beside, where in NAMED:
        if name == key and (beside is None or beside in dictionary):
            return where
    return f"the entry {key[1:]} of the document's properties" if "/Producer" in dictionary else ""


def _stream(stream, where, depth, told):
    kind = stream.get("/Subtype"), stream.get("/Type")
    if kind[1] == "/Metadata":
        where = "the document's metadata (XMP)"
    elif "/EmbeddedFile" in kind or (stream.get("/Params") is not None and kind[0] != "/Image"):
        where = "an attached file"
    if kind[0] == "/Image":
        yield where, printable(stream.read_raw_bytes())
        return
    try:
        content = stream.read_bytes()
    except pikepdf.PdfError:
        yield where, printable(stream.read_raw_bytes())
        return
    mark = hash(content)
    if mark in told:
        return
    told.add(mark)
    if where == "an attached file" and depth < DEEP:
        yield from _attached(content, depth)
    yield where, shown_text(content)


def _attached(content, depth):
    if content.startswith(b"%PDF"):
        try:
            found = list(places_of_pdf(content, depth + 1))
        except (pikepdf.PdfError, pypdfium2.PdfiumError):
            return
    elif content.startswith(b"PK"):
        try:
            found = list(places_of_docx(content))
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
            return
    else:
        return
    yield from ((f"an attached file, {where}", text) for where, text in found)


def _raw(data, told):
    """The bytes as they are, and every compressed stream in them, listed in the file's tables or not."""
    yield 0, printable(data)
    for match in STREAM.finditer(data):
        start = match.end()
        if data[start : start + 1] in (b"\x78", b"\x48", b"\x58", b"\x68"):
            try:
                content = zlib.decompressobj().decompress(data[start : data.find(b"endstream", start)], MOST)
            except zlib.error:
                continue
            if hash(content) not in told:
                yield start, shown_text(content)
