import pytest
from hypothesis import given
from hypothesis import strategies as st

from inquiries.documents.rich_text import ListBlock, Paragraph, Run, blocks, plain_runs, runs


def test_blank_line_parts_paragraphs():
    assert blocks("One\nline two\n\n\nTwo") == (Paragraph((Run("One\nline two"),)), Paragraph((Run("Two"),)))


def test_list_marks_become_lists():
    assert blocks("Done:\n- a\n• b\n3. c\n4) d") == (
        Paragraph((Run("Done:"),)),
        ListBlock(False, 1, ((Run("a"),), (Run("b"),))),
        ListBlock(True, 3, ((Run("c"),), (Run("d"),))),
    )


@pytest.mark.parametrize("mark", ["o", "▪", "·", "§", "◦", "\uf0b7", "\uf0a7", "➢"])
def test_bullets_pasted_from_word(mark):
    text = f"Done:\n{mark}\tOne {mark} only\n    {mark} two"
    assert blocks(text)[1] == ListBlock(False, 1, ((Run(f"One {mark} only"),), (Run("two"),)))
    assert blocks(f"{mark}ne line") == (Paragraph((Run(f"{mark}ne line"),)),)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("(https://example.org/a)", "https://example.org/a"),
        ("See https://example.org/Scrutiny_(politics).", "https://example.org/Scrutiny_(politics)"),
        ("(see https://example.org/a_(b)_(c)).", "https://example.org/a_(b)_(c)"),
        ("[https://example.org/?q[]=1]", "https://example.org/?q[]=1"),
        ("https://example.org/a), and", "https://example.org/a"),
        ("https://example.org/" + ")" * 1_000, "https://example.org/"),
    ],
)
def test_address_keeps_brackets_of_its_own(text, address):
    assert [run.href for run in runs(text) if run.href] == [address]
    assert plain_runs(runs(text)) == text


def test_brackets_alone_are_no_address():
    assert runs("www.) https://)") == (Run("www.) https://)"),)


def test_address_ends_before_full_stop():
    assert runs("See www.example.org/a. Then https://example.org/b?c=d!") == (
        Run("See "),
        Run("www.example.org/a", "https://www.example.org/a"),
        Run(". Then "),
        Run("https://example.org/b?c=d", "https://example.org/b?c=d"),
        Run("!"),
    )


def test_address_is_percent_encoded():
    assert Run("x", "https://example.org/ŵ a").printed_address == "https://example.org/%C5%B5%20a"
    assert Run("x", "https://example.org/" + "a" * 2_000).printed_address == ""


def _words(found):
    pieces = []
    for block in found:
        pieces += [block.runs] if isinstance(block, Paragraph) else block.items
    return "".join("".join(plain_runs(piece).split()) for piece in pieces)


@given(
    st.text(
        st.characters(
            exclude_characters="-*•–·‣◦○●▪■□➢✓❖o§\uf0a7\uf0b7\uf0d8\uf0fc0123456789.)", exclude_categories=["Cs"]
        )
    )
)
def test_loses_no_text(text):
    assert _words(blocks(text)) == "".join(text.split())


@given(st.text())
def test_runs_join_to_text(text):
    assert plain_runs(runs(text)) == text
