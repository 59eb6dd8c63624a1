"""Makes an uploaded PDF safe to publish: refuses what cannot be checked, removes what acts, hides or reveals."""

import re
import zlib
from collections import Counter

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream
from pikepdf.sanitize import Sanitizer

from inquiries.uploads.paper import Rejected

# Opening: a PDF that is locked, damaged, without pages, too long or too large inside is refused.

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
            raise Rejected(too_many_pages(claimed, most_pages))
        count = len(pdf.pages)
    except pikepdf.PasswordError:
        raise Rejected(LOCKED) from None
    except pikepdf.PdfError:
        raise Rejected(DAMAGED) from None
    if not count:
        raise Rejected("This PDF has no pages.")
    if count > most_pages:
        raise Rejected(too_many_pages(count, most_pages))
    messages = []
    if pdf.is_encrypted:
        messages.append("The file was locked against copying or printing; the lock was removed.")
    if any("reconstruct" in warning or "damaged" in warning for warning in map(str, pdf.get_warnings())):
        check_nothing_is_missing(pdf, claimed, count)
        messages.append("The file was damaged and has been repaired: check that all its pages are there.")
    check_streams(pdf)
    return pdf, messages


def too_many_pages(count, limit):
    return f"This PDF has {count:,} pages; at most {limit:,} are taken. Upload it in parts."


def check_nothing_is_missing(pdf, claimed, count):
    """A file that was cut off may open, with pages left out or blank; to the library what is missing is None."""
    if (isinstance(claimed, int) and claimed > count) or any(item is None for item in pdf.objects):
        raise Rejected(INCOMPLETE)


def object_source(item):
    """A dictionary, an array, or a stream's dictionary as bytes, with escaped names (/J#53) spelt out."""
    source = item.stream_dict if isinstance(item, Stream) else item
    return source.unparse(resolved=True) if isinstance(source, pikepdf.Object) else b""


def check_streams(pdf):
    """Raise Rejected where a stream cannot be unpacked, or unpacks to too much."""
    whole = 0
    for item in pdf.objects:
        if not isinstance(item, Stream):
            continue
        picture = item.get("/Subtype") == Name.Image
        limit = LARGEST_PICTURE if picture else LARGEST_STREAM
        if picture and image_size(item) > LARGEST_PICTURE:
            raise Rejected(BOMB)
        filters = stream_filters(item)
        if len(filters) > MOST_FILTERS:
            raise Rejected(STRANGE)
        if filters and all(name in FLATE for name in filters):
            try:
                size = unpacked_size(item.read_raw_bytes(), len(filters), limit)
            except zlib.error:
                raise Rejected(BROKEN_PIECES) from None
            whole += size
            if size > limit or whole > LARGEST_WHOLE:
                raise Rejected(BOMB)


def image_size(picture):
    bits = 1 if picture.get("/ImageMask") is True else number_or(picture.get("/BitsPerComponent"), 8)
    return number_or(picture.get("/Width"), 0) * number_or(picture.get("/Height"), 0) * bits // 8


def number_or(value, otherwise):
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else otherwise


def stream_filters(stream):
    found = stream.get("/Filter")
    if found is None:
        return []
    return [str(name) for name in found] if isinstance(found, Array) else [str(found)]


def unpacked_size(data, stages, limit):
    """How many bytes `data` unpacks to, packed so many times; counting stops above `limit`."""
    pieces = iter([data])
    for _ in range(stages):
        pieces = unpack_pieces(pieces)
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > limit:
            break
    return size


def unpack_pieces(pieces):
    """The pieces unpacked, a bounded piece at a time. Whatever follows the end of the packed data is not read."""
    unpacker = zlib.decompressobj()
    for piece in pieces:
        while piece and not unpacker.eof:
            yield unpacker.decompress(piece, PIECE)
            piece = unpacker.unconsumed_tail


# Active content. pikepdf's own sanitizer knows the usual places; this pass looks at every object of the file first,
# wherever it is referred to from, keeps only the actions known to be harmless, and counts what it removes for clerks.

SCHEMES = {"http", "https", "mailto", "tel"}
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
INVISIBLE_CHARACTERS = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202f\ufeff]")
PAGE_TURNING = {"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"}

SCRIPT = ("a script (JavaScript)", "{} scripts (JavaScript)")
PROGRAM = ("a link that starts a program", "{} links that start programs")
OTHER_FILE = ("a link to a file on a person’s own computer", "{} links to files on a person’s own computer")
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

