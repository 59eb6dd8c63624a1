"""Packs as files: both editions page for page, the numbers that they print, and what happens when it goes wrong."""

import hashlib
import logging
import threading
from dataclasses import replace
from io import BytesIO
from itertools import pairwise

import page as validator
import pdfplumber
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiries.choices import PackEdition, Tagging
from inquiries.documents import pack_build
from inquiries.documents.front_sheet import front_sheet_pdf
from inquiries.documents.pack_build import Span, build, lay_out
from inquiries.documents.pack_content import Item, ReportPaper
from inquiries.documents.pack_merge import PackProperties
from inquiries.documents.typst_runner import PdfFailed
from tests.documents.pack_agenda import MARKER, content, paper, paper_file
from tests.documents.papers import as_part, make_paper
from tests.documents.samples import report, row

PUBLIC, RESTRICTED = PackEdition.PUBLIC, PackEdition.RESTRICTED
APOLOGIES = Item(1, 1, "Apologies for absence")


def build_in(folder, contents, sizes, *, untagged=()):
    """Build `contents` in `folder`; `sizes` is {paper pk: (page count, title)}. Returns packs and what was said."""
    papers = {
        pk: paper_file(folder, pk, pages, title=title, tagged=pk not in untagged)
        for pk, (pages, title) in sizes.items()
    }
    said = []
    return build(contents, papers, folder, lambda *step: said.append(step)), said


def labels(path):
    """The page labels of a pack: what a reader shows as page numbers."""
    with pikepdf.open(path) as opened:
        return [page.label for page in opened.pages]


def pages(path):
    """What is printed on each page."""
    with pdfplumber.open(path) as opened:
        return [" ".join(page.extract_text().split()) for page in opened.pages]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """A pack with an item that is exempt, one that is so in part, and a report with an exempt update."""
    words = report([row("1"), row("2", update="Open words.")])
    secret = report([row("1"), row("2", update=f"Open words. {MARKER} of the report")])
    public = (
        APOLOGIES,
        Item(2, 2, "Buses", report=ReportPaper(4, "buses", 6, words), exempt_paragraphs=(1,)),
        Item(3, 3, "Contract", exempt_paragraphs=(3,)),
        Item(4, 4, "Budget", papers=(paper(1, 3, "Summary"), paper(2, 2, "Figures")), exempt_paragraphs=(3,)),
    )
    restricted = (
        APOLOGIES,
        replace(public[1], exempt_report=ReportPaper(4, "buses", 6, secret)),
        replace(public[2], exempt_papers=(paper(8, 5, f"{MARKER} bids"),)),
        replace(public[3], exempt_papers=(paper(9, 2, f"{MARKER} staff"),)),
    )
    contents = {PUBLIC: content(*public), RESTRICTED: content(*restricted, edition=RESTRICTED)}
    sizes = {1: (3, "Summary"), 2: (2, "Figures"), 8: (5, f"{MARKER} bids"), 9: (2, f"{MARKER} staff")}
    return build_in(tmp_path_factory.mktemp("both"), contents, sizes)


def test_entries_and_papers_have_their_pages(both):
    public, restricted = both[0][PUBLIC], both[0][RESTRICTED]
    assert public.entries == [(2, False, 3, 4), (4, False, 5, 10)]
    assert public.papers == [(1, 5), (2, 9)]
    assert restricted.entries == [*public.entries, (2, True, 1, 2), (3, True, 3, 8), (4, True, 9, 10)]
    assert restricted.papers == [*public.papers, (8, 3), (9, 9)]
    assert [(p.first_page, p.last_page, p.last_exempt_page) for p in (public, restricted)] == [(1, 10, 0), (1, 10, 10)]


def test_restricted_edition_adds_part_two(both):
    public, restricted = pages(both[0][PUBLIC].path), pages(both[0][RESTRICTED].path)
    assert restricted[2:10] == public[2:]
    assert labels(both[0][RESTRICTED].path)[2:] == [str(n) for n in range(3, 11)] + [f"E{n}" for n in range(1, 11)]
    assert labels(both[0][PUBLIC].path)[2:] == [str(n) for n in range(3, 11)]
    assert "Not for publication" in restricted[10]
    assert "NOT FOR PUBLICATION" in restricted[0]


def test_public_file_has_nothing_exempt(both):
    with pikepdf.open(both[0][PUBLIC].path) as opened:
        opened.save(plain := BytesIO(), compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.all)
        said = [str(thing) for thing in opened.objects if isinstance(thing, pikepdf.String)]
    assert MARKER.encode() not in plain.getvalue()
    assert not any(MARKER in one for one in said)
    assert MARKER not in "".join(pages(both[0][PUBLIC].path))
    assert MARKER in "".join(pages(both[0][RESTRICTED].path))


