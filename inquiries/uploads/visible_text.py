"""Reads the text of a page as somebody sees it: a word counts if the page would look different without it.

So whatever hides a word (a box or picture over it, the colour of the paper, a layer that is off, the edge of the page,
transparency, an invisible mode) is found in the same way. The text behind a scanned page is nowhere to be seen
either, but repeats what the picture shows, for screen readers and searching: it counts, and is reported.
"""

import re
from collections import Counter
from contextlib import contextmanager
from ctypes import byref, c_double, c_int
from dataclasses import dataclass
from unicodedata import normalize

import pypdfium2
from PIL import Image, ImageChops
from pypdfium2 import raw

# One dot for each point, and for very large pages fewer.
MOST_DOTS = 1500
# Of 255 shades: a smaller difference is the colour of the paper, to an eye.
LEAST_DIFFERENCE = 12
CHANGED = [0] * LEAST_DIFFERENCE + [255] * (256 - LEAST_DIFFERENCE)
LEAST_CONTRAST = 48
# In points: smaller letters are dots.
LEAST_LETTER = 0.4
SCANNED_PART = 0.5  # of a page, that pictures cover if it is a scan
# What pdfium writes for a hyphen at the end of a line, whose two halves it joins.
HYPHENS = "\x02\ufffe"
JOINED_HYPHEN = re.compile(f"[{HYPHENS}]")
WORD = re.compile(rf"[^\s\x00{HYPHENS}]+")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\uffff]")
LINE = re.compile(rf"[^\r\n\s{HYPHENS}](?:[^\r\n{HYPHENS}]*[^\s{HYPHENS}])?")
# Gaps, in heights of letters: between the words of a line that is seen, and within a word that can be read.
CLOSE, WIDE = 0.7, 1.5
DIVIDERS = re.compile(rf"[\x00-\x20\xad\u2010\-{HYPHENS}]")
EMPTY = re.compile(rb"\0+")
# Annotations that cleaning removes and reports.
REMOVED_KINDS = {
    raw.FPDF_ANNOT_FILEATTACHMENT,
    raw.FPDF_ANNOT_SOUND,
    raw.FPDF_ANNOT_MOVIE,
    raw.FPDF_ANNOT_SCREEN,
    raw.FPDF_ANNOT_THREED,
    raw.FPDF_ANNOT_RICHMEDIA,
    raw.FPDF_ANNOT_TEXT,
}
REMOVED_FLAGS = raw.FPDF_ANNOT_FLAG_INVISIBLE | raw.FPDF_ANNOT_FLAG_NOVIEW
PICTURES, TEXT, DRAWINGS = raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_FORM


@dataclass(frozen=True)
class PageText:
    text: str  # what is seen
    hidden: tuple[str, ...] = ()  # the words that nobody sees
    is_recognised: bool = False  # some of the text is behind a scan
    replaced: tuple[str, ...] = ()  # the words that replacement texts (ActualText) put in place of what is seen


def draw_page(page, *, colours=False):
    scale = min(1, MOST_DOTS / max(page.get_size()))
    return (
        page.render(scale=scale, grayscale=not colours, rev_byteorder=colours)
        .to_pil()
        .convert("RGB" if colours else "L")
    )


def clean_text(text):
    text = JOINED_HYPHEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return UNPRINTABLE.sub("", text).encode("utf-8", "ignore").decode().strip()


def read_visible_text(page, displayed):
    """The PageText of a pypdfium2 page; `displayed` is what `draw_page` makes of it."""
    textpage = page.get_textpage()
    letters = read_letters(textpage)
    replaced = ()
    if remove_replacement_texts(page):
        said = letters
        textpage = page.get_textpage()
        letters = read_letters(textpage)
        if Counter(squash(said)) - Counter(squash(letters)):
            shown = squash(letters)
            replaced = tuple(word for word in clean_text(said).split() if squash(word) not in shown)
    unseen = find_unseen(page, letters, letter_boxes(page, textpage, displayed.size), displayed)
    unseen = {span: box for span, box in unseen.items() if not is_window(textpage, span, box, displayed)}
    recognised = find_recognised(page, unseen, displayed) if unseen else set()
    hidden = sorted(unseen.keys() - recognised)
    words = [UNPRINTABLE.sub("", letters[start:end]) for start, end in hidden]
    for start, end in reversed(hidden):
        letters = letters[:start] + letters[end:]
    return PageText(clean_text(letters), tuple(filter(has_letter, words)), bool(recognised), replaced)


