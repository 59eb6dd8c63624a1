"""What binding may have broken in a pack of valid papers, looked for in the finished file.

Each paper was validated when it was uploaded, front sheet and reports when they were set, and binding leaves their
content, fonts and pictures as they are. What it makes or numbers itself is looked at here: the claims of the file,
which tags belong to which page and link, the names of tags, the roles and classes, and the stamps. Whatever is not as
this module knows it is a doubt, which the validator settles by reading the whole file: nothing is called valid
because it was too unusual to be understood. What differs from a paper's own tags is a fault, whether or not the
validator sees it: it does not look whether pages have each other's tags.
"""

import re
from contextlib import contextmanager
from itertools import pairwise

import pikepdf
from pikepdf import NameTree, NumberTree

from inquiries.documents.pack_screen import QUICK, page_references
from inquiries.documents.pack_tags import NEWER_ROLES, STANDARD_ROLES, UNREAD

STRING = rb"(?:\((?:[^()\\]|\\.|\([^()\\]*\))*\)|<[0-9a-f]*>)"
IDENTIFIER = re.compile(rb"/ID (" + STRING + rb")", re.DOTALL)
HEADERS = re.compile(rb"/Headers \[((?: " + STRING + rb")*) \]", re.DOTALL)
CLASS = re.compile(rb"/C (/[^\s/<>\[\]()]+)")
ROLE = re.compile(rb"/S (?<!/Tabs /S )(/[^\s/<>\[\]()]+)")  # begins with what is quickly found
# What else has an entry /S: actions, page labels, transitions, borders, groups, soft masks, intents, requirements.
OTHER_KINDS = frozenset(
    b"/GoTo /URI /Named /D /R /r /A /a /S /B /I /U /Transparency /Alpha /Luminosity /GTS_PDFA1 /GTS_PDFX".split()
)
REFERENCE = re.compile(rb"(\d+) 0 R")
KIDS, NUMBERS = re.compile(rb"/Kids \[([^\]]*)\]"), re.compile(rb"/Nums \[(.*)\]", re.DOTALL)
NUMBERED = re.compile(rb" (\d+) (?:(\d+) 0 R|\[([^\]]*)\])")
KEYS = re.compile(rb"/ParentTree (\d+) 0 R")
PAGE_KEY, KEY = re.compile(rb"/StructParents (\d+)"), re.compile(rb"/StructParent (\d+)")
PAGE_OF_TAG = re.compile(rb"/Pg (\d+) 0 R")
ANNOTATIONS = re.compile(rb"/Annots (?:(\d+) 0 R|\[([^\]]*)\])")
CONTENTS = re.compile(rb"/Contents (?:(\d+) 0 R|\[([^\]]*)\])")
DESCRIBED = re.compile(rb"/Contents (?:\([^)]|<[0-9a-f])")
CHILDREN = re.compile(rb"/K (?:\[[^\]]*\]|\d+ 0 R)")
NAMED, SPOKEN = re.compile(rb"/T (?:\([^)]|<[0-9a-f])"), re.compile(rb"/Lang (?:\([^)]|<[0-9a-f])")
SUBTYPE = re.compile(rb"/Subtype (/\w+)")
ARTIFACTS = re.compile(
    rb"\nQ\n(?:/Artifact <</Type /Pagination /Subtype /(?:Footer|Header)>> BDC q [-.\d ]+ cm /\w+ Do Q EMC\n){0,2}"
)
RESOURCES, DRAWINGS = re.compile(rb"/Resources (\d+) 0 R"), re.compile(rb"/XObject (\d+) 0 R")
DRAWN = re.compile(rb"cm (/\w+) Do")
UNREAD_KINDS = {name.encode() for name in UNREAD}


CHANGED_TAGS = ("the key of the tags", "the number of tags")


def is_fault(doubt):
    return doubt.startswith(CHANGED_TAGS)


def find_doubt(pdf, texts, marks):
    """Why an opened pack may not be as valid as its parts, in words for a log; "" where it is.

    `texts` are those of its objects by their numbers. `marks` says for each page how many tags its content has, None
    where it has none.
    """
    try:
        return next(BoundFile(pdf, texts, marks).doubts(), "")
    except (pikepdf.PdfError, AttributeError, LookupError, TypeError, ValueError) as error:
        return f"the check of the pack met {type(error).__name__}"