ACTION_WORDING = {
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
# These are an action under any key, even where nothing should look for one.
ALWAYS_ACTIONS = {"/JavaScript", "/Launch", "/GoToR", "/GoToE", "/SubmitForm", "/ImportData", "/Rendition"}
# Keys removed from every dictionary, with the wording for the clerk; None where something else reports it.
REMOVED_KEYS = {
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
    rb"/(?:A|PA|AA|OpenAction|FFilter|F|"
    + "|".join(key[1:] for key in [*REMOVED_KEYS, *ALWAYS_ACTIONS]).encode()
    + rb")\b"
)
LONGEST_CHAIN = 1000


def remove_active_content(pdf):
    found = Counter()
    clean_catalogue(pdf, found)
    for item in list(pdf.objects):
        if isinstance(item, Stream):
            clean_stream(item, found)
        if isinstance(item, (Dictionary, Array, Stream)) and SUSPICIOUS.search(object_source(item)):
            clean_container(item, found)
    sanitizer = Sanitizer().remove_javascript().remove_attachments().remove_thumbnails().remove_search_index()
    sanitizer.remove_multimedia().remove_web_capture().remove_private_app_data().remove_collection().apply(pdf)
    return [removal_message(wording, count) for wording, count in sorted(found.items())]


def removal_message(wording, count):
    return f"Removed: {wording[0] if count == 1 else wording[1].format(count)}."


def clean_catalogue(pdf, found):
    root = pdf.Root
    for key, wording in CATALOGUE.items():
        if key in root:
            del root[key]
            if wording:
                found[wording] += 1
    if "/OpenAction" in root:
        # Which page it opens at means nothing in a pack.
        if not is_harmless_action(root["/OpenAction"]):
            count_action_chain(root["/OpenAction"], found)
        del root["/OpenAction"]
    if "/URI" in root:
        del root["/URI"]
    names = root.get("/Names")
    if not isinstance(names, Dictionary):
        return
    for key, wording in (("/JavaScript", SCRIPT), ("/Renditions", MEDIA), ("/URLS", SEARCH), ("/IDS", SEARCH)):
        if key in names:
            found[wording] += 1
    # Destinations are the one kind of names that pages need.
    root["/Names"] = Dictionary({"/Dests": names["/Dests"]} if "/Dests" in names else {})


def clean_stream(stream, found):
    if "/F" in stream or "/FFilter" in stream:
        for key in ("/F", "/FFilter", "/FDecodeParms"):
            if key in stream:
                del stream[key]
        found[OUTSIDE] += 1


def clean_container(item, found):
    inside = [item]
    while inside:
        holder = inside.pop()
        if isinstance(holder, Array):
            inside += [each for each in holder if is_direct(each)]
            continue
        clean_dictionary(holder, found)
        inside += [holder[key] for key in list(holder.keys()) if is_direct(holder[key])]


def is_direct(value):
    return isinstance(value, (Dictionary, Array)) and not value.is_indirect


def clean_dictionary(holder, found):
    for key, wording in REMOVED_KEYS.items():
        # A tag may refer to others under this name; a reference to another file is a dictionary.
        if key in holder and (key != "/Ref" or isinstance(holder[key], Dictionary)):
            del holder[key]
            if wording:
                found[wording] += 1
    if "/AA" in holder:
        for event in list(holder["/AA"].values()) if isinstance(holder["/AA"], Dictionary) else ():
            count_action_chain(event, found)
        del holder["/AA"]
    for key in ("/A", "/PA"):
        if key in holder:
            clean_action(holder, key, found)
    if action_type(holder) in ALWAYS_ACTIONS:
        count_action_chain(holder, found)
        for key in list(holder.keys()):
            del holder[key]


def clean_action(holder, key, found):
    """The action in a slot: kept alone where it is harmless, removed with all that follows it where it is not."""
    action = holder[key]
    if not action_type(action):
        # An attribute of a tag, or a list of them, has the same key; a list of actions has no meaning.
        if isinstance(action, Array) and any(action_type(each) in ACTION_WORDING for each in action):
            del holder[key]
            found[OTHER] += 1
        return
    if not is_harmless_action(action):
        count_action_chain(action, found)
        del holder[key]
    elif "/Next" in action:
        for following in next_actions(action):
            count_action_chain(following, found)
        del action["/Next"]


def action_type(value):
    kind = value.get("/S") if isinstance(value, (Dictionary, Stream)) else None
    return str(kind) if isinstance(kind, Name) else ""


def is_harmless_action(action):
    kind = action_type(action)
    if kind == "/URI":
        return is_web_address(action.get("/URI"))
    if kind == "/Named":
        return str(action.get("/N")) in PAGE_TURNING
    return kind in ("", "/GoTo")


def is_web_address(address):
    plain = INVISIBLE_CHARACTERS.sub("", str(address))
    scheme = SCHEME.match(plain)
    return not plain.startswith("\\\\") and (scheme is None or scheme.group(1).lower() in SCHEMES)


def count_action_chain(action, found):
    waiting, seen = [action], set()
    while waiting and len(seen) < LONGEST_CHAIN:
        each = waiting.pop()
        if not isinstance(each, (Dictionary, Stream)):
            continue
        mark = each.objgen if each.is_indirect else ("written inside", len(seen))
        if mark in seen:
            continue
        seen.add(mark)
        if not is_harmless_action(each):
            found[ACTION_WORDING.get(action_type(each), OTHER)] += 1
        waiting += next_actions(each)


def next_actions(action):
    following = action.get("/Next")
    return list(following) if isinstance(following, Array) else [following]


def is_annotation(value):
    return isinstance(value, Dictionary) and "/Subtype" in value and "/Rect" in value


# Metadata: title and language are read, the rest (author, program, dates) is removed.

# What every program writes and nobody minds: removed without a message.
UNREMARKABLE = {"/Title", "/Producer", "/Creator", "/CreationDate", "/ModDate", "/Trapped"}
NAMES = {"dc:creator": "Author", "dc:description": "Subject", "pdf:Keywords": "Keywords"}
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
LONGEST_TITLE = 300


def remove_metadata(pdf):
    """Read the title and language of an open pikepdf.Pdf and remove its metadata.

    Returns (title, language, sentences).
    """
    described = read_xmp(pdf)
    language = str(pdf.Root.get("/Lang", ""))
    details = {key: described[name] for name, key in NAMES.items() if described.get(name)}
    information = pdf.trailer.get("/Info")
    info_title = ""
    if isinstance(information, Dictionary):
        info_title = plain_text(information.get("/Title", ""))
        revealing = set(information.keys()) - UNREMARKABLE
        details |= {key[1:]: True for key in revealing if plain_text(information[key])}
        del pdf.trailer["/Info"]
    if "/Metadata" in pdf.Root:
        del pdf.Root["/Metadata"]
    title = (plain_text(described.get("dc:title", "")) or info_title)[:LONGEST_TITLE]
    messages = []
    if details:
        names = ", ".join(plain_text(key).lower() for key in sorted(details)[:8])
        messages.append(f"Removed: what the file says about itself ({names}).")
    return title, language if LANGUAGE.fullmatch(language) and len(language) <= 20 else "", messages


def read_xmp(pdf):
    try:
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            return {name: plain_text(metadata.get(name, "")) for name in ("dc:title", *NAMES)}
    except (ValueError, TypeError, KeyError, SyntaxError, pikepdf.PdfError):
        return {}


def plain_text(value):
    text = ", ".join(map(str, value)) if isinstance(value, (list, set, tuple)) else str(value)
    return " ".join(CONTROLS.sub(" ", text).split())


# Photographs: what a camera writes beside the picture (where, when, whose) is removed.

START, SCAN = 0xD8, 0xDA
# Of the segments for applications, the first (JFIF), third (colour profile) and last (Adobe) say how to show it.
REVEALING_SEGMENTS = {0xE1, *range(0xE3, 0xEE), 0xEF, 0xFE}


def strip_photographs(pdf):
    stripped = 0
    for item in list(pdf.objects):
        if not isinstance(item, Stream) or item.get("/Filter") not in (Name.DCTDecode, Name.DCT):
            continue
        data = item.read_raw_bytes()
        plain = without_jpeg_metadata(data)
        if len(plain) < len(data):
            item.write(plain, filter=Name.DCTDecode, decode_parms=item.get("/DecodeParms"))
            stripped += 1
    if not stripped:
        return []
    pictures = "a photograph says" if stripped == 1 else f"{stripped} photographs say"
    return [f"Removed: what {pictures} about place, time and camera."]


def without_jpeg_metadata(jpeg):
    """The JPEG without its descriptions and comments; as it is where it cannot be read."""
    if jpeg[:2] != bytes((0xFF, START)):
        return jpeg
    segments, place = [jpeg[:2]], 2
    while place + 4 <= len(jpeg) and jpeg[place] == 0xFF:
        marker = jpeg[place + 1]
        if marker == SCAN:
            return b"".join([*segments, jpeg[place:]])
        end = place + 2 + int.from_bytes(jpeg[place + 2 : place + 4], "big")
        if marker not in REVEALING_SEGMENTS:
            segments.append(jpeg[place:end])
        place = end
    return jpeg


# Annotations: comments, form fields, stamps, hidden layers, redactions. What is printed becomes part of the page; what
# is not printed is removed, because a reviewer's comment in a public paper is a leak.

INVISIBLE, HIDDEN, PRINTED, NO_VIEW = 1, 2, 4, 32
MEDIA_KINDS = {"/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"}
PIN = ("the sign of an attached file", "the signs of {} attached files")
SCREEN_ONLY = (
    "a text or stamp that is shown on screen but not printed",
    "{} texts or stamps that are shown on screen but not printed",
)
PRINT_ONLY = (
    "a mark that is printed but not shown on screen",
    "{} marks that are printed but not shown on screen",
)
COMMENT = ("a comment that is not printed", "{} comments that are not printed")
HIDDEN_FIELD = ("a hidden form field", "{} hidden form fields")
SIGNATURE = ("a digital signature, which only holds for the file as it was signed", "{} digital signatures")
XFA = "This PDF is a form that only Adobe’s own program can show. Open it there, print it to PDF and upload that."
TEXT_BOX = (
    "Page {} has a text box whose look is not in the file: its text would be lost. Open the file, print it to PDF and "
    "upload that."
)
REDACTION = (
    "Page {} has text marked for redaction, but the redaction was not applied: they can still be read. "
    "Apply it (in Acrobat: Redact, Apply), save the file and upload it again."
)


def remove_unprinted_annotations(pdf):
    refuse_xfa_form(pdf)
    found, flattened = Counter(), 0
    for number, page in enumerate(pdf.pages, start=1):
        annotations = page.obj.get("/Annots")
        if annotations is None:
            continue
        kept = Array()
        for annotation in annotations if isinstance(annotations, Array) else []:
            if not is_annotation(annotation):
                continue
            kind, reason = str(annotation["/Subtype"]), removal_reason(annotation)
            if kind == "/Redact":
                raise Rejected(REDACTION.format(number))
            is_missing = is_printed(annotation) and not has_appearance(annotation)
            if kind == "/FreeText" and is_missing and plain_text(annotation.get("/Contents", "")):
                raise Rejected(TEXT_BOX.format(number))
            if reason is None:
                kept.append(annotation)
                flattened += kind not in ("/Link", "/Widget")
            else:
                found[reason] += 1
        page.obj["/Annots"] = kept
    messages = [removal_message(wording, count) for wording, count in sorted(found.items())]
    if flattened:
        messages.append(
            f"{counted(flattened, 'mark', 'marks')} of a reader (highlighted text, stamps, drawings) "
            "became part of the page, without the note behind: check whether they should be there."
        )
    return messages


def flatten_annotations(pdf):
    """Make part of the pages what is printed on them. Returns sentences."""
    messages = remove_form(pdf)
    flatten_onto_pages(pdf)
    drop_tags_of_removed(pdf)
    return messages + hidden_layer_messages(pdf)


def removal_reason(annotation):
    """None where an annotation stays or is printed, else the wording for what is removed."""
    kind = str(annotation["/Subtype"])
    if kind == "/Link":
        # A picture of its own would be flattened onto the page, and the link lost.
        if "/AP" in annotation:
            del annotation["/AP"]
        return None
    if kind == "/FileAttachment":
        return PIN
    if kind in MEDIA_KINDS:
        return MEDIA
    if kind == "/Widget":
        return (
            None
            if is_seen(annotation) and (has_area(annotation) or annotation.get("/FT") == Name.Sig)
            else HIDDEN_FIELD
        )
    if kind in ("/Text", "/Popup") or not has_appearance(annotation):
        return COMMENT
    if annotation_flags(annotation) & (INVISIBLE | HIDDEN | NO_VIEW | PRINTED) == NO_VIEW | PRINTED:
        return PRINT_ONLY
    if is_seen(annotation) and not is_printed(annotation) and kind in ("/FreeText", "/Stamp"):
        return SCREEN_ONLY
    return None if is_printed(annotation) else COMMENT


def annotation_flags(annotation):
    flags = annotation.get("/F", 0)
    return flags if isinstance(flags, int) else 0


def is_seen(annotation):
    return not annotation_flags(annotation) & (INVISIBLE | HIDDEN | NO_VIEW)


def has_area(annotation):
    left, bottom, right, top = annotation["/Rect"]
    return left != right and bottom != top


def is_printed(annotation):
    return is_seen(annotation) and bool(annotation_flags(annotation) & PRINTED)


def has_appearance(annotation):
    appearance = annotation.get("/AP")
    return isinstance(appearance, Dictionary) and "/N" in appearance


def refuse_xfa_form(pdf):
    form = pdf.Root.get("/AcroForm")
    has_xfa = isinstance(form, Dictionary) and "/XFA" in form
    if pdf.Root.get("/NeedsRendering") is True or (has_xfa and not form.get("/Fields")):
        raise Rejected(XFA)


def remove_form(pdf):
    """Leave of the form what its fields look like. Returns sentences."""
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, Dictionary):
        return []
    messages = []
    if "/XFA" in form:
        del form["/XFA"]
        messages.append("Removed: the form’s second copy of itself (XFA).")
    if "/NeedAppearances" in form:
        # Or its fields are not flattened.
        del form["/NeedAppearances"]
    widgets = [each for page in pdf.pages for each in page.obj.get("/Annots", []) if each["/Subtype"] == Name.Widget]
    signed = sum(1 for each in widgets if each.get("/FT") == Name.Sig and "/V" in each)
    if signed:
        messages.append(removal_message(SIGNATURE, signed))
    if widgets:
        messages.append("The form can no longer be filled in: what was typed into it became part of the page.")
    return messages


