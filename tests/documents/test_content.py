from dataclasses import replace
from datetime import date

from inquiries.choices import Decision, ExemptParagraph, Rating
from inquiries.documents.content import (
    Contributor,
    ExemptBlock,
    ExemptPart,
    NumberedText,
    RatingBlock,
    account_cells,
    plain_text,
    row_cells,
    stays_whole,
)
from inquiries.documents.rich_text import Paragraph, Run
from tests.documents.samples import full_report, row, words


def test_full_row_in_order():
    assert [plain_text(cell) for cell in row_cells(full_report().rows[0])] == [
        "1a: That the county's “late bus” runs until 7.15pm on school days.\n"
        "1b: That its timetable be shown on www.example.org/late-bus and at each stop.",
        "Agreed. The bus costs £48,500 a year.\nWe shall:\n• extend the contract;\n• tell schools.",
        "The late bus has run since 5 January.\n"
        "It's used by 140 pupils a day – see https://www.example.org/late-bus/timetable?term=spring. What comes next:\n"
        "1. a stop at Nether Poppleford;\n2. a second vehicle.\n"
        "Both are ordered. (Siân Llŷr-Ôwain, Head of Travel; Ed Moss)\n"
        "Lead officer's view: Complete\n"
        "Expected to be done by: 31 December 2026\n"
        "Evidence:\n"
        "• Passenger count, spring: https://www.example.org/count.pdf\n• A note kept in the office: cabinet file 7",
        "✓ Implemented\nThe committee thanked the drivers.\nIt asks for figures in a year.\n"
        "Corrected on 3 December 2026: The minute says otherwise.",
    ]


def test_response_with_decision_and_date():
    one = row(decision=Decision.IN_PART, target_date=date(2027, 3, 31))
    assert plain_text(row_cells(one)[1]) == (
        "Accepted in part.\nThe evening buses will be kept for two years.\nTarget date: 31 March 2027"
    )


def test_marks_given_number():
    one = row(recommendations=(NumberedText("1", "- a list\n- at once", given=True),))
    assert plain_text(row_cells(one)[0]) == "1 (number given): \n• a list\n• at once"


def test_contributors_after_list():
    ed = (Contributor("Ed Moss"),)
    assert plain_text(row_cells(row(update="- a", contributors=ed))[2]) == "• a\n(Ed Moss)"


def test_row_without_update():
    ed = (Contributor("Ed Moss"),)
    assert plain_text(row_cells(row(update="", contributors=ed))[2]) == "No update has been received."


def test_fourth_column_before_meeting():
    assert plain_text(row_cells(row())[3]) == "to be assessed"
    assert row_cells(row(rating=Rating.CONCERNS))[3] == (RatingBlock("!", "Concerns", "amber"),)


def test_exempt_part_in_both_editions():
    exempt = ExemptPart(1, ExemptParagraph(1).label)
    public = row_cells(row(update="", exempt=exempt))[2]
    assert plain_text(public) == (
        "Part of this update is exempt from publication: "
        "Schedule 12A paragraph 1, information relating to any individual."
    )
    restricted = row_cells(row(update="", exempt=replace(exempt, text="Mr Moss is ill.")))[2]
    assert restricted == (
        ExemptBlock(
            "Not for publication: Schedule 12A paragraph 1, information relating to any individual.",
            (Paragraph((Run("Mr Moss is ill."),)),),
        ),
    )


def test_links_only_web_addresses():
    cell = row_cells(row(evidence=(("Press me", "javascript:alert(1)"),)))[2]
    assert [run.href for run in cell[-1].items[0]] == [""]


def test_account_gives_outcomes():
    assert [plain_text(cell) for cell in account_cells(full_report().account[1])] == [
        "4: That the depot be painted.",
        "Withdrawn by the committee",
        "",
    ]


def test_long_rows_may_break():
    assert stays_whole(row_cells(row()))
    assert not stays_whole(row_cells(row(update=words(200))))
