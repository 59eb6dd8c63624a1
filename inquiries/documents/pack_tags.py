"""One tree of tags for the pack, made of the trees of its papers.

Each paper hangs under a part of the document with its title and language. What is numbered or named inside of a
paper (the keys of its parent tree, the identifiers of its table cells, roles and classes) is made unique before the
paper is copied, so that nothing in one paper is taken for something in another.
"""

import re
from dataclasses import dataclass, field

from pikepdf import Array, Dictionary, Name, Object, String

from inquiries.documents.object_text import ObjectTexts, read_object_streams

# fmt: off
STANDARD_ROLES = frozenset((
    "/Document", "/Part", "/Art", "/Sect", "/Div", "/BlockQuote", "/Caption", "/TOC", "/TOCI", "/Index",
    "/NonStruct", "/Private", "/P", "/H", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6", "/L", "/LI", "/Lbl", "/LBody",
    "/Table", "/TR", "/TH", "/TD", "/THead", "/TBody", "/TFoot", "/Span", "/Quote", "/Note", "/Reference",
    "/BibEntry", "/Code", "/Link", "/Annot", "/Ruby", "/RB", "/RT", "/RP", "/Warichu", "/WT", "/WP", "/Figure",
    "/Formula", "/Form",
))
# fmt: on
# Roles of PDF 2.0 that some programs write without saying what they mean.
NEWER_ROLES = {
    "/Title": "/P",
    "/Strong": "/Span",
    "/Em": "/Span",
    "/Sub": "/Span",
    "/FENote": "/Note",
    "/Aside": "/Sect",
    "/DocumentFragment": "/Sect",
}
UNREAD = ("/Popup", "/PrinterMark")
DEEPEST = 100
UNTAGGED = "not tagged for screen readers"


@dataclass
class PaperTags:
    roots: list[Object] = field(default_factory=list)
    numbers: list[tuple[int, Object]] = field(default_factory=list)
    identifiers: list[tuple[bytes, Object]] = field(default_factory=list)
    classes: dict[str, Object] = field(default_factory=dict)
    namespaces: list[Object] = field(default_factory=list)
    marks: list[int | None] = field(default_factory=list)  # for each page how many tags its content has
    has_marked_drawings: bool = False
    has_new_headings: bool = False


