"""Names in brackets, and brackets that hold none."""

import pytest

from inquiries.imports.answers import closing_bracket, is_person, names_inside, read_contributors
from inquiries.imports.reader import read_progress_report
from tests.imports.samples import COLUMNS, document, table


@pytest.mark.parametrize(
    ("words", "people", "plain"),
    [
        (
            "Lead Officer: Janet Mead, Direct Services Team Manager",
            [("Janet Mead", "Direct Services Team Manager")],
            True,
        ),
        ("Chris Wace, Policy Officer, Voluntary Sector", [("Chris Wace", "Policy Officer, Voluntary Sector")], True),
        (
            "Ann Lee, Head of Roads; Siân Llŷr-Ôwain, Clerk",
            [("Ann Lee", "Head of Roads"), ("Siân Llŷr-Ôwain", "Clerk")],
            True,
        ),
        ("Update by Cllr Margaret O'Hara", [("Cllr Margaret O'Hara", "")], True),
        ("Janet Mead", [("Janet Mead", "")], False),
        ("Ann Lee and Bo Wynn", [("Ann Lee", ""), ("Bo Wynn", "")], False),
        ("Marlow Bottom, Amersham", [("Marlow Bottom", "Amersham")], False),
        ("Trading Standards, Licensing", [("Trading Standards", "Licensing")], False),
        ("Trading Standards, Licensing Manager", [("Trading Standards", "Licensing Manager")], False),
        ("Working Together, 2023", [("Working Together", "2023")], False),
        ("Women's Aid, Refuge", [("Women's Aid", "Refuge")], False),
        ("Janet, Team Manager", [], False),
        ("Janet", [], False),
        ("particularly Children and Families", [], False),
        ("High Wycombe", [], False),
        ("LES", [], False),
        ("see page 3", [], False),
        ("Universal Credit", [], False),
        ("October 2026", [], False),
        ("Health and Wellbeing Board", [], False),
        ("www.example.org", [], False),
        ("", [], False),
    ],
)
def test_read_contributors(words, people, plain):
    assert read_contributors(words) == (people, plain)


def test_read_contributors_known_elsewhere():
    assert read_contributors("Janet Mead", frozenset({"janet mead"})) == ([("Janet Mead", "")], True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It runs. (Ann Lee)", ("It runs.", "Ann Lee")),
        ("It runs. (Ann Lee).", ("It runs.", "Ann Lee")),
        ("(Ann Lee)", ("", "Ann Lee")),
        ("It (Ann Lee) runs.", None),
        ("It runs)", None),
        ("f(x) (a (b))", None),
        ("", None),
    ],
)
def test_closing_bracket(text, found):
    assert closing_bracket(text) == found


@pytest.mark.parametrize("name", ["Ann Lee", "J. P. Morris", "Ludo van Dyck", "Dr Wynn", "D'Arcy O'Brien-Smith"])
def test_is_person(name):
    assert is_person(name)


@pytest.mark.parametrize("name", ["Ann", "ann lee", "Ann Lee 2", "Parish Council", "A B C D E", "NHS England", ""])
def test_is_person_of_other_words(name):
    assert not is_person(name)


def test_names_inside():
    text = "Links are on the page (Ann Lee)\n\nThe group (High Wycombe) meets."
    assert names_inside(text) == []
    assert names_inside(text, {"ann lee"}) == ["Ann Lee"]


def test_remembers_job_title():
    rows = [
        ("1: Keep.", "Yes.", "It runs. (Lead Officer: Ann Lee, Head of Roads)", ""),
        ("2: Count.", "Yes.", "Counted here. (Ann Lee)\n\nAnd there. (Ann Lee)", ""),
        ("3: Tell.", "Yes.", "Told on the page (Ann Lee)\n\nThe group meets in May.", ""),
        ("4: Light.", "Yes.", "Lit in the town (High Wycombe)", ""),
    ]
    draft = read_progress_report(document(table(COLUMNS, *rows)))
    assert [row.update for row in draft.rows] == [
        "It runs.",
        "Counted here. (Ann Lee)\n\nAnd there.",
        "Told on the page (Ann Lee)\n\nThe group meets in May.",
        "Lit in the town (High Wycombe)",
    ]
    assert [[(c.name, c.job_title) for c in row.contributors] for row in draft.rows] == [
        [("Ann Lee", "Head of Roads")],
        [("Ann Lee", "Head of Roads")],
        [],
        [],
    ]
    assert [(doubt.row, doubt.message) for doubt in draft.doubts if doubt.field == "contributors"] == [
        (0, "Ann Lee is called lead officer in the brackets after the update; it was read as who wrote it."),
        (1, "Ann Lee is named in brackets inside the update; the name stays there."),
        (2, "Ann Lee is named in brackets inside the update; the name stays there."),
    ]
