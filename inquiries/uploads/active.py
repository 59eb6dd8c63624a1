"""Takes out of a PDF whatever does something by itself or brings another file along; ordinary links stay.

The library's own sanitizer knows the usual places. Our pass looks at every object of the file first, wherever it
hangs, keeps only the actions it knows to be harmless, and counts what it takes out, to be told to the clerk.
"""

import re
from collections import Counter

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream
from pikepdf.sanitize import Sanitizer

from inquiries.uploads.opening import unparsed

SCHEMES = {"http", "https", "mailto", "tel"}
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\ufeff]")
TURNING = {"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"}

SCRIPT = ("a script (JavaScript)", "{} scripts (JavaScript)")
PROGRAM = ("a link that starts a program", "{} links that start programs")
OTHER_FILE = ("a link to a file on somebody’s own computer", "{} links to files on somebody’s own computer")
FORM = ("a button that sends what is typed into the form", "{} buttons that send what is typed into the form")
MEDIA = ("a film, sound or 3D model", "{} films, sounds or 3D models")
ADDRESS = ("a link to an address that is not on the web", "{} links to addresses that are not on the web")
ATTACHMENT = ("an attached file", "{} attached files")
OTHER = ("an automatic action", "{} automatic actions")
OUTSIDE = ("a reference to content outside the file", "{} references to content outside the file")
PRIVATE = (
    "private data of the program that made the file",
    "{} pieces of private data of the program that made it",
)
THUMBNAIL = ("a small preview picture of a page", "{} small preview pictures of pages")
SEARCH = ("a record of the web pages the file was made from", "{} records of the web pages the file was made from")
PORTFOLIO = ("the cover of a portfolio: only this file’s own pages are kept", "{} covers of portfolios")

KINDS = {
    "/JavaScript": SCRIPT,
    "/Launch": PROGRAM,
    "/GoToR": OTHER_FILE,
    "/GoToE": OTHER_FILE,
    "/Thread": OTHER_FILE,
    "/SubmitForm": FORM,
    "/ImportData": FORM,
    "/ResetForm": FORM,
    "/Rendition": MEDIA,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/GoTo3DView": MEDIA,
    "/RichMediaExecute": MEDIA,
    "/URI": ADDRESS,
}
# These mean an action wherever they stand, even where nothing should look for one.
ALWAYS_ACTIONS = {"/JavaScript", "/Launch", "/GoToR", "/GoToE", "/SubmitForm", "/ImportData", "/Rendition"}
# Keys that go wherever they stand, and how that is told; where it is not, metadata is taken out in `details`.
GONE = {
    "/EF": ATTACHMENT,
    "/AF": None,
    "/JS": None,
    "/PieceInfo": PRIVATE,
    "/Thumb": THUMBNAIL,
    "/Ref": OUTSIDE,
    "/OPI": OUTSIDE,
    "/Alternates": None,
    "/Metadata": None,
}
CATALOGUE = {"/Collection": PORTFOLIO, "/SpiderInfo": SEARCH, "/Requirements": None, "/Perms": None, "/Legal": None}
SUSPICIOUS = re.compile(
    rb"/(?:A|PA|AA|OpenAction|FFilter|F|" + "|".join(key[1:] for key in [*GONE, *ALWAYS_ACTIONS]).encode() + rb")\b"
)
LONGEST_CHAIN = 1000


def remove_active_content(pdf):
    """Take out of an open pikepdf.Pdf what acts by itself. Returns a sentence for each kind of thing taken out."""
    found = Counter()
    _clean_catalogue(pdf, found)
    for item in list(pdf.objects):
        if isinstance(item, Stream):
            _clean_stream(item, found)
        if isinstance(item, (Dictionary, Array, Stream)) and SUSPICIOUS.search(unparsed(item)):
            _clean_container(item, found)
    sanitizer = Sanitizer().remove_javascript().remove_attachments().remove_thumbnails().remove_search_index()
    sanitizer.remove_multimedia().remove_web_capture().remove_private_app_data().remove_collection().apply(pdf)
    return [taken_out(words, count) for words, count in sorted(found.items())]


def taken_out(words, count):
    """The sentence for `count` things of one kind: "Taken out: 2 attached files."."""
    return f"Taken out: {words[0] if count == 1 else words[1].format(count)}."