class TagTree:
    def __init__(self, pdf):
        self.pdf = pdf
        self.root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        self.document = self.new_element("/Document", self.root)
        self.next_key = 0
        self._parts = []
        self._numbers = []
        self._identifiers = []
        self._roles = {}
        self._classes = {}
        self._namespaces = []

    def prepare(self, path, source, pages, sheets, number):
        """Makes the tags of the paper at `path`, opened as `source`, unique, in place, and returns the PaperTags for
        `add_tagged`."""
        root = source.Root.StructTreeRoot
        parcel = PaperTags(roots=[one for one in as_list(root.get("/K")) if isinstance(one, Dictionary)])
        numbers = dict(number_tree_items(root.get("/ParentTree")))
        base = self.next_key
        self.next_key = base + max([*numbers, -1]) + 1
        unclaimed = set(numbers)
        parcel.marks = [tag_count(page, numbers) for page in pages]
        for page in pages:
            for owner, name in ((page, "/StructParents"), *((one, "/StructParent") for one in annotations_of(page))):
                if name in owner:
                    key = int(owner[name])
                    unclaimed.discard(key)
                    owner[name] = key + base
        if unclaimed:
            shift_form_keys(pages, base)
            parcel.has_marked_drawings = True
        parcel.numbers = [(key + base, numbers[key]) for key in sorted(numbers)]
        meanings = {role: str(meaning) for role, meaning in (root.get("/RoleMap") or {}).items()}
        roles = self.rename_conflicting_roles(meanings, number)
        parcel.classes = {f"{name}-{number}": value for name, value in (root.get("/ClassMap") or {}).items()}
        classes = {name.removesuffix(f"-{number}"): name for name in parcel.classes}
        shrunk = {page.objgen: sheet for page, sheet in zip(pages, sheets, strict=True) if sheet.scale != 1}
        headings = {role for role in ("/H", *meanings) if standard_role(role, meanings) == "/H"}
        names = UniqueNames(f"{number:04}.".encode(), roles, classes, shrunk)
        has_headings = names.apply(source, read_object_streams(path), headings)
        parcel.identifiers = sorted(names.identifiers, key=lambda one: one[0])
        parcel.has_new_headings = has_headings
        if has_headings:
            give_heading_levels(parcel.roots, headings | {roles[role] for role in headings & set(roles)})
        for one in parcel.roots:
            if "/P" in one:
                del one["/P"]  # else the whole old tree would be copied with it
        parcel.namespaces = as_list(root.get("/Namespaces"))
        return parcel

    def add_tagged(self, source, parcel, title, language, links):
        copied = self.pdf.copy_foreign(
            source.make_indirect(
                Dictionary(
                    Roots=Array(parcel.roots),
                    Numbers=Array([value for _, value in parcel.numbers]),
                    Identifiers=Array([element for _, element in parcel.identifiers]),
                    Classes=Dictionary(parcel.classes),
                    Namespaces=Array(parcel.namespaces),
                )
            )
        )
        part = self.new_part(title, language)
        roots = list(copied.Roots)
        if len(roots) == 1 and roots[0].get("/S") == "/Document":
            roots[0].S = Name.Sect
        for one in roots:
            one.P = part
        part.K = Array(roots)
        self._numbers.append([(key, value) for (key, _), value in zip(parcel.numbers, copied.Numbers, strict=True)])
        pairs = zip(parcel.identifiers, copied.Identifiers, strict=True)
        self._identifiers.append([(name, element) for (name, _), element in pairs])
        self._classes |= dict(copied.Classes.items())
        self._namespaces.extend(copied.Namespaces)
        self.add_link_tags(part, links)

    def add_untagged(self, pages, title, language, links):
        """Hangs a paper without tags into the pack: its pages, whose content is marked with MCID 0, a paragraph
        each. `pages` are those with content."""
        part = self.new_part(f"{title} ({UNTAGGED})", language)
        paragraphs, numbers = [], []
        for page in pages:
            paragraph = self.new_element("/P", part, Pg=page, K=0)
            paragraphs.append(paragraph)
            page.StructParents = self.next_key
            numbers.append((self.next_key, Array([paragraph])))
            self.next_key += 1
        part.K = Array(paragraphs)
        self._numbers.append(numbers)
        self.add_link_tags(part, links)

    def finish(self):
        self.document.K = Array(self._parts)
        self.root.K = Array([self.document])
        self.root.ParentTree = self.new_tree("Nums", self._numbers)
        self.root.ParentTreeNextKey = self.next_key
        if any(self._identifiers):
            named = [[(String(name), element) for name, element in leaf] for leaf in self._identifiers]
            self.root.IDTree = self.new_tree("Names", named)
        roles = NEWER_ROLES | self._roles
        self.root.RoleMap = Dictionary({name: Name(roles[name]) for name in sorted(roles)})
        if self._classes:
            self.root.ClassMap = Dictionary(self._classes)
        if self._namespaces:
            self.root.Namespaces = Array(self._namespaces)
        self.pdf.Root.StructTreeRoot = self.root
        self.pdf.Root.MarkInfo = Dictionary(Marked=True)

    def new_element(self, role, parent, **entries):
        return self.pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name(role), P=parent, **entries))

    def new_part(self, title, language):
        part = self.new_element("/Part", self.document, T=String(title), Lang=String(language))
        self._parts.append(part)
        return part

    def add_link_tags(self, part, links):
        numbers = []
        for page, annotation in links:
            role = "/Link" if annotation.get("/Subtype") == "/Link" else "/Annot"
            element = self.new_element(role, part, K=Dictionary(Type=Name.OBJR, Pg=page, Obj=annotation))
            annotation.StructParent = self.next_key
            numbers.append((self.next_key, element))
            self.next_key += 1
            part.K.append(element)
        self._numbers.append(numbers)

    def new_tree(self, kind, leaves):
        kids = []
        for leaf in filter(None, leaves):
            node = Dictionary(Limits=Array([leaf[0][0], leaf[-1][0]]))
            node["/" + kind] = Array([one for pair in leaf for one in pair])
            kids.append(self.pdf.make_indirect(node))
        return self.pdf.make_indirect(Dictionary(Kids=Array(kids)) if kids else Dictionary({"/" + kind: Array()}))

    def rename_conflicting_roles(self, meanings, number):
        renamed = {}
        for role in meanings:
            meaning = standard_role(role, meanings)
            if role == meaning:
                continue
            if role in STANDARD_ROLES or self._roles.get(role, meaning) != meaning:
                renamed[role] = f"{role}-{number}"
            self._roles[renamed.get(role, role)] = meaning
        return renamed


