"""The bound pack read back: pages, numbers, labels, bookmarks, links, and the same bytes for the same parts."""

from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, String

from inquiries.documents.pack_merge import PAGE_LINK, PackProperties, merge_parts, reprint
from inquiries.documents.typst_runner import PdfFailed
from tests.documents.papers import A4, as_part, changed, make_paper, make_scan

TITLE = "Agenda pack: Finance Select Committee, 10 November 2015"


def bound(parts, folder, name="pack.pdf", accessible=False):
    """(the opened pack, what the merger said)."""
    said = merge_parts(parts, folder / name, PackProperties(TITLE, "en-GB", accessible))
    return pikepdf.open(folder / name), said


def front_sheet(*labels):
    """Two pages whose links are placeholders for these pages of the pack."""

    def name_pages(opened):
        page = opened.pages[0].obj
        for annotation in page.Annots:
            if "/A" in annotation:
                annotation.A.URI = String(PAGE_LINK + labels[0])
                annotation.Contents = String(PAGE_LINK + labels[0])
        for label in labels[1:]:
            address = Dictionary(S=Name.URI, URI=String(PAGE_LINK + label))
            link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), F=4, A=address)
            page.Annots.append(opened.make_indirect(link))

    return changed(make_paper(2, title="Agenda"), name_pages)


@pytest.fixture(scope="module")
def pack_of_2015(tmp_path_factory):
    """As on 10 November 2015: front sheet, item 6 on 3 - 14, item 7 on 15 - 20, item 8 on 21 - 28; then E1 - E2."""
    folder = tmp_path_factory.mktemp("pack")
    update = {"item": "7. PROGRESS UPDATE", "stamp": "Agenda Item 7"}
    parts = [
        as_part(folder, front_sheet("3", "15", "21", "E1"), 1, "Agenda", numbered=False),
        as_part(folder, make_paper(12, title="Budget"), 3, "Budget", item="6. BUDGET", stamp="Agenda Item 6"),
        as_part(folder, make_paper(5, title="Update"), 15, "Update", **update, blank_after=1),
        as_part(folder, make_paper(8, title="Plan"), 21, "Work plan", item="8. WORK PLAN", stamp="Agenda Item 8"),
        as_part(folder, make_paper(2, title="Contract"), 1, "Contract", **update, series="E"),
    ]
    return (*bound(parts, folder, accessible=True), folder)


def texts(pdf):
    """The words of each page, stamps included."""
    saved = BytesIO()
    pdf.save(saved)
    with pypdfium2.PdfDocument(saved.getvalue()) as opened:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in opened]


def links_of(pdf):
    """(index of the page, annotation) of each link."""
    return [
        (index, annotation)
        for index, page in enumerate(pdf.pages)
        for annotation in page.obj.get("/Annots", [])
        if annotation.Subtype == "/Link"
    ]


def test_labels_match_printed_numbers(pack_of_2015):
    pdf, said, _ = pack_of_2015
    labels = [*(str(number) for number in range(1, 29)), "E1", "E2"]
    assert said.page_count == len(pdf.pages) == 30
    assert [page.label for page in pdf.pages] == labels
    printed = texts(pdf)
    unnumbered = {0, 1, 19}  # the front sheet, and the blank page that makes item 8 start on a right-hand page
    for index, label in enumerate(labels):
        assert (f"Page {label}" in printed[index]) == (index not in unnumbered), label
    assert printed[19] == ""
    assert [float(edge) for edge in pdf.pages[19].mediabox] == pytest.approx([0, 0, *A4])


def test_stamps_first_page_of_item(pack_of_2015):
    stamped = {index: text for index, text in enumerate(texts(pack_of_2015[0])) if "Agenda Item" in text}
    assert sorted(stamped) == [2, 14, 20, 28]
    assert [text.count(f"Agenda Item {number}") for text, number in zip(stamped.values(), "6787", strict=True)] == [
        1
    ] * 4


def test_front_sheet_links_to_pages(pack_of_2015):
    pdf, said, _ = pack_of_2015
    pages = {page.obj.objgen: index for index, page in enumerate(pdf.pages)}
    found = {
        str(annotation.Contents): pages[annotation.A.D[0].objgen]
        for index, annotation in links_of(pdf)
        if index == 0 and "/A" in annotation
    }
    assert said.dead_links == 0
    assert found["Page 3"] == 2
    assert found["Page 15"] == 14
    assert found["Page 21"] == 20
    assert found["Page E1"] == 28
    assert not any(PAGE_LINK in str(link.get("/A", {}).get("/URI", "")) for _, link in links_of(pdf))


def test_links_within_papers_work(pack_of_2015):
    pdf = pack_of_2015[0]
    pages = {page.obj.objgen: index for index, page in enumerate(pdf.pages)}
    papers = {2: range(2, 14), 14: range(14, 19), 20: range(20, 28), 28: range(28, 30)}
    inside = outside = 0
    for index, annotation in links_of(pdf):
        if index < 2:
            continue
        if "/A" in annotation and annotation.A.S == "/URI":
            outside += 1
            assert str(annotation.A.URI).startswith("https://www.example.org/")
        else:
            inside += 1
            target = pages[(annotation.Dest if "/Dest" in annotation else annotation.A.D)[0].objgen]
            paper = next(one for one in papers.values() if index in one)
            assert target in paper
            assert str(annotation.Contents) == f"Page {pdf.pages[target].label}"
    assert (inside, outside) == (27, 4)


