"""Numbers of recommendations in every shape, and what only looks like one."""

from inquiries.imports.references import covers, expand
from tests.imports.samples import (
    COLUMNS,
    cell,
    definition,
    doubts,
    listed,
    paragraph,
    read,
    row,
    table,
    updates,
    use,
    wordings,
)


def test_lettered_and_roman_numbers():
    draft = read(
        table(
            COLUMNS,
            ("4a) i) Keep the bus.\n\nii) Keep the stop.", "Yes.", "Kept.", ""),
            ("4b) Count.", "Yes.", "Counted.", ""),
            ("Rec 5 - Tell.", "Yes.", "Told.", ""),
            ("Recommendation 6:\n\nLight the path.", "Yes.", "Lit.", ""),
            ("(a) With lamps.", "Yes.", "Bought.", ""),
            ("8.3 Paint.", "Yes.", "Painted.", ""),
        ),
    )
    assert wordings(draft) == [
        [("4a(i)", "Keep the bus."), ("4a(ii)", "Keep the stop.")],
        [("4b", "Count.")],
        [("5", "Tell.")],
        [("6", "Light the path.")],
        [("6a", "With lamps.")],
        [("8.3", "Paint.")],
    ]
    assert doubts(draft, "recommendations") == [(4, "“(a)” follows 6, and was read as 6a.")]


def test_ignores_numbers_in_wording():
    draft = read(
        table(
            COLUMNS,
            ("1: The council should:\n\n1. keep the bus;\n\n2. count the riders.", "Yes.", "Done.", ""),
            ("2: Look back.\n\n5 years ago there were ten buses.", "Yes.", "Done.", ""),
            ("3: Look on.\n\n2015 was better.", "Yes.", "Done.", ""),
        ),
    )
    assert wordings(draft) == [
        [("1", "The council should:\n\n1. keep the bus;\n2. count the riders.")],
        [("2", "Look back.\n\n5 years ago there were ten buses.")],
        [("3", "Look on.\n\n2015 was better.")],
    ]
    assert doubts(draft, "recommendations") == [
        (0, "“1. keep the bus;” begins with a number or letter; it was read as part of the wording above it."),
        (
            1,
            "“5 years ago there were ten buses.” begins with a number or letter; it was read as part of the "
            "wording above it.",
        ),
    ]


def test_gives_missing_numbers():
    draft = read(table(COLUMNS, ("Keep the bus.", "Yes.", "It runs.", ""), ("Count.", "Yes.", "Counted.", "")))
    assert [(one.reference, one.text, one.given) for each in draft.rows for one in each.recommendations] == [
        ("1", "Keep the bus.", True),
        ("2", "Count.", True),
    ]
    assert doubts(draft, "rows") == [(None, "The recommendations have no numbers; they were given 1 to 2, in order.")]


def test_numbers_drawn_by_word():
    numbering = (
        definition(1, ("decimal", "Recommendation %1:"))
        + definition(2, ("bullet", "•"), ("lowerLetter", "%2)"))
        + definition(3, ("decimal", "%1."))
        + use(1)
        + use(2)
        + use(3)
    )
    draft = read(
        table(
            COLUMNS,
            row(
                cell(listed("Keep the bus.", 1)),
                "Yes.",
                cell(
                    paragraph("We have:")
                    + listed("bought one;", 2)
                    + listed("with seats;", 2, 1)
                    + listed("sold one.", 2)
                ),
                "",
            ),
            row(
                cell(listed("Count, by:", 1) + listed("day;", 3) + listed("night.", 3)),
                "Yes.",
                cell(listed("First.", 3)),
                "",
            ),
        ),
        numbering=numbering,
    )
    assert wordings(draft) == [[("1", "Keep the bus.")], [("2", "Count, by:\n\n1. day;\n2. night.")]]
    assert updates(draft) == ["We have:\n\n- bought one;\n\na) with seats;\n\n- sold one.", "3. First."]
    assert (0, "A list within a list was read without its indents.") in doubts(draft, "update")


def test_several_numbers_in_one_cell():
    draft = read(
        table(
            ("No.", "Recommendation", "Response", "Update"),
            ("1a, 1b", "Keep the bus.\n\nCount.", "Accepted", "Kept."),
            ("2 and 3", "Tell everybody.", "Accepted", "Told."),
            ("4", "Light the path.", "Accepted", "Lit."),
        ),
    )
    assert wordings(draft) == [
        [("1a", "Keep the bus."), ("1b", "Count.")],
        [("2", "Tell everybody."), ("3", "Tell everybody.")],
        [("4", "Light the path.")],
    ]
    assert doubts(draft, "recommendations") == [
        (0, "The numbers 1a, 1b were given to the paragraphs beside them, in order."),
        (1, "2, 3 are beside one wording; each was given the same text."),
    ]


def test_two_numbers_in_one_cell():
    draft = read(
        table(
            COLUMNS,
            ("1. Keep the bus.\n\n2. Count.", "Yes.", "Done.", ""),
            ("Paint the depot, all of it.", "Yes.", "Painted.", ""),
            ("Recommendations 4 and 5: Tell.", "Yes.", "Told.", ""),
        ),
    )
    assert [each.references for each in draft.rows] == [["1", "2"], ["3"], ["4", "5"]]
    assert doubts(draft, "recommendations") == [
        (1, "This recommendation has no number; it was given 3."),
        (0, "Recommendations 1 and 2 share one cell, and were read as having one response."),
        (2, "4, 5 come before one wording; each was given the same text."),
    ]


def test_expand():
    assert expand("1, 2, 3, 9") == ["1", "2", "3", "9"]
    assert expand("1a, b and c") == ["1a", "1b", "1c"]
    assert expand("2.1-2.3; R7") == ["2.1", "2.2", "2.3", "R7"]
    assert expand("Head of Roads") == []


def test_covers():
    assert [reference for reference in ("1", "1a", "1c", "10", "11a", "2") if covers("1", reference)] == [
        "1",
        "1a",
        "1c",
    ]
    assert covers("4a", "4a(i)")
    assert covers("7", "R7")
    assert not covers("1a", "1")