def other_objects(source, streams):
    """ObjectTexts of each dictionary that is not among those of `streams`."""
    for number in set(range(1, int(source.trailer.Size))).difference(*(texts.numbers for texts in streams)):
        one = source.get_object(number, 0)
        if isinstance(one, Dictionary):
            yield ObjectTexts([number], [0], one.unparse(resolved=True))


def standard_role(role, meanings):
    seen = set()
    while role in meanings and role not in seen:
        seen.add(role)
        role = meanings[role]
        if role in STANDARD_ROLES:
            break
    return role


@dataclass
class UniqueNames:
    """Makes unique what the elements of a paper's tags are named by, and scales their boxes with their pages."""

    prefix: bytes  # of identifiers
    roles: dict[str, str]
    classes: dict[str, str]
    shrunk: dict[tuple[int, int], object]  # the sheets whose content is scaled, by the objgen of their pages
    identifiers: list[tuple[bytes, Object]] = field(default_factory=list)  # what was found, with its element

    def apply(self, source, streams, headings):
        """Change all elements of an opened paper; whether some element has a role of `headings`.

        It looks through all objects rather than down the tree, and at their text first: asking each element for each
        entry that it might have takes five times as long. `streams` are the ObjectTexts that are known.
        """
        has_headings, headed = False, role_pattern(headings) if headings else None
        names = (
            ["S "]
            if self.roles
            else ["ID ", r"Headers \[ [^\]]", *(["BBox "] if self.shrunk else []), *(["C "] if self.classes else [])]
        )
        wanted = re.compile("/(?:{})".format("|".join(names)).encode())
        for texts in (*streams, *other_objects(source, streams)):
            if headed is not None and not has_headings:
                has_headings = headed.search(texts.text) is not None
            for number, text in texts.containing(wanted):
                if b"/S " in text:
                    self.change_element(source.get_object(number, 0), text)
        return has_headings

    def change_element(self, element, text, depth=0):
        if self.roles and "/S" in element and str(element.S) in self.roles:
            element.S = Name(self.roles[str(element.S)])
        if b"/ID " in text and "/ID" in element and "/P" in element and "/S" in element:
            name = self.prefix + bytes(element.ID)
            element.ID = String(name)
            self.identifiers.append((name, element))
        if b"/A " in text and "/A" in element:
            sheet = self.shrunk.get(element.Pg.objgen) if self.shrunk and "/Pg" in element else None
            self.change_attributes(element.A, sheet)
        if self.classes and "/C" in element:
            names = [self.renamed_class(one) for one in as_list(element.C)]
            element.C = Array(names) if isinstance(element.C, Array) else names[0]
        if text.count(b"/S ") > 1 and "/K" in element and depth < DEEPEST:
            for kid in as_list(element.K):
                if isinstance(kid, Dictionary) and not kid.is_indirect:
                    self.change_element(kid, kid.unparse(resolved=True), depth + 1)

    def change_attributes(self, attributes, sheet):
        for one in as_list(attributes):
            if not isinstance(one, Dictionary):
                continue
            if "/Headers" in one and len(one.Headers):
                one.Headers = Array([String(self.prefix + bytes(name)) for name in one.Headers])
            if sheet is not None and "/BBox" in one:
                one.BBox = Array(sheet.moved(one.BBox))

    def renamed_class(self, name):
        # A class may be followed by its revision, a number.
        return Name(self.classes.get(str(name), str(name))) if isinstance(name, Name) else name


