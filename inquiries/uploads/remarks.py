"""What lies on the pages of a PDF besides their content: comments, form fields, stamps, hidden layers, redactions.

A pack is public and for reading. So what is printed becomes part of the page, and what is not printed goes: a
reviewer's comment in a public paper is a leak.
"""

from collections import Counter

from pikepdf import Array, Dictionary, Name

from inquiries.uploads.active import MEDIA, is_annotation, taken_out
from inquiries.uploads.received import Rejected

INVISIBLE, HIDDEN, PRINTED, NO_VIEW = 1, 2, 4, 32
MEDIA_KINDS = {"/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"}
PIN = ("the sign of an attached file", "the signs of {} attached files")
COMMENT = ("a comment that is not printed", "{} comments that are not printed")
HIDDEN_FIELD = ("a hidden form field", "{} hidden form fields")
SIGNATURE = ("a digital signature, which only holds for the file as it was signed", "{} digital signatures")
XFA = "This PDF is a form that only Adobe’s own program can show. Open it there, print it to PDF and upload that."
REDACTION = (
    "Page {} has words marked for redaction, but the redaction was not applied: they can still be read. "
    "Apply it (in Acrobat: Redact, Apply), save the file and upload it again."
)


def settle_remarks(pdf):
    """Make part of the pages what is printed on them, and take out the rest. Returns sentences. Raises Rejected."""
    _refuse_forms_without_pages(pdf)
    found, pressed = Counter(), 0
    for number, page in enumerate(pdf.pages, start=1):
        annotations = page.obj.get("/Annots")
        if annotations is None:
            continue
        kept = Array()
        for annotation in annotations if isinstance(annotations, Array) else []:
            if not is_annotation(annotation):
                continue
            kind, outcome = str(annotation["/Subtype"]), _outcome(annotation)
            if kind == "/Redact":
                raise Rejected(REDACTION.format(number))
            if outcome is None:
                kept.append(annotation)
                pressed += kind not in ("/Link", "/Widget")
            else:
                found[outcome] += 1
        page.obj["/Annots"] = kept
    said = [taken_out(words, count) for words, count in sorted(found.items())]
    if pressed:
        said.append(
            f"{_count(pressed, 'mark', 'marks')} of a reader (highlighted words, stamps, drawings) "
            "became part of the page, without the note behind: look whether they should be there."
        )
    said += _settle_form(pdf)
    _press_onto_pages(pdf)
    _forget_tags_of_removed(pdf)
    return said + _hidden_layers(pdf)


def _outcome(annotation):
    """None where an annotation stays or is printed, else the words for what is taken out."""
    kind = str(annotation["/Subtype"])
    flags = annotation.get("/F", 0)
    flags = flags if isinstance(flags, int) else 0
    if kind == "/Link":
        # A picture of its own would be pressed onto the page, and the link lost.
        if "/AP" in annotation:
            del annotation["/AP"]
        return None
    if kind == "/FileAttachment":
        return PIN
    if kind in MEDIA_KINDS:
        return MEDIA
    seen = not flags & (INVISIBLE | HIDDEN | NO_VIEW)
    if kind == "/Widget":
        return None if seen else HIDDEN_FIELD
    printed = seen and flags & PRINTED and kind not in ("/Text", "/Popup") and _has_look(annotation)
    return None if printed else COMMENT


def _has_look(annotation):
    look = annotation.get("/AP")
    return isinstance(look, Dictionary) and "/N" in look


def _refuse_forms_without_pages(pdf):
    form = pdf.Root.get("/AcroForm")
    has_xfa = isinstance(form, Dictionary) and "/XFA" in form
    if pdf.Root.get("/NeedsRendering") is True or (has_xfa and not form.get("/Fields")):
        raise Rejected(XFA)


def _settle_form(pdf):
    """Give every field the look of its value. Returns sentences."""
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, Dictionary):
        return []
    said = []
    if "/XFA" in form:
        del form["/XFA"]
        said.append("Taken out: the form’s second copy of itself (XFA).")
    widgets = [each for page in pdf.pages for each in page.obj.get("/Annots", []) if each["/Subtype"] == Name.Widget]
    signed = sum(1 for each in widgets if each.get("/FT") == Name.Sig and "/V" in each)
    if signed:
        said.append(taken_out(SIGNATURE, signed))
    if any(not _has_look(each) for each in widgets):
        form["/NeedAppearances"] = True
    pdf.generate_appearance_streams()
    if widgets:
        said.append("The form can no longer be filled in: what was typed into it became part of the page.")
    return said


def _press_onto_pages(pdf):
    pdf.flatten_annotations("all")
    for page in pdf.pages:
        if "/Annots" in page.obj:
            links = [each for each in page.obj["/Annots"] if each.get("/Subtype") == Name.Link]
            page.obj["/Annots"] = Array(links)
            if not links:
                del page.obj["/Annots"]
    if "/AcroForm" in pdf.Root:
        del pdf.Root["/AcroForm"]


def _forget_tags_of_removed(pdf):
    """The tags must not hold on to an annotation that no page has any more: its words would stay in the file."""
    tree = pdf.Root.get("/StructTreeRoot")
    if not isinstance(tree, Dictionary):
        return
    left = {each.objgen for page in pdf.pages for each in page.obj.get("/Annots", [])}
    waiting, seen = [tree], set()
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Dictionary) or "/K" not in node or (node.is_indirect and node.objgen in seen):
            continue
        seen.add(node.objgen)
        children = node["/K"]
        if not isinstance(children, Array):
            if _names_removed(children, left):
                del node["/K"]
            else:
                waiting.append(children)
            continue
        kept = [child for child in children if not _names_removed(child, left)]
        if len(kept) < len(children):
            node["/K"] = Array(kept)
        waiting += [child for child in kept if isinstance(child, Dictionary)]


def _names_removed(child, left):
    if not isinstance(child, Dictionary) or child.get("/Type") != Name.OBJR:
        return False
    named = child.get("/Obj")
    return not isinstance(named, Dictionary) or (is_annotation(named) and named.objgen not in left)


def _hidden_layers(pdf):
    layers = pdf.Root.get("/OCProperties")
    usual = layers.get("/D") if isinstance(layers, Dictionary) else None
    if not isinstance(usual, Dictionary):
        return []
    if usual.get("/BaseState") == Name.OFF:
        shown = {each.objgen for each in _groups(usual, "/ON")}
        hidden = [each for each in _groups(layers, "/OCGs") if each.objgen not in shown]
    else:
        hidden = _groups(usual, "/OFF")
    if not hidden:
        return []
    names = ", ".join(sorted(f"“{str(each.get('/Name', ''))[:60]}”" for each in hidden))
    return [
        f"The file has {_count(len(hidden), 'layer that is', 'layers that are')} not shown ({names}). What is on it "
        "can still be brought to light: if it should not be public, take it out and upload the file again."
    ]


def _groups(holder, key):
    found = holder.get(key)
    return [each for each in found if isinstance(each, Dictionary)] if isinstance(found, Array) else []


def _count(number, one, many):
    return f"{number} {one if number == 1 else many}"
