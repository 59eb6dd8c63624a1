"""Faults that binding might introduce, each really introduced, are doubted."""

from functools import partial

import page as validator
import pikepdf
import pytest
from pikepdf import Name

from inquiries.documents import pack_merge, pack_stamps, pack_tags
from inquiries.documents.object_text import read_object_texts
from inquiries.documents.pack_check import find_doubt, is_fault, is_without_blanks
from inquiries.documents.pack_merge import SAVING, PackProperties, merge_parts
from inquiries.documents.pack_screen import QUICK, screen_update
from tests.documents.papers import as_part, make_paper

PROPERTIES = PackProperties("Agenda pack", "en-GB", accessible=True)


@pytest.fixture
def bound(tmp_path):
    """Binds two tagged papers: the finished file and the doubt about it."""
    parts = [
        as_part(tmp_path, make_paper(2, title="Buses"), 1, "Buses", stamp="Agenda Item 1"),
        as_part(tmp_path, make_paper(1, title="Trains"), 3, "Trains", blank_after=1),
    ]

    def bind(change=None):
        path = tmp_path / "pack.pdf"
        merger = merge_parts(parts, path, PROPERTIES)
        if change:
            with pikepdf.open(path, allow_overwriting_input=True) as pdf:
                change(pdf)
                pdf.save(path, **SAVING)
        return path, next(iter(merger.doubts), "") or doubt_of(path, merger.marks)

    return bind


def doubt_of(path, marks, texts_from=None):
    """`texts_from` is the file of which that for the screen is an update."""
    with pikepdf.open(path, **QUICK) as pdf:
        return find_doubt(pdf, read_object_texts(texts_from or path), marks)


def test_sound_pack_is_not_doubted(bound):
    path, doubt = bound()
    assert doubt == ""
    assert validator.validate_pdf(str(path), profile="ua1").is_compliant


def test_file_for_screen_is_not_doubted(tmp_path):
    parts = [
        as_part(tmp_path, make_paper(1, title="Buses"), 1, "Buses", stamp="Agenda Item 1", blank_after=1),
        as_part(tmp_path, make_paper(1, title="Trains"), 3, "Trains", blank_after=1),
    ]
    path, screen = tmp_path / "pack.pdf", tmp_path / "screen.pdf"
    merger = merge_parts(parts, path, PROPERTIES)
    written = path.read_bytes()
    with pikepdf.open(path, **QUICK) as pdf:
        end = screen_update(pdf, path, merger.blank, merger.screen_runs)
        screen.write_bytes(written + end)
        marks = [mark for page, mark in enumerate(merger.marks) if page not in merger.blank]
        assert (merger.blank, len(marks)) == ([1, 3], 2)
        assert doubt_of(screen, marks, texts_from=path) == ""
        assert doubt_of(screen, merger.marks, texts_from=path) == "the number of pages"
        assert is_without_blanks(pdf, path, end, merger.blank)
        wrong_labels = screen_update(pdf, path, merger.blank, [(0, "", 1)])
        assert not is_without_blanks(pdf, path, wrong_labels, merger.blank)
        wrong_page = screen_update(pdf, path, [0, 3], merger.screen_runs)
        assert not is_without_blanks(pdf, path, wrong_page, merger.blank)
    assert path.read_bytes() == written


def keep_keys(monkeypatch):
    monkeypatch.setattr(pack_tags.TagTree, "next_key", property(lambda tree: 0, lambda tree, key: None), raising=False)


def keep_headers(monkeypatch):
    monkeypatch.setattr(pack_tags.UniqueNames, "change_attributes", lambda *asked: None)


def keep_identifiers(monkeypatch):
    monkeypatch.setattr(pack_tags.UniqueNames, "apply", lambda *asked: False)


def stamp_content(monkeypatch):
    monkeypatch.setattr(pack_stamps, "ARTIFACT", b"/Span <</Lang (en) /X /%s>> BDC q %s cm %s Do Q EMC\n")
    pack_stamps.foot_stamp.cache_clear()
    pack_stamps.head_stamp.cache_clear()