def flatten_onto_pages(pdf):
    for page in pdf.pages:
        for annotation in page.obj.get("/Annots", []):
            if "/OC" in annotation and has_appearance(annotation):
                # What is on a hidden layer stays on it.
                looks = annotation["/AP"]["/N"]
                for look in [looks] if isinstance(looks, Stream) else list(looks.values()):
                    look["/OC"] = annotation["/OC"]
    pdf.flatten_annotations("all")
    for page in pdf.pages:
        if "/Annots" in page.obj:
            links = [each for each in page.obj["/Annots"] if each.get("/Subtype") == Name.Link]
            page.obj["/Annots"] = Array(links)
            if not links:
                del page.obj["/Annots"]
    if "/AcroForm" in pdf.Root:
        del pdf.Root["/AcroForm"]


def drop_tags_of_removed(pdf):
    """The tags must not hold on to an annotation that no page has any more: its text would stay in the file."""
    tree = pdf.Root.get("/StructTreeRoot")
    if not isinstance(tree, Dictionary):
        return
    remaining = {each.objgen for page in pdf.pages for each in page.obj.get("/Annots", [])}
    waiting, seen = [tree], set()
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Dictionary) or "/K" not in node or (node.is_indirect and node.objgen in seen):
            continue
        seen.add(node.objgen)
        children = node["/K"]
        if not isinstance(children, Array):
            if refers_to_removed(children, remaining):
                del node["/K"]
            else:
                waiting.append(children)
            continue
        kept = [child for child in children if not refers_to_removed(child, remaining)]
        if len(kept) < len(children):
            node["/K"] = Array(kept)
        waiting += [child for child in kept if isinstance(child, Dictionary)]


