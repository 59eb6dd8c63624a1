"""Words to print, the same in every run: a progress report of any number of rows."""

from datetime import date

from inquiries.choices import Decision
from inquiries.documents.content import COLUMNS, Contributor, NumberedText, ReportContent, Row, plain_text, row_cells

TALE = (
    "the county council has asked its districts to count who uses each evening bus in every village of the "
    "valley and to say what would change if the last one left an hour later than it does today while the "
    "committee hears from schools and clubs about pupils who now walk home along a road without a path"
)
WORDS = TALE.split()


def words(count, start):
    """`count` words as a sentence, another for each `start`."""
    chosen = [WORDS[(start * 7 + number * (1 + start % 3)) % len(WORDS)] for number in range(count)]
    return " ".join(chosen).capitalize() + "."


def report(rows):
    """A progress report of this many rows, each with three cells of 120 words."""
    return ReportContent(
        committee="Young People's Select Committee",
        inquiry="Getting Home from School",
        months_on=6,
        completion="April 2026 (Cabinet)",
        update_date=date(2026, 11, 10),
        lead_officers=(("Tom Fairweather", ("1", "2", "3")),),
        cabinet_members=("Cllr Margaret O'Hara",),
        rows=tuple(_row(number) for number in range(1, rows + 1)),
    )


def plain(content):
    """The words of a report as the bare template takes them: one string for each cell."""
    return {
        "title": content.title,
        "columns": COLUMNS,
        "rows": [[plain_text(cell) for cell in row_cells(row)] for row in content.rows],
    }


def _row(number):
    # Each cell ends with something of its own, as in a real report no two are the same.
    recommendation, response, update = (f"{words(118, number + n)} Route {number}{'abc'[n]}." for n in range(3))
    return Row(
        recommendations=(NumberedText(str(number), recommendation),),
        decision=Decision.ACCEPTED,
        response=response,
        update=update,
        contributors=(Contributor("Janice Moore", "Direct Services Team Manager"),) if number % 5 == 1 else (),
    )