def lose_claim(monkeypatch):
    write = pack_merge.write_metadata
    unclaimed = PackProperties("Agenda pack", "en-GB", accessible=False)
    monkeypatch.setattr(pack_merge, "write_metadata", lambda pdf, properties: write(pdf, unclaimed))


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (keep_keys, "the number of tags of page 1 of the file"),
        (keep_headers, "the headers of a cell"),
        (keep_identifiers, "the identifiers"),
        (stamp_content, "the stamps of page 1 of the file"),
        (lose_claim, "the claim or the title in the metadata"),
    ],
)
def test_fault_of_binding_is_doubted(bound, monkeypatch, fault, words):
    with monkeypatch.context() as patched:
        fault(patched)
        _, doubt = bound()
    pack_stamps.foot_stamp.cache_clear()
    pack_stamps.head_stamp.cache_clear()
    assert doubt == words


def first_link(pdf):
    return next(one for page in pdf.pages for one in page.obj.get("/Annots", []))


def part_of(pdf):
    return pdf.Root.StructTreeRoot.K[0].K[0]


def lose_key(pdf):
    del first_link(pdf).StructParent


def lose_description(pdf):
    del first_link(pdf).Contents


def lose_order(pdf):
    del pdf.pages[0].Tabs


def swap_keys(pdf):
    one, other = pdf.pages[0].obj, pdf.pages[1].obj
    one.StructParents, other.StructParents = int(other.StructParents), int(one.StructParents)


def lose_page_key(pdf):
    del pdf.pages[0].StructParents


def change_role(pdf, role):
    part_of(pdf).K[0].S = Name(role)


def define_standard_role(pdf):
    pdf.Root.StructTreeRoot.RoleMap[Name.P] = Name.H1


def lose_roles(pdf):
    pdf.Root.StructTreeRoot.RoleMap = pikepdf.Dictionary()


def lose_language(pdf):
    del part_of(pdf).Lang


def lose_parent(pdf):
    part_of(pdf).K[0].P = pdf.Root.StructTreeRoot


def lose_font(pdf):
    font = next(one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/FontFile2" in one)
    del font["/FontFile2"]


def lose_mark(pdf):
    pdf.Root.MarkInfo.Marked = False


def copy_page(pdf):
    """What happens where tags are copied before the pages that they name."""
    foreign = pdf.make_indirect(pikepdf.Dictionary(pdf.pages[0].obj))
    part_of(pdf).K[0].K[0].Pg = foreign


@pytest.mark.parametrize(
    ("change", "words", "is_found_by_validator"),  # None where the validator is right not to mind
    [
        (lose_key, "the tag of a link of page 1 of the file", True),
        (lose_description, "the description of a link of page 1 of the file", True),
        (lose_order, "the order of links of page 1 of the file", True),
        (swap_keys, "the number of tags of page 1 of the file", False),
        (lose_page_key, "the key of the tags of page 1 of the file", False),
        (partial(change_role, role="/Nonsense"), "a role", True),
        (define_standard_role, "a role that is defined", True),
        (lose_roles, "the roles that are defined", None),
        (lose_language, "a part's title, language or place", None),
        (lose_parent, "the place of a part's tags", None),
        (lose_font, "a font", True),
        (lose_mark, "what the catalogue says of title and tags", True),
        (copy_page, "the place of tags of page 1 of the file", None),
    ],
)
def test_fault_in_bound_file_is_doubted(bound, change, words, is_found_by_validator):
    path, doubt = bound(change)
    assert doubt == words
    # The validator settles a doubt; what it does not find must be a fault without it.
    if is_found_by_validator is not None:
        assert validator.validate_pdf(str(path), profile="ua1").is_compliant is not is_found_by_validator
        assert is_fault(doubt) is not is_found_by_validator


def test_file_written_otherwise_is_doubted(bound, tmp_path):
    path, _ = bound()
    with pikepdf.open(path) as pdf:
        pdf.save(tmp_path / "other.pdf", object_stream_mode=pikepdf.ObjectStreamMode.disable)
        marks = [None] * len(pdf.pages)
    assert read_object_texts(tmp_path / "other.pdf") == {}
    assert doubt_of(tmp_path / "other.pdf", marks) == "the check of the pack met KeyError"


def test_texts_are_those_of_objects(bound):
    path, _ = bound()
    texts = read_object_texts(path)
    with pikepdf.open(path) as pdf:
        others = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.objgen[0] not in texts]
        assert {number: pdf.get_object(number, 0).unparse(resolved=True) for number in texts} == {
            number: text.strip() for number, text in texts.items()
        }
    assert others == []


def test_appended_revision_is_not_read(bound, tmp_path):
    path, _ = bound()
    path.write_bytes(path.read_bytes() + b"\nstartxref\n0\n%%EOF\n")
    assert read_object_texts(path) == {}
