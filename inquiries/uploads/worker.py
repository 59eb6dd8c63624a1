"""Reads a file that a person sent, in a process that may take so much memory and time and no more.

    python -m inquiries.uploads.worker {check|clean|look|unpack} SOURCE TARGET MOST_PAGES

`check` opens a PDF; `clean` also writes it cleaned to TARGET and measures it; `look` opens a zip file to see whether
it is a Word document; `unpack` also writes that, ready for conversion, to TARGET. The answer is JSON: what was
found, or {"rejected": why}.
"""

import json
import sys
import zipfile
from collections import Counter
from dataclasses import asdict

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary

from inquiries.uploads.form_fields import areas_of, check_values_are_shown, choose_appearances, find_filled_fields
from inquiries.uploads.page_content import describe_content, read_content
from inquiries.uploads.paper import PageFacts, Rejected
from inquiries.uploads.pdfua_check import has_tags
from inquiries.uploads.sanitize import (
    STRANGE,
    TOO_MUCH,
    counted,
    flatten_annotations,
    open_pdf,
    remove_active_content,
    remove_metadata,
    remove_unprinted_annotations,
    strip_photographs,
)
from inquiries.uploads.visible_text import draw_page, read_visible_text, read_with_annotations
from inquiries.uploads.word import check_word, prepare_word

# In points. PDF knows no larger side; a smaller page is no page.
SMALLEST, LARGEST = 9, 14_400
# Paper is scanned a little grey: lighter than this is no ink.
INK_ONLY = [255 if shade < 240 else 0 for shade in range(256)]
LOST = "Page {} would lose some of its text when the file is cleaned. Open the file, print it to PDF and upload that."
HIDDEN = (
    "The file holds words that nobody sees: under a box or picture, off the page, on a hidden layer, in the colour of "
    "the paper or the like: {}. They are not published as text, but can be copied out of the PDF: if they should not "
    "be public, remove them and upload the file again."
)
REPLACED = (
    "Replacement texts, which screen readers read out, say something else than the page shows: {}. What is shown is "
    "published as text: if the replacement texts should not be public, remove them and upload the file again."
)
RECOGNISED = (
    "{} with text behind{}: it was perhaps scanned and read by a program. The text is published as it is, and nobody "
    "sees it: check that it is what the picture shows."
)
# By the type of the shading: triangles, and patches, which take ten times as long for each byte. Charts have hundreds.
COST_OF_MESHES = {4: 1, 5: 1, 6: 10, 7: 10}
COSTLIEST = 200_000
MOST_SHOWN, MOST_PAGES_SHOWN = 80, 10


def check(source, _target, most_pages):
    check_shadings(open_pdf(source, most_pages)[0])
    return {}


def check_shadings(pdf):
    """Raise Rejected where drawing would take minutes: each corner of a mesh of colours may fill the whole page."""
    streams = (thing for thing in pdf.objects if isinstance(thing, pikepdf.Stream))
    kinds = ((stream, stream.stream_dict.get("/ShadingType")) for stream in streams)
    if sum(len(mesh.read_bytes()) * COST_OF_MESHES[kind] for mesh, kind in kinds if kind in COST_OF_MESHES) > COSTLIEST:
        raise Rejected(TOO_MUCH)


def clean(source, target, most_pages):
    pdf, messages = open_pdf(source, most_pages)
    check_shadings(pdf)
    title, language, metadata_messages = remove_metadata(pdf)
    messages += metadata_messages + remove_active_content(pdf) + remove_unprinted_annotations(pdf)
    fields = find_filled_fields(pdf)
    before = read_uploaded(pdf, source, target, fields)
    messages += choose_appearances(pdf, fields, before) + flatten_annotations(pdf) + strip_photographs(pdf)
    sizes = normalise_pages(pdf)
    contents = [describe_content(read_content(page.obj) or b"") for page in pdf.pages]
    is_tagged = has_tags(pdf)
    pdf.save(
        target,
        encryption=False,
        deterministic_id=True,
        fix_metadata_version=False,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
    pdf.close()
    check_nothing_is_lost(fields, before, read_with_annotations(target, areas_of(fields)))
    pages, texts = measure(target, sizes, contents)
    messages += hidden_text_messages(texts)
    return {
        "pages": [asdict(page) for page in pages],
        "page_texts": [page.text for page in texts],
        "title": title,
        "language": language,
        "is_tagged": is_tagged,
        "cleaned": messages,
    }


def look(source, _target, _most_pages):
    check_word(source)
    return {"cleaned": []}


def unpack(source, target, _most_pages):
    return {"cleaned": prepare_word(source, target)}


# The pages: boxes normalised, size and margins measured as displayed, text read


def normalise_pages(pdf):
    """Give every page of a pikepdf.Pdf sound boxes, rotation and unit of its own. Returns its displayed sizes.

    Each is (width, height, rotation) in points. Raises Rejected.
    """
    return [straighten_page(page, number) for number, page in enumerate(pdf.pages, start=1)]


def straighten_page(page, number):
    page_object = page.obj
    whole = read_box(page_object.get("/MediaBox"))
    if whole is None:
        raise Rejected(f"Page {number} has no size. Save the paper as PDF again and upload that.")
    shown = overlap(whole, read_box(page_object.get("/CropBox")) or whole) or whole
    rotation = page_object.get("/Rotate", 0)
    rotation = int(rotation) % 360 if is_number(rotation) and int(rotation) % 90 == 0 else 0
    unit = page_object.get("/UserUnit", 1)
    unit = float(unit) if is_number(unit) and 0 < unit <= 1000 else 1.0
    page_object["/MediaBox"], page_object["/CropBox"], page_object["/Rotate"] = Array(whole), Array(shown), rotation
    if unit != 1:
        page_object["/UserUnit"] = unit
    elif "/UserUnit" in page_object:
        del page_object["/UserUnit"]
    if not isinstance(page_object.get("/Resources"), Dictionary):
        page_object["/Resources"] = Dictionary()
    for key in ("/Trans", "/Dur", "/PresSteps", "/LastModified"):
        if key in page_object:
            del page_object[key]
    width, height = (shown[2] - shown[0]) * unit, (shown[3] - shown[1]) * unit
    if min(width, height) < SMALLEST or max(width, height) > LARGEST:
        raise Rejected(
            f"Page {number} is {millimetres(width)} by {millimetres(height)} mm large, which nobody can print. "
            "Save the paper as PDF on A4 or A3 and upload that."
        )
    return (height, width, rotation) if rotation % 180 else (width, height, rotation)


def read_box(value):
    if not isinstance(value, Array) or len(value) != 4 or not all(map(is_number, value)):
        return None
    x, y, to_x, to_y = (round(float(side), 4) for side in value)
    box = [min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y)]
    return box if box[0] < box[2] and box[1] < box[3] else None


