"""The tags of a pack: each paper reads as it did by itself, and nothing in one is taken for something in another."""

from io import BytesIO

import page as validator
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from tests.documents.papers import A3, as_part, changed, make_paper, make_scan
from tests.documents.pdf_text import read_structure
from tests.documents.test_pack_merge import bound, front_sheet

CLAIM = {"PDFUA1-ID-PART-001", "PDFUA1-ID-SCHEMA-001"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tags")


@pytest.fixture(scope="module")
def tagged(folder):
    papers = {
        "Budget": make_paper(3, title="Budget", full_bleed=True),
        "Update": make_paper(2, title="Update", landscape=True),
        "Map": make_paper(2, title="Map", size=A3, rotate=90),
        "Plan": make_paper(2, title="Plan", crop=(20, 30, 40, 50), language="cy-GB"),
    }
    parts = [as_part(folder, front_sheet("3", "6"), 1, "Agenda", numbered=False)]
    for title, pdf in papers.items():
        first = parts[-1].first_page + len(parts[-1].pages)
        language = "cy-GB" if title == "Plan" else "en-GB"
        parts.append(as_part(folder, pdf, first, title, stamp="Agenda Item 7", language=language))
    pdf, _ = bound(parts, folder, "tagged.pdf", accessible=True)
    return pdf, papers


def failures(path):
    return validator.validate_pdf_bytes(path.read_bytes(), profile="ua1").failures


def elements(node):
    """Every element below a node of the tree, in order."""
    children = node.get("/K", [])
    for child in children if isinstance(children, Array) else [children]:
        if isinstance(child, Dictionary) and "/S" in child:
            yield child
            yield from elements(child)


def in_both_directions(pdf):
    """Checks that pages and annotations name the elements that name them; how many pieces were compared."""
    numbers = pikepdf.NumberTree(pdf.Root.StructTreeRoot.ParentTree)
    compared = 0
    pages = {page.obj.objgen: page.obj for page in pdf.pages}
    for element in elements(pdf.Root.StructTreeRoot):
        children = element.get("/K", [])
        for child in children if isinstance(children, Array) else [children]:
            if isinstance(child, int):
                key = int(pages[element.Pg.objgen].StructParents)
                assert numbers[key][child].objgen == element.objgen
                compared += 1
            elif child.get("/Type") == "/OBJR":
                assert numbers[int(child.Obj.StructParent)].objgen == element.objgen
                assert child.Obj.objgen in {one.objgen for one in pages[child.Pg.objgen].Annots}
                compared += 1
    return compared


def test_tagged_papers_pass_pdfua(tagged, folder):
    assert failures(folder / "tagged.pdf") == []


def test_each_paper_is_a_part(tagged):
    (document,) = tagged[0].Root.StructTreeRoot.K
    assert document.S == "/Document"
    assert [(str(part.S), str(part.T), str(part.Lang)) for part in document.K] == [
        ("/Part", "Agenda", "en-GB"),
        ("/Part", "Budget", "en-GB"),
        ("/Part", "Update", "en-GB"),
        ("/Part", "Map", "en-GB"),
        ("/Part", "Plan", "cy-GB"),
    ]


def test_papers_read_as_before(tagged):
    pdf, papers = tagged
    parts = read_structure(pdf).find("Part")
    for part, paper in zip(parts[1:], papers.values(), strict=True):
        with pikepdf.open(BytesIO(paper)) as alone:
            by_itself = read_structure(alone)
        assert part.text == by_itself.text
        assert "Pupils on the late bus" in part.text
        for kind in ("H1", "H2", "P", "Table", "TH", "TD", "LI", "Link"):
            assert [one.text for one in part.find(kind)] == [one.text for one in by_itself.find(kind)], kind


def test_pages_and_tags_agree(tagged):
    pdf, papers = tagged
    root = pdf.Root.StructTreeRoot
    alone = [pikepdf.open(BytesIO(paper)) for paper in (front_sheet("3", "6"), *papers.values())]
    # One link of the front sheet had no tag.
    assert in_both_directions(pdf) == sum(in_both_directions(paper) for paper in alone) + 1
    keys = [int(page.obj.StructParents) for page in pdf.pages]
    keys += [int(annotation.StructParent) for page in pdf.pages for annotation in page.obj.get("/Annots", [])]
    assert len(keys) == len(set(keys))
    assert max(keys) < root.ParentTreeNextKey


def test_headers_stay_in_their_table(tagged):
    pdf, _ = tagged
    names = pikepdf.NameTree(pdf.Root.StructTreeRoot.IDTree)
    identified = [one for one in elements(pdf.Root.StructTreeRoot) if "/ID" in one]
    assert len({bytes(one.ID) for one in identified}) == len(identified) == len(list(names)) == 10
    found = 0
    for cell in elements(pdf.Root.StructTreeRoot):
        for attribute in cell.get("/A", []):
            for name in attribute.get("/Headers", []):
                header = names[str(name)]
                assert header.S == "/TH"
                assert header.P.P.P.objgen == cell.P.P.P.objgen  # cell, row, head or body, table
                found += 1
    assert found == 5 * 4


def test_mixed_pack_makes_no_claim(folder):
    parts = [
        as_part(folder, make_paper(2, title="Update"), 1, "Update"),
        as_part(folder, make_paper(2, title="Old"), 3, "Old minutes", tagged=False),
        as_part(folder, make_paper(2, title="Bare", tagged=False), 5, "Bare", tagged=False),
        as_part(folder, make_scan(2, rotate=90), 7, "Scan", tagged=False),
    ]
    pdf, said = bound(parts, folder, "mixed.pdf")
    assert {one.rule_id for one in failures(folder / "mixed.pdf")} == CLAIM
    assert in_both_directions(pdf) > 30
    read = read_structure(pdf).find("Part")
    titles = [str(part.T) for part in pdf.Root.StructTreeRoot.K[0].K]
    assert titles[1:] == [f"{name} (not tagged for screen readers)" for name in ("Old minutes", "Bare", "Scan")]
    assert "“Scan” is not tagged for screen readers." in said.warnings
    for part in read[1:]:
        assert [one.kind for one in part.content[:2]] == ["P", "P"]
    assert "This is page 2 of Bare" in read[2].content[1].text.replace("\xa0", " ")
    assert "This is page 2 of Old" in read[1].content[1].text
    assert len(read[2].find("Link")) == 3
    assert all(link.annotations for link in read[2].find("Link"))


def test_hidden_layer_stays_hidden(folder):
    def layered(opened):
        page = opened.pages[0].obj
        layer = opened.make_indirect(Dictionary(Type=Name.OCG, Name=String("Draft")))
        opened.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=Array([layer])))
        page.Resources.Properties = Dictionary(Draft=layer)
        extra = opened.make_stream(b"/Artifact BMC /OC /Draft BDC 1 0 0 rg 100 300 200 200 re f EMC EMC")
        page.Contents = Array([page.Contents, extra])

    for tagged in (True, False):
        paper = changed(make_paper(1, title="Layers"), layered)
        part = as_part(folder, paper, 1, "Layers", tagged=tagged)
        assert part.pages[0].bottom > 600  # the square is not seen in the paper
        pdf, _ = bound([part], folder, "layers.pdf")
        (off,) = pdf.Root.OCProperties.D.OFF
        assert off.Name == "Draft"
        assert pdf.pages[0].obj.Resources.Properties.Draft.objgen == off.objgen
        assert b"/OC /Draft BDC" in b"".join(stream.read_bytes() for stream in pdf.pages[0].obj.Contents)