def remove_replacement_texts(page):
    """Have an open page forget texts that replace its letters, for screen readers. Returns whether it had any."""
    found = False
    for each in page.get_objects([TEXT]):
        for number in reversed(range(raw.FPDFPageObj_CountMarks(each))):
            mark = raw.FPDFPageObj_GetMark(each, number)
            if raw.FPDFPageObjMark_GetParamValueType(mark, b"ActualText") != raw.FPDF_OBJECT_UNKNOWN:
                raw.FPDFPageObj_RemoveMark(each, mark)
                found = True
    return found


def has_letter(word):
    # A scan's text is full of dots and strokes that are none.
    return any(map(str.isalnum, word))


def read_letters(textpage):
    """The text letter by letter, as pdfium counts them: its own texts leave some out."""
    read, handle = raw.FPDFText_GetUnicode, textpage.raw
    return "".join([chr(read(handle, number)) for number in range(textpage.count_chars())])


def letter_boxes(page, textpage, size):
    """A function from letters of a page to the box around them on its image of `size` dots."""
    place, handle = point_to_dot(page, size), textpage.raw
    left, right, bottom, top = sides = [c_double() for _ in range(4)]
    places = [byref(side) for side in sides]

    def box_around(letters):
        corners = []
        for letter in letters:
            if raw.FPDFText_GetCharBox(handle, letter, *places):
                corners += [place(left.value, bottom.value), place(right.value, top.value)]
        across, down = zip(*corners, strict=True) if corners else ([0], [0])
        return min(across), min(down), max(across), max(down)

    return box_around


def ends_of(letters, span):
    first, last = span[0], span[1] - 1
    return (first, last) if letters[first].isalnum() and letters[last].isalnum() else range(*span)


def point_to_dot(page, size):
    """A function from a place on a page, in its own points, to one on its image of `size` dots."""
    width, height = size

    def device(x, y):
        across, down = c_int(), c_int()
        raw.FPDF_PageToDevice(page, 0, 0, width * 1000, height * 1000, 0, x, y, across, down)
        return across.value / 1000, down.value / 1000

    origin, right, up = device(0, 0), device(1000, 0), device(0, 1000)
    a, b, c, d = ((end[axis] - origin[axis]) / 1000 for axis in (0, 1) for end in (right, up))
    return lambda x, y: (origin[0] + a * x + b * y, origin[1] + c * x + d * y)


def find_unseen(page, letters, box_around, displayed):
    """{(first letter, the one after the last): its box} of the words that the page would look the same without."""
    drawn = [
        each
        for each in page.get_objects([TEXT])
        if raw.FPDFTextObj_GetTextRenderMode(each) != raw.FPDF_TEXTRENDERMODE_INVISIBLE
    ]
    unseen = None
    # In grey first, which is quicker; in colours two shades may differ that are the same grey.
    for colours in (False, True):
        if drawn and unseen != {}:
            if colours:
                displayed = draw_page(page, colours=True)
            with set_aside(drawn):
                without = draw_page(page, colours=colours)
            changed = changes(displayed, without)
        if unseen is None:
            lines = [match.span() for match in LINE.finditer(letters)]
            unseen = {
                match.span(): box_around(ends_of(letters, match.span()))
                for line in lines
                if not drawn or not is_changed(changed, line, box_around(ends_of(letters, line)), CLOSE)
                for match in WORD.finditer(letters, *line)
            }
        if drawn:
            unseen = {span: box for span, box in unseen.items() if not is_changed(changed, span, box, WIDE)}
    return unseen


@contextmanager
def set_aside(objects):
    for each in objects:
        raw.FPDFPageObj_SetIsActive(each, False)
    try:
        yield
    finally:
        for each in objects:
            raw.FPDFPageObj_SetIsActive(each, True)


