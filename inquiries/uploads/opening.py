"""Opens an uploaded PDF, or says why it cannot be taken: locked, damaged, without pages, too long, too large inside."""

import zlib

import pikepdf

from inquiries.uploads.received import Rejected

# In bytes, once unpacked. The largest picture is an A3 page in colour at 600 dots an inch, and some.
LARGEST_PICTURE = 300_000_000
LARGEST_STREAM = 64_000_000
LARGEST_WHOLE = 1_500_000_000
PIECE = 1 << 20
MOST_FILTERS = 5
FLATE = {"/FlateDecode", "/Fl"}

LOCKED = "This PDF asks for a password. Save it without one and upload it again."
DAMAGED = "This PDF is damaged and cannot be opened. Save it as PDF again and upload that."
INCOMPLETE = "A part of this PDF is missing: it was perhaps cut off on its way. Save it as PDF again and upload that."
BROKEN_PIECES = "Parts of this PDF are damaged and cannot be read. Save it as PDF again and upload that."
BOMB = "This PDF unpacks to more than can be printed. Save it as PDF again, with smaller pictures, and upload that."
TOO_MUCH = "This PDF is too large or too complicated to check. Print it to PDF and upload that, or cut it in parts."
STRANGE = "This PDF is built in a way that cannot be checked. Print it to PDF and upload that."


def open_pdf(path, most_pages):
    """The file as an open pikepdf.Pdf, and sentences about what opening it took. Raises Rejected."""
    try:
        pdf = pikepdf.open(path, suppress_warnings=True)
        claimed = pdf.Root.get("/Pages", {}).get("/Count", 0)
        if isinstance(claimed, int) and claimed > most_pages:
            raise Rejected(_too_many(claimed, most_pages))
        count = len(pdf.pages)
    except pikepdf.PasswordError:
        raise Rejected(LOCKED) from None
    except pikepdf.PdfError:
        raise Rejected(DAMAGED) from None
    if not count:
        raise Rejected("This PDF has no pages.")
    if count > most_pages:
        raise Rejected(_too_many(count, most_pages))
    said = []
    if pdf.is_encrypted:
        said.append("The file was locked against copying or printing; the lock was taken off.")
    if _was_repaired(pdf):
        _check_nothing_is_missing(pdf, claimed, count)
        said.append("The file was damaged and has been repaired: look whether all its pages are there.")
    _check_streams(pdf)
    return pdf, said


def _too_many(count, most):
    return f"This PDF has {count:,} pages; at most {most:,} are taken. Upload it in parts."


def _was_repaired(pdf):
    return any("reconstruct" in warning or "damaged" in warning for warning in map(str, pdf.get_warnings()))


def _check_nothing_is_missing(pdf, claimed, count):
    """A file that was cut off may open, with pages left out or blank; to the library what is missing is None."""
    if (isinstance(claimed, int) and claimed > count) or any(item is None for item in pdf.objects):
        raise Rejected(INCOMPLETE)


def unparsed(item):
    """A dictionary, an array, or a stream's dictionary as the bytes that stand in a file, names in plain spelling."""
    source = item.stream_dict if isinstance(item, pikepdf.Stream) else item
    return source.unparse(resolved=True) if isinstance(source, pikepdf.Object) else b""


def _check_streams(pdf):
    """Raise Rejected where a stream cannot be unpacked, or unpacks to too much."""
    whole = 0
    for item in pdf.objects:
        if not isinstance(item, pikepdf.Stream):
            continue
        picture = item.get("/Subtype") == pikepdf.Name.Image
        most = LARGEST_PICTURE if picture else LARGEST_STREAM
        if picture and _picture_size(item) > LARGEST_PICTURE:
            raise Rejected(BOMB)
        filters = _filters(item)
        if len(filters) > MOST_FILTERS:
            raise Rejected(STRANGE)
        if filters and all(name in FLATE for name in filters):
            try:
                size = _unpacked_size(item.read_raw_bytes(), len(filters), most)
            except zlib.error:
                raise Rejected(BROKEN_PIECES) from None
            whole += size
            if size > most or whole > LARGEST_WHOLE:
                raise Rejected(BOMB)


def _picture_size(picture):
    bits = 1 if picture.get("/ImageMask") is True else _number(picture.get("/BitsPerComponent"), 8)
    return _number(picture.get("/Width"), 0) * _number(picture.get("/Height"), 0) * bits // 8


def _number(value, otherwise):
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else otherwise


def _filters(stream):
    found = stream.get("/Filter")
    if found is None:
        return []
    return [str(name) for name in found] if isinstance(found, pikepdf.Array) else [str(found)]


def _unpacked_size(data, stages, most):
    """How many bytes `data` unpacks to, packed so many times; counting stops above `most`."""
    pieces = iter([data])
    for _ in range(stages):
        pieces = _unpacked(pieces)
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            break
    return size


def _unpacked(pieces):
    """The pieces unpacked, a bounded piece at a time. Whatever follows the end of the packed data is not read."""
    unpacker = zlib.decompressobj()
    for piece in pieces:
        while piece and not unpacker.eof:
            yield unpacker.decompress(piece, PIECE)
            piece = unpacker.unconsumed_tail