def test_conflicting_roles_are_renamed(folder):
    def calls_it(meaning, chain=False):
        def change(opened):
            root = opened.Root.StructTreeRoot
            root.RoleMap["/Remark"] = Name("/Between" if chain else meaning)
            if chain:
                root.RoleMap["/Between"] = Name(meaning)
            for element in elements(root):
                if element.S == "/P":
                    element.S = Name("/Remark")

        return changed(make_paper(1, title=f"As {meaning[1:]}"), change)

    parts = [
        as_part(folder, calls_it("/P"), 1, "One"),
        as_part(folder, calls_it("/H2"), 2, "Two"),
        as_part(folder, calls_it("/P", chain=True), 3, "Three"),
    ]
    pdf, _ = bound(parts, folder, "roles.pdf")
    roles = pdf.Root.StructTreeRoot.RoleMap
    meanings = []
    for part in pdf.Root.StructTreeRoot.K[0].K:
        found = {str(one.S) for one in elements(part) if str(one.S).startswith("/Remark")}
        meanings.append({str(roles[name]) for name in found})
    assert meanings == [{"/P"}, {"/H2"}, {"/P"}]


def test_classes_and_tagged_drawings(folder):
    def change(opened):
        root = opened.Root.StructTreeRoot
        root.ClassMap = Dictionary(Wide=Dictionary(O=Name.Layout, SpaceAfter=len(opened.pages)))
        first = next(elements(root))
        first.C = Name.Wide
        drawing = opened.make_stream(b"/P <</MCID 0>> BDC 0 0 9 9 re f EMC", Type=Name.XObject, Subtype=Name.Form)
        drawing.BBox = Array([0, 0, 9, 9])
        drawing.StructParents = int(root.ParentTreeNextKey)
        numbers = pikepdf.NumberTree(root.ParentTree)
        numbers[int(root.ParentTreeNextKey)] = Array([first])
        opened.pages[0].obj.Resources.XObject = Dictionary(Drawing=drawing)

    parts = [as_part(folder, changed(make_paper(n, title=f"Of {n}"), change), 2 * n - 1, f"Of {n}") for n in (1, 2)]
    pdf, _ = bound(parts, folder, "classes.pdf")
    root = pdf.Root.StructTreeRoot
    numbers = pikepdf.NumberTree(root.ParentTree)
    spaces = []
    for part, page in zip(root.K[0].K, (pdf.pages[0], pdf.pages[1]), strict=True):
        owner = next(one for one in elements(part) if "/C" in one)
        spaces.append(root.ClassMap[str(owner.C)].SpaceAfter)
        drawing = page.obj.Resources.XObject.Drawing
        assert numbers[int(drawing.StructParents)][0].objgen == owner.objgen
    assert spaces == [1, 2]


def test_headings_get_levels(folder):
    def without_levels(called):
        def change(opened):
            root = opened.Root.StructTreeRoot
            if called != "/H":
                root.RoleMap[called] = Name.H
            (document,) = root.K
            wrapped = opened.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Sect, P=document))
            kids = list(document.K)
            for element in kids[1:]:
                element.P = wrapped
            wrapped.K = Array(kids[1:])
            document.K = Array([kids[0], wrapped])
            for element in elements(root):
                if element.S in ("/H1", "/H2"):
                    element.S = Name(called)

        return changed(make_paper(3, title=f"With {called[1:]}"), change)

    parts = [
        as_part(folder, make_paper(2, title="Update"), 1, "Update"),
        as_part(folder, without_levels("/H"), 3, "Plain"),
        as_part(folder, without_levels("/Heading"), 6, "Named"),
    ]
    pdf, _ = bound(parts, folder, "headings.pdf", accessible=True)
    found = [
        [str(one.S) for one in elements(part) if str(one.S).startswith("/H")] for part in pdf.Root.StructTreeRoot.K[0].K
    ]
    assert found == [["/H1", "/H2"], ["/H1", "/H2", "/H2"], ["/H1", "/H2", "/H2"]]
    assert failures(folder / "headings.pdf") == []
