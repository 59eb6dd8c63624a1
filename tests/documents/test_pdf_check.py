"""The check finds what a format validator lets pass: each test plants one fault in a good file."""

from dataclasses import replace
from io import BytesIO

import page as validator
import pikepdf
import pytest

from inquiries.documents.pdf import progress_report_pdf
from tests.documents.pdf_check import check
from tests.documents.pdf_text import to_unicode
from tests.documents.samples import full_report

CONTENT = full_report()
NOT_IN_ORDER = "Read aloud from beginning to end, the file does not say what the report says, in its order."


@pytest.fixture(scope="module")
def good():
    return progress_report_pdf(CONTENT)


def elements(node, kind):
    """Every element of this kind below a node of the structure tree, in order."""
    children = node.get("/K", [])
    found = []
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            found += [child] if str(child.S) == kind else []
            found += elements(child, kind)
    return found


def with_fault(pdf, plant):
    with pikepdf.open(BytesIO(pdf)) as opened:
        plant(opened, opened.Root.StructTreeRoot)
        saved = BytesIO()
        opened.save(saved)
    return saved.getvalue()


def test_good_file_has_no_finding(good):
    assert check(good, CONTENT) == []


def test_header_cells_as_data(good):
    def plant(_, tree):
        for cell in elements(elements(tree, "/Table")[0], "/TH"):
            cell.S = pikepdf.Name("/TD")

    assert check(with_fault(good, plant), CONTENT) == [
        "The header row of the main table is not made of 4 header cells."
    ]


def test_rows_in_reverse(good):
    def plant(_, tree):
        body = elements(elements(tree, "/Table")[0], "/TBody")[0]
        body.K = pikepdf.Array(reversed(list(body.K)))

    bad = with_fault(good, plant)
    assert validator.is_pdf_compliant_bytes(bad, profile="ua1")  # why this check exists
    findings = check(bad, CONTENT)
    assert findings[0] == "Row 1a, 1b of the main table, column “Accepted Recommendations”, says " + (
        "“8 (number given): That somebody count the bicycles.”."
    )
    assert NOT_IN_ORDER in findings


def test_swapped_cells(good):
    def plant(_, tree):
        line = elements(tree, "/TR")[1]
        line.K = pikepdf.Array([line.K[1], line.K[0], line.K[2], line.K[3]])

    assert [finding[:70] for finding in check(with_fault(good, plant), CONTENT)] == [
        "Row 1a, 1b of the main table, column “Accepted Recommendations”, says ",
        "Row 1a, 1b of the main table, column “Original Response and Actions”, ",
        NOT_IN_ORDER[:70],
    ]


def test_swapped_parent_tree(good):
    def plant(opened, tree):
        parents = pikepdf.NumberTree(tree.ParentTree)
        page = parents[int(opened.pages[0].obj.StructParents)]
        page[20], page[30] = page[30], page[20]

    assert check(with_fault(good, plant), CONTENT) == [
        "2 pieces of the pages name another element than the one that holds them."
    ]


def test_missing_text(good):
    def plant(opened, _):
        page = opened.pages[0]
        kept = [(o, n) for o, n in pikepdf.parse_content_stream(page) if str(n) != "TJ" or len(o[0]) % 7]
        page.Contents = opened.make_stream(pikepdf.unparse_content_stream(kept))

    findings = check(with_fault(good, plant), CONTENT)
    assert NOT_IN_ORDER in findings
    assert any(finding.startswith("Row ") for finding in findings)


def test_untagged_row(good):
    def plant(_, tree):
        body = elements(elements(tree, "/Table")[0], "/TBody")[0]
        body.K = pikepdf.Array(list(body.K)[:-1])

    findings = check(with_fault(good, plant), CONTENT)
    assert "The main table has 4 rows where 5 should be." in findings


def test_missing_cell(good):
    def plant(_, tree):
        line = elements(tree, "/TR")[2]
        line.K = pikepdf.Array(list(line.K)[:3])

    assert "Row 2 of the main table is not made of 4 data cells." in check(with_fault(good, plant), CONTENT)


def test_missing_account(good):
    def plant(_, tree):
        document = tree.K if isinstance(tree.K, pikepdf.Dictionary) else tree.K[0]
        document.K = pikepdf.Array(child for child in document.K if child.get("/S") != "/Table")

    assert "The file has 0 tables where 2 should be." in check(with_fault(good, plant), CONTENT)


def test_missing_title_and_language(good):
    def plant(opened, _):
        del opened.Root.Lang
        del opened.Root.ViewerPreferences
        with opened.open_metadata() as metadata:
            metadata["dc:title"] = "Untitled"

    assert check(with_fault(good, plant), CONTENT) == [
        "The title is “Untitled”, not “Getting Home from School: Final Progress Report (12 months on)”.",
        "The language is “”, not “en-GB”.",
        "The window would show the file's name, not its title.",
    ]


def test_wrong_heading_level(good):
    def plant(_, tree):
        elements(tree, "/H2")[1].S = pikepdf.Name("/H3")

    (finding,) = check(with_fault(good, plant), CONTENT)
    assert finding.startswith("The headings are [('H1', 'Scrutiny Inquiry Progress Update on Recommendations')")


def test_faulty_links(good):
    def plant(opened, _):
        first, second = opened.pages[0].Annots[0], opened.pages[0].Annots[1]
        del first.Contents
        second.A.URI = pikepdf.String("https://www.example.com/elsewhere")

    assert check(with_fault(good, plant), CONTENT) == [
        "The link to https://www.example.org/late-bus has no description.",
        "The address https://www.example.org/late-bus/timetable?term=spring is not a link.",
        "The link to https://www.example.com/elsewhere is not in the report.",
    ]


def test_untagged_link(good):
    def plant(_, tree):
        link = elements(tree, "/Link")[0]
        link.K = pikepdf.Array(c for c in link.K if isinstance(c, int) or c.get("/Type") != "/OBJR")

    assert check(with_fault(good, plant), CONTENT) == [
        "The link “www.example.org/late-bus” leads nowhere.",
        "The link to https://www.example.org/late-bus is not in the tags.",
    ]


def test_no_tags_at_all(good):
    def plant(opened, _):
        del opened.Root.StructTreeRoot

    assert check(with_fault(good, plant), CONTENT) == ["The file has no tags."]


def test_differing_word(good):
    rows = (replace(CONTENT.rows[0], response="Refused."), *CONTENT.rows[1:])
    findings = check(good, replace(CONTENT, rows=rows))
    assert findings[-1] == NOT_IN_ORDER
    assert findings[0].startswith("Row 1a, 1b of the main table, column “Original Response and Actions”, says “Agreed.")


def test_not_a_pdf():
    (finding,) = check(b"Dear Sir or Madam", CONTENT)
    assert finding.startswith("The file cannot be read as a PDF")


def test_reads_every_cmap_form():
    table = (
        b"2 beginbfchar\n<0001> <0041>\n<0002> <00660069>\nendbfchar\n"
        b"2 beginbfrange\n<0010> <0012> <0061>\n<0020> <0021> [<0078> <D83DDE00>]\nendbfrange"
    )
    assert to_unicode(table) == {1: "A", 2: "fi", 0x10: "a", 0x11: "b", 0x12: "c", 0x20: "x", 0x21: "😀"}