def is_without_blanks(whole, path, end, blank):
    """Whether the file for the screen (that at `path`, opened as `whole`, with `end` behind it) has all its pages but
    the blank ones, with the same labels, and differs in nothing else."""
    left_out = frozenset(blank)
    with with_end(path, end), pikepdf.open(path, **QUICK) as screen:
        wanted = [page for index, page in enumerate(labelled_pages(whole)) if index not in left_out]
        roots = [{name: value.unparse() for name, value in pdf.Root.items()} for pdf in (whole, screen)]
        del roots[0]["/PageLabels"], roots[1]["/PageLabels"]
        return roots[0] == roots[1] and wanted == labelled_pages(screen)


@contextmanager
def with_end(path, end):
    """The file at `path` has `end` behind it for a while: to copy a large one takes longer than to look at it."""
    with path.open("ab") as file:
        length = file.tell()
        try:
            file.write(end)
            file.flush()
            yield
        finally:
            file.truncate(length)


def labelled_pages(pdf):
    """(reference, series, number) of each page; asking each page for its label takes far longer."""
    kids, found = page_references(pdf), []
    runs = [
        (index, str(run.get("/P", "")), int(run.St)) for index, run in sorted(NumberTree(pdf.Root.PageLabels).items())
    ]
    for (start, series, first), (stop, *_) in pairwise([*runs, (len(kids),)]):
        found += [(kids[index], series, first + index - start) for index in range(start, stop)]
    return found