def test_same_names_lead_apart(tmp_path):
    def by_name(opened):
        for page in opened.pages:
            for annotation in page.obj.Annots:
                if "/Dest" in annotation:
                    annotation.Dest = String("start")

    parts = [
        as_part(tmp_path, changed(make_paper(3, title="One"), by_name), 1, "One"),
        as_part(tmp_path, changed(make_paper(3, title="Two"), by_name), 4, "Two"),
    ]
    pdf, said = bound(parts, tmp_path)
    pages = {page.obj.objgen: index for index, page in enumerate(pdf.pages)}
    targets = [(index, pages[link.Dest[0].objgen]) for index, link in links_of(pdf) if "/Dest" in link]
    assert targets == [(0, 0), (1, 0), (2, 0), (3, 3), (4, 3), (5, 3)]
    assert said.dead_links == 0


def test_dead_link_is_counted(tmp_path):
    def astray(opened):
        for annotation in opened.pages[0].obj.Annots:
            if "/Dest" in annotation:
                annotation.Dest = String("no such place")

    pdf, said = bound([as_part(tmp_path, changed(make_paper(1, title="One"), astray), 1, "One")], tmp_path)
    assert said.dead_links == 1
    assert "One link in “One” leads to a place that does not exist." in said.warnings
    assert [("/Dest" in link, "/A" in link) for _, link in links_of(pdf)] == [(False, True), (False, False)]


def test_front_sheet_names_missing_page(tmp_path):
    _, said = bound([as_part(tmp_path, front_sheet("99"), 1, "Agenda", numbered=False)], tmp_path)
    assert said.dead_links == 1
    assert said.warnings == ["The front sheet names page 99, which the pack does not have."]


def test_bookmarks_follow_items(pack_of_2015):
    folder = pack_of_2015[2]
    with pypdfium2.PdfDocument(folder / "pack.pdf") as opened:
        toc = [(one.level, one.get_title(), one.get_dest().get_index()) for one in opened.get_toc()]
    assert [one for one in toc if one[0] == 0] == [
        (0, "Agenda", 0),
        (0, "6. BUDGET", 2),
        (0, "7. PROGRESS UPDATE", 14),
        (0, "8. WORK PLAN", 20),
        (0, "7. PROGRESS UPDATE", 28),
    ]
    assert (1, "Update", 14) in toc
    assert (2, "Update, part 3", 16) in toc
    # A paper's own first bookmark stays where it says something else than the part's.
    assert toc[toc.index((1, "Work plan", 20)) + 1] == (2, "Plan", 20)
    assert (3, "Plan, part 8", 27) in toc
    assert len(toc) == 1 + 1 + 2 + 11 + 2 + 4 + 2 + 1 + 7 + 2 + 1


def test_pack_has_metadata(pack_of_2015):
    pdf = pack_of_2015[0]
    assert str(pdf.docinfo["/Title"]) == TITLE
    with pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == TITLE
        assert metadata["dc:language"] == {"en-GB"}
        assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
    assert str(pdf.Root.Lang) == "en-GB"
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert all(page.obj.Tabs == "/S" for page in pdf.pages if "/Annots" in page.obj)


def test_same_parts_give_same_bytes(tmp_path):
    written = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        parts = [
            as_part(folder, front_sheet("3"), 1, "Agenda", numbered=False),
            as_part(folder, make_paper(3, title="Update"), 3, "Update", stamp="Agenda Item 7", item="7. UPDATE"),
            as_part(folder, make_scan(2), 6, "Scan", tagged=False),
        ]
        bound(parts, folder)
        written.append((folder / "pack.pdf").read_bytes())
    assert written[0] == written[1]


def test_reports_progress_and_faults(tmp_path):
    heard = []
    part = as_part(tmp_path, make_paper(2, title="One"), 1, "One")
    merge_parts([part], tmp_path / "out.pdf", PackProperties("T", "en", False), lambda *step: heard.append(step))
    assert heard == [("Binding “One”", 0, 1), ("Writing the pack", 1, 1)]

    short = as_part(tmp_path, make_paper(2, title="One"), 1, "One", pages=part.pages[:1])
    with pytest.raises(PdfFailed, match="“One” has 2 pages where 1 were counted"):
        bound([short], tmp_path)
    (tmp_path / "1.pdf").write_bytes(b"no PDF at all")
    with pytest.raises(PdfFailed, match="“One” cannot be bound into the pack: its file cannot be read"):
        bound([part], tmp_path)


def test_reprints_one_item(pack_of_2015):
    _, _, folder = pack_of_2015
    output = BytesIO()
    reprint(folder / "pack.pdf", 14, 19, output)
    with pikepdf.open(output) as pdf:
        assert [page.label for page in pdf.pages] == ["15", "16", "17", "18", "19", "20"]
        printed = texts(pdf)
        assert "Agenda Item 7" in printed[0]
        assert [f"Page {number}" in printed[number - 15] for number in range(15, 21)] == [True] * 5 + [False]
        assert str(pdf.docinfo["/Title"]) == f"{TITLE}: pages 15 to 20, for printing"
        pages = {page.obj.objgen for page in pdf.pages}
        targets = [
            link.A.D if "/A" in link else link.Dest for _, link in links_of(pdf) if "/URI" not in link.get("/A", {})
        ]
        assert len(targets) == 5
        assert all(target[0].objgen in pages for target in targets)
        assert "/StructTreeRoot" not in pdf.Root
    again = BytesIO()
    reprint((folder / "pack.pdf").read_bytes(), 14, 19, again)
    assert again.getvalue() == output.getvalue()


def test_reprints_exempt_pages(pack_of_2015):
    _, _, folder = pack_of_2015
    output = BytesIO()
    reprint(folder / "pack.pdf", 27, 28, output)
    with pikepdf.open(output) as pdf:
        assert [page.label for page in pdf.pages] == ["28", "E1"]
    with pytest.raises(ValueError, match="The pack has 30 pages, not 30 to 31"):
        reprint(folder / "pack.pdf", 29, 30, BytesIO())