def test_valid_papers_make_valid_pack(both):
    for pack in both[0].values():
        assert pack.is_accessible
        assert pack.warnings == ()
        assert validator.validate_pdf(str(pack.path), profile="ua1").is_compliant


@pytest.mark.parametrize("edition", [PUBLIC, RESTRICTED])
def test_file_for_screen_has_no_blank_sides_and_the_same_numbers(both, edition, tmp_path):
    pack, screen = both[0][edition], tmp_path / "screen.pdf"
    screen.write_bytes(pack.path.read_bytes() + pack.screen_end)
    printed = [(label, text) for label, text in zip(labels(pack.path), pages(pack.path), strict=True) if text]
    assert list(zip(labels(screen), pages(screen), strict=True)) == printed
    assert len(labels(pack.path)) > len(printed) == pack.screen_pages
    assert hashlib.sha256(screen.read_bytes()).hexdigest() == pack.screen_checksum
    assert validator.validate_pdf(str(screen), profile="ua1").is_compliant
    with pikepdf.open(screen) as opened:
        assert opened.check_pdf_syntax() == []
        kept = {page.obj.objgen for page in opened.pages}
        bookmarks = list(opened.Root.Outlines.keys())
        links = [
            annotation.A.D[0].objgen
            for page in opened.pages
            for annotation in page.obj.get("/Annots", [])
            if annotation.get("/A", {}).get("/S") == "/GoTo"
        ]
    assert bookmarks and links and set(links) <= kept


def test_single_sided_pack_is_one_file(tmp_path):
    contents = {PUBLIC: content(APOLOGIES, Item(2, 2, "Buses", papers=(paper(1, 3, "Buses"),)), duplex=False)}
    packs, _ = build_in(tmp_path, contents, {1: (3, "Buses")})
    assert (packs[PUBLIC].screen_end, packs[PUBLIC].screen_pages) == (None, 0)


def test_checksum_is_of_file(both):
    for pack in both[0].values():
        assert pack.checksum == hashlib.sha256(pack.path.read_bytes()).hexdigest()


def test_reports_progress_to_the_end(both):
    said = both[1]
    assert {total for _, _, total in said} == {said[0][2]}
    done = [done for _, done, _ in said]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, said[0][2])
    assert said[0][0] == "Setting the report “Getting Home from School: Interim Progress Report (6 months on)”"
    assert any(step.startswith("Restricted edition: ") for step, _, _ in said)


def test_step_fits_its_column(tmp_path):
    title = "The buses of the Upper Vale " * 10
    contents = {PUBLIC: content(Item(2, 2, "Buses", papers=(paper(1, 1, title),)))}
    _, said = build_in(tmp_path, contents, {1: (1, "Buses")})
    lengths = [len(step) for step, _, _ in said]
    assert 150 < max(lengths) <= 200


def test_report_leaves_numbers_to_pack(both):
    first = pages(both[0][PUBLIC].path)[2]
    assert "Agenda Item 2" in first
    assert first.endswith("Page 3")
    assert "Page 1 of" not in first


def test_same_contents_give_same_bytes(tmp_path):
    contents = {PUBLIC: content(Item(2, 2, "Buses", papers=(paper(1, 2, "Buses"),)))}
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    made = [build_in(folder, contents, {1: (2, "Buses")})[0][PUBLIC].checksum for folder in (first, second)]
    assert made[0] == made[1]


def test_longer_restricted_front_sheet_keeps_numbers(tmp_path):
    items = tuple(
        Item(n, n, f"Item {n}", exempt_paragraphs=(3,) if n < 4 else (), papers=(paper(n, 1, f"Open {n}"),))
        for n in range(1, 10)
    )
    exempt = tuple(
        replace(item, exempt_papers=tuple(paper(item.pk * 10 + n, 1, f"Bid {n} for {item.pk}") for n in range(8)))
        if item.exempt_paragraphs
        else item
        for item in items
    )
    contents = {
        PUBLIC: content(*items, duplex=False),
        RESTRICTED: content(*exempt, edition=RESTRICTED, duplex=False),
    }
    sizes = {p.pk: (1, p.title) for item in exempt for p in (*item.papers, *item.exempt_papers)}
    packs, _ = build_in(tmp_path, contents, sizes)
    public, restricted = packs[PUBLIC], packs[RESTRICTED]
    assert [entry for entry in restricted.entries if not entry[1]] == public.entries
    start = public.entries[0][2] - 1
    open_pages, all_pages = pages(public.path), pages(restricted.path)
    assert (open_pages[start - 1], all_pages[start - 1] != "") == ("", True)
    assert open_pages[start:] == all_pages[start : public.last_page]
    assert labels(public.path)[start:] == [str(n) for n in range(start + 1, public.last_page + 1)]


