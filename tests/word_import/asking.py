"""What the tests of tables ask of a draft."""

from inquiries.word_import.reading import read_progress_report
from tests.word_import.samples import document


def read(*body, **more):
    """The draft of a document with this body."""
    return read_progress_report(document(*body, **more))


def wordings(draft):
    """Number and wording of each recommendation, by row."""
    return [[(one.reference, one.text) for one in each.recommendations] for each in draft.rows]


def updates(draft):
    """The update of each row."""
    return [each.update for each in draft.rows]


def doubts(draft, *fields):
    """(row, message) of each doubt about these fields."""
    return [(each.row, each.message) for each in draft.doubts if each.field in fields]
