from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inquiries.documents.officer_report import NestedItem, NestedList, PictureBlock, SubHeading, TableBlock
from inquiries.documents.report_markup import normal_runs, read_markup, write_markup
from inquiries.documents.rich_text import Paragraph, Run

TYPED = """To note the position[^1] and **agree *both* options**.
Second line, with <b>no</b> HTML and 2 * 3.

## Money
Done so far:
- One
   - inside it
   1) counted
- Two, see https://example.org/_a_b.

Table: Spending by year
| Year | £000 |
|---|---|
| 2015/16 | 1,200 ↵ (net) |
| a \\| b | |

![Spending falls each year.](chart.png "Figure 1")

1986. The first year. [The law](https://example.org/law)

[^1]: Cabinet, *9 November* 2015
"""


def words(*texts):
    return tuple(Run(text) for text in texts)


def test_reads_what_is_typed():
    found = read_markup(TYPED, pictures={"chart.png"})
    assert found.faults == ()
    note = (Run("Cabinet, "), Run("9 November", italic=True), Run(" 2015"))
    assert found.blocks == (
        Paragraph(
            (
                Run("To note the position"),
                Run("", footnote=note),
                Run(" and "),
                Run("agree ", bold=True),
                Run("both", bold=True, italic=True),
                Run(" options", bold=True),
                Run(".\nSecond line, with <b>no</b> HTML and 2 * 3."),
            )
        ),
        SubHeading(words("Money")),
        Paragraph(words("Done so far:")),
        NestedList(
            False,
            1,
            (
                NestedItem(
                    words("One"),
                    NestedList(False, 1, (NestedItem(words("inside it")), NestedItem(words("counted")))),
                ),
                NestedItem((Run("Two, see "), Run("https://example.org/_a_b", "https://example.org/_a_b"), Run("."))),
            ),
        ),
        TableBlock(
            (words("Year"), words("£000")),
            ((words("2015/16"), words("1,200\n(net)")), (words("a | b"), ())),
            "Spending by year",
        ),
        PictureBlock("chart.png", "Spending falls each year.", "Figure 1"),
        Paragraph((Run("1986. The first year. "), Run("The law", "https://example.org/law"))),
    )
    assert read_markup(write_markup(found.blocks)).blocks == found.blocks


def test_bullets_pasted_from_word():
    found = read_markup("•\tOne\no\ttwo\n\t§\tthree")
    (made,) = found.blocks
    assert [item.runs for item in made.items] == [words("One"), words("two")]
    assert made.items[1].inner.items[0].runs == words("three")


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("One[^2]", "There is no footnote 2: give its text on a line that begins “[^2]: ”."),
        ("One\n\n[^2]: Two", "Nothing refers to footnote 2: write [^2] where it belongs."),
        ("One[^2]\n\n[^2]:", "Footnote 2 is empty."),
        ("![A map](map.png)", "There is no picture map.png: add it to the report, or take it out of the text."),
        ("![](chart.png)", "Say in words what the picture chart.png shows, for people who cannot see it."),
        (
            "- One ![A chart](chart.png)",
            "The picture chart.png comes after the list, table or heading that it was in.",
        ),
        (
            "- a\n  - b\n    - c\n      - d",
            "A list in a list goes 3 deep at most: what was deeper is in the same list.",
        ),
        ("| a | b |", "A table has a header row, and no rows below it."),
        ("| a | |\n| b | c |", "A column of a table has no heading: write one into its first line."),
        ("|a|" * 5 + "\n|b|", "A table has 9 columns. More than 8 cannot be read on a page."),
    ],
)
def test_says_what_is_not_as_meant(typed, fault):
    assert fault in read_markup(typed, pictures={"chart.png"}).faults


def test_row_wider_than_header_loses_nothing():
    (table,) = read_markup("| a |\n| b | c |").blocks
    assert table == TableBlock((words("a"), ()), ((words("b"), words("c")),))


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script> &amp; <https://example.org>",
        "[press](javascript:alert(1)) and [x](data:text/html,x)",
        "#set page() = $x$ #eval `code`",
        "    indented\n> quoted\n```\ncode\n```\n---\nTitle\n===",
        "\\[^1] \\* \\| \\",
        "[foo]: https://example.org/?q=1\n[foo]",
        "***\n__init__",
    ],
)
def test_other_marks_are_text(typed):
    plain = "".join(typed.split()).replace("\\", "")
    blocks = read_markup(typed).blocks
    assert "".join(all_words(blocks).split()).replace("\\", "") == plain
    assert {run.href.partition(":")[0] for run in all_runs(blocks)} <= {"", "https"}
    assert read_markup(write_markup(blocks)).blocks == blocks


