"""What a PDF says about itself: title and language are read, the rest (author, program, dates) is taken out."""

import re

import pikepdf

# What every program writes and nobody minds: it goes without a word.
UNREMARKABLE = {"/Title", "/Producer", "/Creator", "/CreationDate", "/ModDate", "/Trapped"}
NAMES = {"dc:creator": "Author", "dc:description": "Subject", "pdf:Keywords": "Keywords"}
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
LONGEST_TITLE = 300


def take_details(pdf):
    """Read the title and language of an open pikepdf.Pdf and take out what it says about itself.

    Returns (title, language, sentences).
    """
    described = _description(pdf)
    language = str(pdf.Root.get("/Lang", ""))
    details = {key: described[name] for name, key in NAMES.items() if described.get(name)}
    information = pdf.trailer.get("/Info")
    written = ""
    if isinstance(information, pikepdf.Dictionary):
        written = _plain(information.get("/Title", ""))
        telling = set(information.keys()) - UNREMARKABLE
        details |= {key[1:]: True for key in telling if _plain(information[key])}
        del pdf.trailer["/Info"]
    if "/Metadata" in pdf.Root:
        del pdf.Root["/Metadata"]
    title = (_plain(described.get("dc:title", "")) or written)[:LONGEST_TITLE]
    said = []
    if details:
        names = ", ".join(_plain(key).lower() for key in sorted(details)[:8])
        said.append(f"Taken out: what the file says about itself ({names}).")
    return title, language if LANGUAGE.fullmatch(language) and len(language) <= 20 else "", said


def _description(pdf):
    """The XMP metadata as {name: text}; nothing where they cannot be read."""
    try:
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            return {name: _plain(metadata.get(name, "")) for name in ("dc:title", *NAMES)}
    except (ValueError, TypeError, KeyError, SyntaxError, pikepdf.PdfError):
        return {}


def _plain(value):
    words = ", ".join(map(str, value)) if isinstance(value, (list, set, tuple)) else str(value)
    return " ".join(CONTROLS.sub(" ", words).split())