def _clean_catalogue(pdf, found):
    root = pdf.Root
    for key, words in CATALOGUE.items():
        if key in root:
            del root[key]
            if words:
                found[words] += 1
    if "/OpenAction" in root:
        # Which page it opens at means nothing in a pack.
        if not _is_harmless(root["/OpenAction"]):
            _count_chain(root["/OpenAction"], found)
        del root["/OpenAction"]
    if "/URI" in root:
        del root["/URI"]
    names = root.get("/Names")
    if not isinstance(names, Dictionary):
        return
    for key, words in (("/JavaScript", SCRIPT), ("/Renditions", MEDIA), ("/URLS", SEARCH), ("/IDS", SEARCH)):
        if key in names:
            found[words] += 1
    # Destinations are the one kind of names that pages need.
    root["/Names"] = Dictionary({"/Dests": names["/Dests"]} if "/Dests" in names else {})


def _clean_stream(stream, found):
    if "/F" in stream or "/FFilter" in stream:
        for key in ("/F", "/FFilter", "/FDecodeParms"):
            if key in stream:
                del stream[key]
        found[OUTSIDE] += 1


def _clean_container(item, found):
    """Clean an object and what is written inside it; what it refers to is an object of its own."""
    inside = [item]
    while inside:
        held = inside.pop()
        if isinstance(held, Array):
            inside += [each for each in held if _is_written_inside(each)]
            continue
        _clean_dictionary(held, found)
        inside += [held[key] for key in list(held.keys()) if _is_written_inside(held[key])]


def _is_written_inside(value):
    return isinstance(value, (Dictionary, Array)) and not value.is_indirect


def _clean_dictionary(held, found):
    for key, words in GONE.items():
        # A tag may refer to others under this name; a reference to another file is a dictionary.
        if key in held and (key != "/Ref" or isinstance(held[key], Dictionary)):
            del held[key]
            if words:
                found[words] += 1
    if "/AA" in held:
        for event in _values(held["/AA"]):
            _count_chain(event, found)
        del held["/AA"]
    for key in ("/A", "/PA"):
        if key in held:
            _clean_slot(held, key, found)
    if _kind(held) in ALWAYS_ACTIONS:
        _count_chain(held, found)
        for key in list(held.keys()):
            del held[key]


def _clean_slot(held, key, found):
    """The action in a slot: kept alone where it is harmless, taken out with all that follows it where it is not."""
    action = held[key]
    if not _kind(action):
        # An attribute of a tag, or a list of them, has the same key; a list of actions has no meaning.
        if isinstance(action, Array) and any(_kind(each) in KINDS for each in action):
            del held[key]
            found[OTHER] += 1
        return
    if not _is_harmless(action):
        _count_chain(action, found)
        del held[key]
    elif "/Next" in action:
        for following in _followers(action):
            _count_chain(following, found)
        del action["/Next"]


def _kind(value):
    """The kind of an action as "/GoTo"; "" for what is none."""
    kind = value.get("/S") if isinstance(value, (Dictionary, Stream)) else None
    return str(kind) if isinstance(kind, Name) else ""


def _is_harmless(action):
    """Whether an action, taken without what follows it, goes to a page of this file or to the web."""
    kind = _kind(action)
    if kind == "/URI":
        return is_web_address(action.get("/URI"))
    if kind == "/Named":
        return str(action.get("/N")) in TURNING
    return kind in ("", "/GoTo")


def is_web_address(address):
    """Whether the address of a link leads to the web, to mail or to a telephone, as far as anybody can read it."""
    plain = UNSEEN.sub("", str(address))
    scheme = SCHEME.match(plain)
    return not plain.startswith("\\\\") and (scheme is None or scheme.group(1).lower() in SCHEMES)


def _count_chain(action, found):
    """Count an action and all that follow it, however they are chained."""
    waiting, seen = [action], set()
    while waiting and len(seen) < LONGEST_CHAIN:
        each = waiting.pop()
        if not isinstance(each, (Dictionary, Stream)):
            continue
        mark = each.objgen if each.is_indirect else ("written inside", len(seen))
        if mark in seen:
            continue
        seen.add(mark)
        if not _is_harmless(each):
            found[KINDS.get(_kind(each), OTHER)] += 1
        waiting += _followers(each)


def _followers(action):
    following = action.get("/Next")
    return list(following) if isinstance(following, Array) else [following]


def _values(value):
    return [value[key] for key in list(value.keys())] if isinstance(value, Dictionary) else []


def is_annotation(value):
    """Whether something is an annotation of a page."""
    return isinstance(value, pikepdf.Dictionary) and "/Subtype" in value and "/Rect" in value