def overlap(one, other):
    box = [max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])]
    return box if box[0] < box[2] and box[1] < box[3] else None


def is_number(value):
    return not isinstance(value, (bool, str)) and hasattr(value, "__float__")


def millimetres(points):
    return f"{points / 72 * 25.4:,.0f}"


def measure(path, sizes, contents):
    with pypdfium2.PdfDocument(path) as document:
        facts, texts = [], []
        for index, ((width, height, rotation), content) in enumerate(zip(sizes, contents, strict=True)):
            page = document[index]
            image = draw_page(page)
            top, bottom = measure_margins(image, height)
            facts.append(PageFacts(round(width, 2), round(height, 2), rotation, top, bottom, content))
            texts.append(read_visible_text(page, image))
            page.close()
        return facts, texts


def measure_margins(image, height):
    """How far from the top and from the bottom edge the first ink is, over the whole width; all of it if none."""
    ink = image.point(INK_ONLY).getbbox()
    if ink is None:
        return round(height, 2), round(height, 2)
    # A dot less: ink that fills a part of a dot may be too light to be seen.
    above, below = max(ink[1] - 1, 0), max(image.height - ink[3] - 1, 0)
    return round(above / image.height * height, 2), round(below / image.height * height, 2)


# What the file as uploaded displays, and what the cleaned one does


def read_uploaded(pdf, source, target, fields):
    """The `read_with_annotations` of the file at `source`, whose open pikepdf.Pdf is `pdf`."""
    try:
        texts = read_with_annotations(source, areas_of(fields))
    except pypdfium2.PdfiumError:
        texts = []
    if len(texts) == len(pdf.pages):
        return texts
    # It was damaged: as it was repaired.
    pdf.save(target)
    return read_with_annotations(target, areas_of(fields))


def check_nothing_is_lost(fields, before, after):
    """Raise Rejected where a page shows less than it did when it was uploaded, or not what is in a form field."""
    check_values_are_shown(fields, after)
    for number, (old, new) in enumerate(zip(before, after, strict=True), start=1):
        lost = Counter(old.letters) - Counter(new.letters)
        for field in fields:
            if field.page == number - 1:
                lost -= Counter(field.replaced)
        if lost:
            raise Rejected(LOST.format(number))


def hidden_text_messages(texts):
    messages = []
    for wording, key in ((HIDDEN, "hidden"), (REPLACED, "replaced")):
        found = [(number, getattr(page, key)) for number, page in enumerate(texts, start=1) if getattr(page, key)]
        if found:
            shown = [f"page {number} (“{shortened(' '.join(words))}”)" for number, words in found[:MOST_PAGES_SHOWN]]
            if len(found) > MOST_PAGES_SHOWN:
                shown.append(f"and {counted(len(found) - MOST_PAGES_SHOWN, 'more page', 'more pages')}")
            messages.append(wording.format(", ".join(shown)))
    recognised = [str(number) for number, page in enumerate(texts, start=1) if page.is_recognised]
    if recognised:
        is_one = len(recognised) == 1
        pages = f"Page {recognised[0]} is a picture" if is_one else f"{len(recognised)} pages are pictures"
        messages.append(RECOGNISED.format(pages, "" if is_one else f" (the first is page {recognised[0]})"))
    return messages


def shortened(text):
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


ACTIONS = {"check": check, "clean": clean, "look": look, "unpack": unpack}


def main():
    action, source, target, most_pages = sys.argv[1:]
    try:
        answer = ACTIONS[action](source, target, int(most_pages))
    except Rejected as reason:
        answer = {"rejected": str(reason)}
    except MemoryError:
        answer = {"rejected": TOO_MUCH}
    # A file may be built in any way: whatever one of its objects does to our reading, the file is not taken.
    except (
        pikepdf.PdfError,
        zipfile.BadZipFile,
        ArithmeticError,
        LookupError,
        RuntimeError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        answer = {"rejected": STRANGE}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
