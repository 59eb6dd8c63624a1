"""On which pages everything stands: no gap, no overlap, right-hand pages, and the public's numbers for everybody."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from inquiries.documents.pack_build import Span, lay_out

COUNTS = st.lists(st.integers(1, 40), max_size=12)
FRONT = st.integers(1, 6)
START = st.integers(1, 900)


def in_order(layout):
    return [layout.front, *layout.public]


def test_the_pack_of_2015():
    layout = lay_out(2, [12, 5, 8], duplex=True)
    assert [(span.first, span.last) for span in layout.public] == [(3, 14), (15, 20), (21, 28)]
    assert layout.public[1] == Span(15, pages=5, blank_after=1)
    assert (layout.first_page, layout.last_page) == (1, 28)


def test_single_sided_has_no_blank_pages():
    layout = lay_out(1, [12, 5, 8], [3], duplex=False)
    assert [(span.first, span.last) for span in layout.public] == [(2, 13), (14, 18), (19, 26)]
    assert layout.exempt == (Span(1, 3),)
    assert layout.last_page == 26


def test_a_front_sheet_alone():
    assert lay_out(1, [], duplex=True).last_page == 2
    assert lay_out(1, [], duplex=False).last_page == 1


def test_a_supplement_starts_on_a_right_hand_page_also_after_a_pack_that_stopped_on_one():
    assert lay_out(1, [1], duplex=True, first_page=30).first_page == 31
    assert lay_out(1, [1], duplex=False, first_page=30).first_page == 30


@given(FRONT, COUNTS, COUNTS, st.booleans(), START, START)
def test_every_page_belongs_to_one_part(front, public, exempt, duplex, first, first_exempt):
    layout = lay_out(front, public, exempt, duplex=duplex, first_page=first, first_exempt_page=first_exempt)
    for spans in (in_order(layout), layout.exempt):
        assert all(earlier.last + 1 == later.first for earlier, later in pairwise(spans))
    assert [span.pages for span in in_order(layout)] == [front, *public]
    assert [span.pages for span in layout.exempt] == exempt


@given(FRONT, COUNTS, COUNTS, START, START)
def test_every_part_starts_on_a_right_hand_page_and_fills_its_sheets(front, public, exempt, first, first_exempt):
    layout = lay_out(front, public, exempt, duplex=True, first_page=first, first_exempt_page=first_exempt)
    for span in [*in_order(layout), *layout.exempt]:
        assert (span.first % 2, span.last % 2) == (1, 0)
        assert span.blank_after in (0, 1)
    assert first <= layout.first_page <= first + 1


@given(FRONT, COUNTS, COUNTS, st.booleans(), START)
def test_the_public_numbers_do_not_depend_on_what_is_exempt(front, public, exempt, duplex, first):
    with_part_2 = lay_out(front, public, exempt, duplex=duplex, first_page=first)
    without = lay_out(front, public, duplex=duplex, first_page=first)
    assert in_order(with_part_2) == in_order(without)
    assert with_part_2.last_page == without.last_page


@given(FRONT, COUNTS, FRONT, COUNTS, st.booleans())
def test_a_supplement_carries_on(front, public, second_front, second, duplex):
    agenda = lay_out(front, public, duplex=duplex)
    supplement = lay_out(second_front, second, duplex=duplex, first_page=agenda.last_page + 1)
    assert supplement.first_page == agenda.last_page + 1