def changes(one, other):
    different = ImageChops.difference(one, other)
    bands = [band.point(CHANGED) for band in different.split()]
    for band in bands[1:]:
        bands[0] = ImageChops.lighter(bands[0], band)
    return bands[0]


def is_changed(changed, span, box, widest):
    """Whether the dots in a box changed all along it, but for gaps of `widest` times its height."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if max(width, height) < LEAST_LETTER * (span[1] - span[0]):
        return False
    part = changed.crop((int(left) - 1, int(top) - 1, int(right) + 2, int(bottom) + 2))
    along = part.resize((part.width, 1) if width >= height else (1, part.height), Image.Resampling.BOX).tobytes()
    gap = max(map(len, EMPTY.findall(along)), default=0)
    return gap < len(along) and gap <= max(4, widest * min(width, height))


def is_window(textpage, span, box, displayed):
    mode = raw.FPDFTextObj_GetTextRenderMode(raw.FPDFText_GetTextObject(textpage, span[0]))
    return mode >= raw.FPDF_TEXTRENDERMODE_FILL_CLIP and has_contrast(displayed, box)


def find_recognised(page, unseen, displayed):
    """Of the unseen words those behind a scan that shows something where they are."""
    pictures = [each for each in page.get_objects([PICTURES, DRAWINGS], max_depth=1) if holds_picture(page, each)]
    left, bottom, right, top = page.get_bbox()
    covered = 0
    for each in pictures:
        box = each.get_bounds()
        covered += max(0, min(right, box[2]) - max(left, box[0])) * max(0, min(top, box[3]) - max(bottom, box[1]))
    if covered < SCANNED_PART * (right - left) * (top - bottom):
        return set()
    return {span for span, box in unseen.items() if has_contrast(displayed, box)}


def holds_picture(page, each):
    return each.type == PICTURES or any(page.get_objects([PICTURES], form=each))


def has_contrast(displayed, box):
    left, top = max(0, int(box[0])), max(0, int(box[1]))
    right, bottom = min(displayed.width, int(box[2]) + 1), min(displayed.height, int(box[3]) + 1)
    if left >= right or top >= bottom:
        return False
    darkest, lightest = displayed.crop((left, top, right, bottom)).getextrema()
    return lightest - darkest >= LEAST_CONTRAST


@dataclass(frozen=True)
class PageLetters:
    letters: str  # all of the page, seen or not, squashed
    areas: tuple[str, ...]  # the text in each area that was asked for


def read_with_annotations(path, areas):
    """The PageLetters of each page of a PDF with what its printed annotations and its form fields show.

    `areas` are {index of a page: [box in its points]}. Raises pypdfium2.PdfiumError.
    """
    with pypdfium2.PdfDocument(path) as document:
        texts = []
        for index in range(len(document)):
            page = document[index]
            if raw.FPDFPage_GetAnnotCount(page) > 0:
                flatten(page)
                page.close()
                page = document[index]
            textpage = page.get_textpage()
            found = tuple(textpage.get_text_bounded(*area, errors="ignore") for area in areas.get(index, ()))
            texts.append(PageLetters(squash(textpage.get_text_range(errors="ignore")), found))
            page.close()
        return texts


def flatten(page):
    for number in range(raw.FPDFPage_GetAnnotCount(page)):
        annotation = raw.FPDFPage_GetAnnot(page, number)
        kind, flags = raw.FPDFAnnot_GetSubtype(annotation), raw.FPDFAnnot_GetFlags(annotation)
        # A field counts on the screen, too; of other annotations only what is printed and not removed.
        if kind == raw.FPDF_ANNOT_WIDGET:
            raw.FPDFAnnot_SetFlags(annotation, flags | raw.FPDF_ANNOT_FLAG_PRINT)
        elif kind in REMOVED_KINDS or flags & REMOVED_FLAGS:
            raw.FPDFAnnot_SetFlags(annotation, flags & ~raw.FPDF_ANNOT_FLAG_PRINT)
        raw.FPDFPage_CloseAnnot(annotation)
    raw.FPDFPage_Flatten(page, raw.FLAT_PRINT)


def squash(text):
    """The text without what may differ where the same words are drawn again: spaces, line ends, hyphens, ligatures."""
    return "".join(DIVIDERS.sub("", normalize("NFKC", text)).split())