def refers_to_removed(child, remaining):
    if not isinstance(child, Dictionary) or child.get("/Type") != Name.OBJR:
        return False
    named = child.get("/Obj")
    return not isinstance(named, Dictionary) or (is_annotation(named) and named.objgen not in remaining)


def hidden_layer_messages(pdf):
    layers = pdf.Root.get("/OCProperties")
    usual = layers.get("/D") if isinstance(layers, Dictionary) else None
    if not isinstance(usual, Dictionary):
        return []
    if usual.get("/BaseState") == Name.OFF:
        shown = {each.objgen for each in layer_groups(usual, "/ON")}
        hidden = [each for each in layer_groups(layers, "/OCGs") if each.objgen not in shown]
    else:
        hidden = layer_groups(usual, "/OFF")
    if not hidden:
        return []
    names = ", ".join(sorted(f"“{str(each.get('/Name', ''))[:60]}”" for each in hidden))
    return [
        f"The file has {counted(len(hidden), 'layer that is', 'layers that are')} not shown ({names}). What is on it "
        "can still be shown: if it should not be public, remove it and upload the file again."
    ]


def layer_groups(holder, key):
    found = holder.get(key)
    return [each for each in found if isinstance(each, Dictionary)] if isinstance(found, Array) else []


def counted(number, one, many):
    return f"{number} {one if number == 1 else many}"