def tag_count(page, numbers):
    found = numbers.get(int(page.StructParents)) if "/StructParents" in page else None
    return len(found) if isinstance(found, Array) else None


def number_tree_items(node, depth=0):
    if not isinstance(node, Dictionary) or depth > DEEPEST:
        return
    numbers = as_list(node.get("/Nums"))
    for key, value in zip(numbers[::2], numbers[1::2], strict=False):
        if isinstance(key, int) and value is not None:
            yield key, value
    for kid in as_list(node.get("/Kids")):
        yield from number_tree_items(kid, depth + 1)


def shift_form_keys(pages, base):
    """Drawings that are used on pages may have keys in the parent tree too: moves them, or takes them out."""
    seen, waiting = set(), [page.get("/Resources") for page in pages]
    while waiting:
        resources = waiting.pop()
        for drawing in ((resources or {}).get("/XObject") or {}).values():
            if drawing.objgen in seen:
                continue
            seen.add(drawing.objgen)
            for name in ("/StructParents", "/StructParent"):
                if name in drawing and base is None:
                    del drawing[name]
                elif name in drawing:
                    drawing[name] = drawing[name] + base
            if drawing.get("/Subtype") == "/Form":
                waiting.append(drawing.get("/Resources"))


def annotations_of(page):
    annotations = page.Annots if "/Annots" in page else None
    return [one for one in annotations if isinstance(one, Dictionary)] if isinstance(annotations, Array) else []


def as_list(value):
    if value is None:
        return []
    return list(value) if isinstance(value, Array) else [value]


def forget_tags(pages):
    for page in pages:
        for owner, name in ((page, "/StructParents"), *((one, "/StructParent") for one in annotations_of(page))):
            if name in owner:
                del owner[name]
    shift_form_keys(pages, None)


def untagged_annotations(pages):
    """(page, annotation) for each annotation that a reader can reach and no tag knows."""
    return [
        (page, annotation)
        for page in pages
        for annotation in annotations_of(page)
        if "/StructParent" not in annotation and annotation.get("/Subtype") not in UNREAD
    ]


DEEPEST_HEADING = 6


def role_pattern(names):
    roles = b"|".join(re.escape(Name(name).unparse()) for name in sorted(names))
    return re.compile(rb"/S (?:" + roles + rb")[\s/>]")


def give_heading_levels(roots, names):
    seen = set()
    waiting = [iter([(root, 0) for root in roots])]
    while waiting:
        element, level = next(waiting[-1], (None, 0))
        if element is None:
            waiting.pop()
            continue
        if element.is_indirect:
            if element.objgen in seen:
                continue
            seen.add(element.objgen)
        if str(element.get("/S")) in names:
            element.S = Name(f"/H{min(level + 1, DEEPEST_HEADING)}")
        waiting.append(child_elements(element, level, names))


def child_elements(element, above, names):
    headed, below = above, element.get("/K")
    for one in below if isinstance(below, Array) else [below]:
        if isinstance(one, Dictionary) and "/S" in one:
            is_heading = str(one.S) in names
            yield one, above if is_heading else headed
            if is_heading:
                headed = above + 1