def test_supplement_continues_both_series(tmp_path):
    item = Item(7, 7, "Late", papers=(paper(1, 1, "Open"),), exempt_paragraphs=(3,))
    late = {"supplement": 1, "first_page": 29}
    contents = {
        PUBLIC: content(item, **late),
        RESTRICTED: content(
            replace(item, exempt_papers=(paper(2, 1, "Closed"),)), edition=RESTRICTED, first_exempt_page=7, **late
        ),
    }
    packs, _ = build_in(tmp_path, contents, {1: (1, "Open"), 2: (1, "Closed")})
    assert (packs[PUBLIC].first_page, packs[PUBLIC].last_page, packs[PUBLIC].last_exempt_page) == (29, 32, 0)
    assert packs[RESTRICTED].entries == [(7, False, 31, 32), (7, True, 7, 8)]
    assert packs[RESTRICTED].last_exempt_page == 8
    assert labels(packs[RESTRICTED].path)[2:] == ["31", "32", "E7", "E8"]


def test_untagged_paper_removes_claim(tmp_path):
    untagged = paper(1, 2, "A scan", tagging=Tagging.UNTAGGED)
    packs, _ = build_in(
        tmp_path, {PUBLIC: content(Item(2, 2, "Scan", papers=(untagged,)))}, {1: (2, "A scan")}, untagged={1}
    )
    assert packs[PUBLIC].is_accessible is False
    with pikepdf.open(packs[PUBLIC].path) as opened, opened.open_metadata() as metadata:
        assert "pdfuaid:part" not in metadata


def test_false_claim_is_removed(tmp_path):
    # The record says that this paper is valid; the file has no tags.
    words = content(Item(2, 2, "Scan", papers=(paper(1, 2, "A scan"),)))
    file = paper_file(tmp_path, 1, 2, title="A scan", tagged=False)
    broken = replace(file, path=tmp_path / "broken.pdf", tagging=Tagging.VALID)
    with pikepdf.open(file.path) as opened:
        # A picture of fonts that are not embedded never passes.
        for page in opened.pages:
            for font in page.obj.Resources.Font.values():
                font.DescendantFonts[0].FontDescriptor = pikepdf.Dictionary(Type=pikepdf.Name.FontDescriptor)
        opened.save(broken.path)
    packs = build({PUBLIC: words}, {1: broken}, tmp_path, lambda *step: None)
    assert packs[PUBLIC].is_accessible is False
    assert any("does not pass the checks for PDF/UA-1" in warning for warning in packs[PUBLIC].warnings)


def test_unfinished_check_removes_claim(tmp_path):
    part = as_part(tmp_path, make_paper(1), 1, "Buses")
    with pack_build.Validator() as validator, pack_build.Binder(validator) as binder:
        validator.worker.process.kill()
        validator.worker.process.wait()
        properties = PackProperties("A pack", "en-GB", accessible=True)
        binder.bind([part], tmp_path / "pack.pdf", properties, lambda *step: None, made=[part.path])
        bound = binder.settle()
    assert (bound.is_accessible, bound.page_count) == (False, 1)
    assert bound.warnings[-1].endswith("the check did not come to an end.")
    with pikepdf.open(tmp_path / "pack.pdf") as opened, opened.open_metadata() as metadata:
        assert "pdfuaid:part" not in metadata


def test_fault_of_binding_removes_claim(tmp_path):
    part = as_part(tmp_path, make_paper(1), 1, "Buses")
    with pack_build.Validator() as validator, pack_build.Binder(validator) as binder:
        properties = PackProperties("A pack", "en-GB", accessible=True)
        binder.bind([part], tmp_path / "pack.pdf", properties, lambda *step: None, made=[part.path])
        assert (binder.bound["doubt"], binder.bound["fault"]) == ("", "")
        binder.bound["fault"] = "The number of tags of page 1 of the file is not what it is in the paper."
        bound = binder.settle()
    assert bound.is_accessible is False
    with pikepdf.open(tmp_path / "pack.pdf") as opened, opened.open_metadata() as metadata:
        assert "pdfuaid:part" not in metadata


def test_front_sheet_is_set_once(tmp_path, monkeypatch):
    printed = []
    monkeypatch.setattr(pack_build, "front_sheet_pdf", lambda *asked: printed.append(asked) or front_sheet_pdf(*asked))
    items = [Item(number, number, f"Item {number}", subtitle="What it is about. " * 4) for number in range(1, 21)]
    items.append(Item(21, 21, "Buses", papers=(paper(1, 1, "Buses"),)))
    packs, _ = build_in(tmp_path, {PUBLIC: content(*items)}, {1: (1, "Buses")})
    assert packs[PUBLIC].papers == [(1, 3)]
    assert "Agenda Item 21" in pages(packs[PUBLIC].path)[2]
    assert len(printed) == 1
    packs, _ = build_in(tmp_path, {PUBLIC: content(*items, duplex=False)}, {1: (1, "Buses")})
    assert packs[PUBLIC].papers == [(1, 3)]
    assert len(printed) == 3