def all_runs(blocks):
    found = []

    def of_list(one):
        for item in one.items:
            found.extend(item.runs)
            if item.inner:
                of_list(item.inner)

    for block in blocks:
        if isinstance(block, NestedList):
            of_list(block)
        elif isinstance(block, TableBlock):
            for row in (block.header, *block.rows):
                for cell in row:
                    found += cell
        elif isinstance(block, SubHeading):
            found += block.heading
        elif isinstance(block, Paragraph):
            found += block.runs
    return [inner for run in found for inner in (run.footnote or (run,))]


def all_words(blocks):
    return "".join(run.text for run in all_runs(blocks))


TEXT = st.text(st.sampled_from("ab *[]()!|#-1.:\\^_<>&`•–\n é£"), min_size=1, max_size=9)
PLAIN_RUN = st.builds(Run, TEXT)
LOOKS = st.builds(Run, TEXT, st.just(""), st.booleans(), st.booleans())
LINK = st.builds(Run, TEXT, st.sampled_from(["https://example.org/a_(b)?q=1&r=*", "mailto:a@example.org"]))


def lines(parts):
    return st.lists(parts, min_size=1, max_size=3).map(normal_runs).filter(lambda runs: any(r.text for r in runs))


def on_one_line(runs):
    return normal_runs([run if run.footnote else replace(run, text=run.text.replace("\n", " ")) for run in runs])


NOTED = st.builds(Run, st.just(""), footnote=lines(PLAIN_RUN).map(on_one_line))


def made_blocks(parts):
    cell = st.one_of(lines(parts), st.just(()))
    two_columns = st.lists(st.tuples(cell, cell), max_size=3).map(tuple)
    item = st.builds(NestedItem, lines(parts))
    inner = st.builds(NestedList, st.just(False), st.just(1), st.lists(item, min_size=1, max_size=2).map(tuple))
    items = st.lists(st.builds(NestedItem, lines(parts), st.one_of(st.none(), inner)), min_size=1, max_size=3)
    name = st.from_regex(r"[a-z0-9][a-z0-9-]{0,9}\.(png|jpg)", fullmatch=True)
    line = TEXT.map(lambda text: " ".join(text.split())).filter(bool)
    return st.one_of(
        st.builds(Paragraph, lines(parts)),
        st.builds(SubHeading, lines(parts).map(on_one_line)),
        st.builds(NestedList, st.just(True), st.integers(0, 99), items.map(tuple)),
        st.builds(NestedList, st.just(False), st.just(1), items.map(tuple)),
        st.builds(PictureBlock, name, line, st.one_of(st.just(""), line)),
        st.builds(TableBlock, st.tuples(cell, cell), two_columns, st.one_of(st.just(""), line)),
    )


@pytest.mark.parametrize("sign", ["–", "•", "-", "+", "#", "|", "1."])
def test_round_trip_of_signs_at_the_beginning(sign):
    runs = (Run(f"{sign} a"),)
    blocks = (SubHeading(runs), Paragraph((Run("See"), Run("", footnote=runs))), Paragraph(runs))
    assert read_markup(write_markup(blocks)).blocks == blocks


@settings(max_examples=30, deadline=None)
@given(st.lists(made_blocks(st.one_of(PLAIN_RUN, LINK, NOTED)), max_size=2).map(tuple))
def test_round_trip(blocks):
    assert read_markup(write_markup(blocks)).blocks == blocks


@settings(max_examples=30, deadline=None)
@given(st.lists(made_blocks(st.one_of(LOOKS, LINK, NOTED)), max_size=2).map(tuple))
def test_words_are_never_lost(blocks):
    assert all_words(read_markup(write_markup(blocks)).blocks) == all_words(blocks)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_read_and_written_again(typed):
    blocks = read_markup(typed).blocks
    assert read_markup(write_markup(blocks)).blocks == blocks


def test_time_grows_with_length_alone():
    for piece in ("*a ", "[", "[^1]", "![", "- a\n", "|", "(https://", "\\", "  - a\n", "[](", "**a*"):
        read_markup(piece * 5_000)
