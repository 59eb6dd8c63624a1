"""Two versions of one text, word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiries.differences import Piece, differences, merge_texts


def test_differing_words_are_set_apart():
    assert differences("Ten homes are warm.", "Eleven homes are warm now.") == (
        (Piece("Ten", True), Piece(" homes are"), Piece(" warm.", True)),
        (Piece("Eleven", True), Piece(" homes are"), Piece(" warm now.", True)),
    )


def test_white_space_alone_is_no_difference():
    assert differences("Ten\nhomes.", "Ten  homes.") == ((Piece("Ten\nhomes."),), (Piece("Ten  homes."),))


@given(st.text(), st.text())
def test_no_word_is_lost(theirs, yours):
    for text, pieces in zip((theirs, yours), differences(theirs, yours), strict=True):
        assert "".join(piece.text for piece in pieces).split() == text.split()


@pytest.mark.parametrize(
    ("theirs", "yours", "together"),
    [
        ("a\nb", "a\nb", "a\nb"),
        ("a\nb", "a\nb\nc", "a\nb\nc"),
        ("a\nb\nz", "a\nc\nz", "a\nb\nc\nz"),
        ("", "c", "c"),
    ],
)
def test_both_texts_together(theirs, yours, together):
    assert merge_texts(theirs, yours) == together