class BoundFile:
    def __init__(self, pdf, texts, marks):
        self.pdf, self.texts, self.marks = pdf, texts, marks
        self.root = pdf.Root.StructTreeRoot
        self.pages = [int(reference.split()[0]) for reference in page_references(pdf)]
        self.tags = self.used = None
        self.endings = {}  # content behind that of pages, by the number of its object

    def doubts(self):
        if len(self.pages) != len(self.marks):
            yield "the number of pages"
            return
        yield from doubtful_claims(self.pdf)
        numbered = list(self.numbered_tags(int(KEYS.search(self.texts[self.root.objgen[0]])[1])))
        self.tags, self.used = dict(numbered), []
        for number, (page, count) in enumerate(zip(self.pages, self.marks, strict=True), start=1):
            text = self.texts[page]
            for doubt in (*self.in_tags(page, text, count), *self.in_links(text), *self.in_stamps(text)):
                yield f"{doubt} of page {number} of the file"
        yield from self.in_keys([key for key, _ in numbered])
        yield from self.in_parts()
        yield from self.in_names()

    def numbered_tags(self, node):
        """(key, text of the tag or of the list of tags) of the tree of all keys."""
        text = self.texts[node]
        if kids := KIDS.search(text):
            for kid in REFERENCE.findall(kids[1]):
                yield from self.numbered_tags(int(kid))
        elif numbers := NUMBERS.search(text):
            for key, number, tags in NUMBERED.findall(numbers[1]):
                yield int(key), self.texts[int(number)] if number else b"[" + tags + b"]"

    def in_tags(self, page, text, count):
        key = PAGE_KEY.search(text)
        if key is None:
            if count is not None:
                yield "the key of the tags"
            return
        self.used.append(int(key[1]))
        found = self.tags.get(int(key[1]), b"")
        tags = REFERENCE.findall(found)
        if not found.startswith(b"[") or len(tags) + found.count(b"null") != (count or 0):
            yield "the number of tags"
        here = b"%d" % page
        for tag in set(tags):
            pages = PAGE_OF_TAG.findall(self.texts[int(tag)])
            if pages and here not in pages:
                yield "the place of tags"

    def in_links(self, text):
        found = ANNOTATIONS.search(text)
        if found is None:
            if b"/Annots" in text:
                yield "the list of links"
            return
        listed = REFERENCE.findall(self.texts[int(found[1])] if found[1] else found[2])
        if listed and b"/Tabs /S" not in text:
            yield "the order of links"
        for number in listed:
            annotation = self.texts[int(number)]
            kind, key = SUBTYPE.search(annotation)[1], KEY.search(annotation)
            if key:
                self.used.append(int(key[1]))
            if kind in UNREAD_KINDS:
                continue
            if key is None or b"/Obj %s 0 R" % number not in self.tags.get(int(key[1]), b""):
                yield "the tag of a link"
            if kind == b"/Link" and not DESCRIBED.search(annotation):
                yield "the description of a link"

    def in_stamps(self, text):
        """Binding wraps what a page draws and stamps the page behind it: no more, and that is no content."""
        found = CONTENTS.search(text)
        if found is None:
            return
        if found[1]:  # a blank page
            if self.pdf.get_object(int(found[1]), 0).read_bytes().strip():
                yield "the content"
            return
        last = self.ending(int(REFERENCE.findall(found[2])[-1]))
        if not ARTIFACTS.fullmatch(last):
            yield "the stamps"
        resources = b"".join([text, *(self.texts.get(int(n), b"") for n in RESOURCES.findall(text))])
        resources += b"".join(self.texts.get(int(n), b"") for n in DRAWINGS.findall(resources))
        if any(name + b" " not in resources for name in DRAWN.findall(last)):
            yield "the drawing of a stamp"

    def ending(self, number):
        if number not in self.endings:  # many pages share one
            self.endings[number] = self.pdf.get_object(number, 0).read_bytes()
        return self.endings[number]

    def in_keys(self, keys):
        """Each key is used by one page or link, and they are in order."""
        if keys != sorted(set(keys)) or (keys and self.root.ParentTreeNextKey <= keys[-1]):
            yield "the order of the keys of tags"
        if len(self.used) != len(set(self.used)) or set(self.used) - set(keys):
            yield "the use of the keys of tags"

    def in_parts(self):
        root = self.root.objgen[0]
        [document] = REFERENCE.findall(CHILDREN.search(self.texts[root])[0])
        text = self.texts[int(document)]
        if b"/S /Document " not in text or b"/P %d 0 R" % root not in text:
            yield "the root of the tags"
        for part in REFERENCE.findall(CHILDREN.search(text)[0]):
            text = self.texts[int(part)]
            if b"/P %s 0 R" % document not in text or not NAMED.search(text) or not SPOKEN.search(text):
                yield "a part's title, language or place"
            children = CHILDREN.search(text)
            for child in REFERENCE.findall(children[0]) if children else ():
                if b"/P %s 0 R" % part not in self.texts[int(child)]:
                    yield "the place of a part's tags"

    def in_names(self):
        """Roles, classes, identifiers and fonts, and that no tag is of a page outside of the pack."""
        roles = {str(role): str(meaning) for role, meaning in self.root.RoleMap.items()}
        if any(role in STANDARD_ROLES or meaning not in STANDARD_ROLES for role, meaning in roles.items()):
            yield "a role that is defined"
        if NEWER_ROLES.keys() - roles.keys():
            yield "the roles that are defined"
        known = {name.encode() for name in (*STANDARD_ROLES, *roles)} | OTHER_KINDS
        text = b"\n".join(self.texts.values())
        if set(ROLE.findall(text)) - known:
            yield "a role"
        if set(CLASS.findall(text)) - {str(name).encode() for name in self.root.get("/ClassMap", {})}:
            yield "a class"
        identifiers = IDENTIFIER.findall(text)
        named = sum(1 for _ in NameTree(self.root.IDTree)) if "/IDTree" in self.root else 0
        if not len(identifiers) == len(set(identifiers)) == named:
            yield "the identifiers"
        if {name for names in HEADERS.findall(text) for name in re.findall(STRING, names, re.DOTALL)} - {*identifiers}:
            yield "the headers of a cell"
        if set(map(int, PAGE_OF_TAG.findall(text))) - {*self.pages}:
            yield "tags of pages that are not in the pack"
        if text.count(b"/Type /FontDescriptor") != text.count(b"/FontFile"):
            yield "a font"


def doubtful_claims(pdf):
    root = pdf.Root
    metadata = pdf.open_metadata()  # not entered: that would write it again
    if metadata.get("pdfuaid:part") != "1" or not metadata.get("dc:title"):
        yield "the claim or the title in the metadata"
    if not str(root.Lang):
        yield "the language"
    if root.ViewerPreferences.DisplayDocTitle is not True or root.MarkInfo.Marked is not True:
        yield "what the catalogue says of title and tags"
    if "/Suspects" in root.MarkInfo:
        yield "suspect tags"