def test_agenda_without_papers(tmp_path):
    packs, _ = build_in(tmp_path, {PUBLIC: content()}, {})
    assert (packs[PUBLIC].entries, packs[PUBLIC].last_page) == ([], 2)
    assert len(pages(packs[PUBLIC].path)) == 2


# When it goes wrong


def small(folder):
    return {PUBLIC: content(Item(2, 2, "Buses", papers=(paper(1, 1, "Buses"),)))}, {1: paper_file(folder, 1)}


def test_unreadable_file_fails_plainly(tmp_path):
    contents, papers = small(tmp_path)
    papers[1].path.write_bytes(b"This is no PDF.")
    with pytest.raises(PdfFailed) as failure:
        build(contents, papers, tmp_path, lambda *step: None)
    assert "Traceback" not in str(failure.value)


def test_lack_of_memory_fails_plainly(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(pack_build, "MEMORY", 30_000_000)
    with caplog.at_level(logging.ERROR), pytest.raises(PdfFailed, match="could not be bound"):
        build(*small(tmp_path), tmp_path, lambda *step: None)
    assert "The binding worker ended" in caplog.text


def test_slow_worker_is_stopped(tmp_path, monkeypatch):
    class AtOnce(threading.Timer):
        def __init__(self, seconds, kill):
            super().__init__(0, kill)

        def start(self):
            super().start()
            self.join()

    monkeypatch.setattr(pack_build, "Timer", AtOnce)
    with pytest.raises(PdfFailed, match="took too long to bind"):
        build(*small(tmp_path), tmp_path, lambda *step: None)


COUNTS = st.lists(st.integers(1, 40), max_size=12)
FRONT = st.integers(1, 6)
START = st.integers(1, 900)


def in_order(layout):
    return [layout.front, *layout.public]


def test_layout_of_2015():
    layout = lay_out(2, [12, 5, 8], duplex=True)
    assert [(span.first, span.last) for span in layout.public] == [(3, 14), (15, 20), (21, 28)]
    assert layout.public[1] == Span(15, pages=5, blank_after=1)
    assert (layout.first_page, layout.last_page) == (1, 28)


def test_single_sided_has_no_blanks():
    layout = lay_out(1, [12, 5, 8], [3], duplex=False)
    assert [(span.first, span.last) for span in layout.public] == [(2, 13), (14, 18), (19, 26)]
    assert layout.exempt == (Span(1, 3),)
    assert layout.last_page == 26


def test_front_sheet_alone():
    assert lay_out(1, [], duplex=True).last_page == 2
    assert lay_out(1, [], duplex=False).last_page == 1


def test_supplement_starts_on_right_hand():
    assert lay_out(1, [1], duplex=True, first_pages=(30, 1)).first_page == 31
    assert lay_out(1, [1], duplex=False, first_pages=(30, 1)).first_page == 30


@given(FRONT, COUNTS, COUNTS, st.booleans(), START, START)
def test_each_page_has_one_part(front, public, exempt, duplex, first, first_exempt):
    layout = lay_out(front, public, exempt, duplex=duplex, first_pages=(first, first_exempt))
    for spans in (in_order(layout), layout.exempt):
        assert all(earlier.last + 1 == later.first for earlier, later in pairwise(spans))
    assert [span.pages for span in in_order(layout)] == [front, *public]
    assert [span.pages for span in layout.exempt] == exempt


@given(FRONT, COUNTS, COUNTS, START, START)
def test_parts_start_on_right_hand(front, public, exempt, first, first_exempt):
    layout = lay_out(front, public, exempt, duplex=True, first_pages=(first, first_exempt))
    for span in [*in_order(layout), *layout.exempt]:
        assert (span.first % 2, span.last % 2) == (1, 0)
        assert span.blank_after in (0, 1)
    assert first <= layout.first_page <= first + 1


@given(FRONT, COUNTS, COUNTS, st.booleans(), START)
def test_public_numbers_ignore_exempt_parts(front, public, exempt, duplex, first):
    with_part_2 = lay_out(front, public, exempt, duplex=duplex, first_pages=(first, 1))
    without = lay_out(front, public, duplex=duplex, first_pages=(first, 1))
    assert in_order(with_part_2) == in_order(without)
    assert with_part_2.last_page == without.last_page


@given(FRONT, COUNTS, FRONT, COUNTS, st.booleans())
def test_supplement_continues_numbers(front, public, second_front, second, duplex):
    agenda = lay_out(front, public, duplex=duplex)
    supplement = lay_out(second_front, second, duplex=duplex, first_pages=(agenda.last_page + 1, 1))
    assert supplement.first_page == agenda.last_page + 1
