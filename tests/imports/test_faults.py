"""Forms of tables that were once read wrongly, and their like: no guess is taken for what somebody decided."""

import pytest

from inquiries.imports.reader import apply_column
from tests.imports.samples import COLUMNS, HEADER, cell, document, paragraph, read, row, run, table, updates, wordings


def to_settle(draft):
    return [(doubt.row, doubt.field) for doubt in draft.doubts if doubt.must_settle]


def one_row(titles, *cells, **more):
    return read(table(titles, cells), **more)


def header(**lines):
    """The usual lines, some of them replaced."""
    starts = {"months": "Interim", "cabinet": "Cabinet Member"}
    return tuple(next((lines[k] for k in lines if line.startswith(starts[k])), line) for line in HEADER)


def test_words_of_the_response_win_over_the_title():
    responses = ("Accepted in principle. If funds allow.", "Cabinet rejects this.", "Noted.", "It will be done.")
    draft = read(table(COLUMNS, *((f"{n}. That.", text, "Done.", "") for n, text in enumerate(responses, 1))))
    assert [row.decision for row in draft.rows] == ["in_principle", None, None, "accepted"]
    assert to_settle(draft) == [(1, "decision"), (2, "decision")]


@pytest.mark.parametrize(
    ("title", "decision"),
    [
        ("Accepted Recommendations", "accepted"),
        ("Recommendations agreed by Cabinet", "accepted"),
        ("Recommendations not accepted", None),
        ("Partially accepted recommendations", None),
        ("Accepted / rejected recommendations", None),
        ("Recommendation (accepted or not)", None),
    ],
)
def test_titles_that_accept(title, decision):
    draft = one_row((title, "Response", "Update"), "1. That.", "It will be done.", "Done.")
    assert draft.rows[0].decision == decision


@pytest.mark.parametrize(
    "update",
    [
        "Work has begun in two towns (Marlow Bottom, Amersham).",
        "A grant was given to partners (Women's Aid, Refuge).",
        "Money came from a bid (Levelling Up, round 2).",
        "See the guidance (Working Together, 2023).",
        "Delivered with staff (Trading Standards, Licensing)",
        "Run by two teams (Community Safety, Adult Services)",
        "It runs. (Ann Lee)",
    ],
)
def test_bracket_that_is_no_plain_name_stays(update):
    draft = one_row(COLUMNS, "1. That.", "Agreed.", update, "")
    assert (updates(draft), draft.rows[0].contributors) == ([update], [])


@pytest.mark.parametrize(
    ("line", "names", "signed"),
    [
        ("Cabinet Member that has signed off this update: Pat Example", ["Pat Example"], True),
        ("Signed off by: Pat Example", ["Pat Example"], True),
        ("Cabinet Member: Pat Example", ["Pat Example"], False),
        ("Portfolio holder: Pat Example", ["Pat Example"], False),
        ("Cabinet Member who is to sign off this update: Pat Example", ["Pat Example"], False),
        ("Cabinet Member that has not signed off this update: Pat Example", ["Pat Example"], False),
        ("Cabinet Member that has signed off this update: awaiting Pat Example", ["Pat Example"], False),
        (
            "Cabinet Member that has signed off this update: Pat Example (draft - not yet agreed)",
            ["Pat Example"],
            False,
        ),
        ("Cabinet Member that has signed off this update: (draft - not yet agreed)", [], False),
    ],
)
def test_signed_only_where_the_line_says_so(line, names, signed):
    draft = one_row(COLUMNS, "1. That.", "Agreed.", "Done.", "", header=header(cabinet=line))
    assert (draft.cabinet_members, draft.signed_off) == (names, signed)


@pytest.mark.parametrize(
    ("titles", "rating"),
    [
        (("RAG at 6 months", "RAG at 12 months"), 4),
        (("RAG at 12 months", "RAG at 6 months"), 1),
        (("Previous RAG", "Current RAG"), 4),
        (("RAG", "Rating"), None),
    ],
)
def test_two_ratings(titles, rating):
    titles = ("Recommendation", "Response", "12 month update", *titles)
    draft = one_row(
        titles, "1. That.", "Agreed.", "Done.", "✓", "✗", header=header(months="Final Report (12 months on)")
    )
    assert draft.rows[0].rating == rating
    asked = [column.title for column in draft.columns]
    assert asked == [title for title in titles[3:] if rating is None or title in ("RAG at 6 months", "Previous RAG")]
    assert to_settle(draft) == [(None, f"column_{n}") for n in range(len(asked))]


@pytest.mark.parametrize("title", ["RAG at 6 months", "Previous rating", "Last RAG"])
def test_rating_of_another_round(title):
    titles = ("Recommendation", "Response", "Update", title)
    draft = one_row(titles, "1. That.", "Agreed.", "Done.", "✓", header=header(months="Final Report (12 months on)"))
    assert (draft.rows[0].rating, [column.title for column in draft.columns]) == (None, [title])


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Status", "Implemented"),
        ("Current status", "On track – delayed to June"),
        ("Comments", "Funding for the rest is being sought."),
        ("Notes", "See the plan."),
        ("Owner", "Roads"),
        ("References", "Minutes of 3 May"),
        ("Cost", "£3,000"),
        ("Outcome", "It was planted."),
        ("Self-assessment", "✓"),
        ("Service assessment of progress", "✓"),
        ("Proposed RAG", "✓"),
        ("Directorate RAG rating", "✓"),
        ("Risk rating", "Red"),
        ("Priority rating", "✓"),
        ("Equality impact assessment", "✓"),
        ("Officer comments", "I am glad."),
        ("Lead Member", "Pat Example"),
        ("", "A column without a title."),
    ],
)
def test_column_of_uncertain_meaning_is_asked_about(title, text):
    draft = one_row(("Recommendation", "Response", "Progress", title, "RAG"), "1. That.", "Agreed.", "Done.", text, "")
    assert [(column.title, column.cells) for column in draft.columns] == [(title or "column 4", [(0, text)])]
    assert (draft.rows[0].rating, draft.rows[0].comment, draft.rows[0].lead_officer) == (None, "", "Siân Llŷr")
    assert to_settle(draft) == [(None, "column_0")]


def test_words_beside_a_decision_are_kept():
    titles = ("Recommendation", "Decision", "Response", "Update")
    for cell_text, response in (
        ("Accepted in part – the north only", "Accepted in part – the north only\n\nYes."),
        ("Subject to funding", "Subject to funding\n\nYes."),
        ("Accepted in part", "Yes."),
        ("Y", "Yes."),
        ("TBC", "Yes."),
    ):
        assert one_row(titles, "1. That.", cell_text, "Yes.", "Done.").rows[0].response == response


def test_column_of_dates_is_the_target_where_the_clerk_says_so():
    titles = ("Recommendation", "Response", "Update", "Date")
    draft = read(table(titles, ("1. That A.", "Yes.", "Done.", "31 March 2027"), ("2. B.", "Yes.", "Done.", "Easter")))
    apply_column(draft, draft.columns[0], "target")
    assert [(row.target_date and row.target_date.isoformat(), row.response) for row in draft.rows] == [
        ("2027-03-31", "Yes."),
        (None, "Yes.\n\nDate: Easter"),
    ]


def test_columns_of_ticks_are_decisions_where_the_clerk_says_so():
    titles = ("Recommendation", "Accepted", "Rejected", "Response", "Update")
    rows = (
        ("1. That A.", "✓", "", "Yes.", "Done."),
        ("2. That B.", "☐", "☑", "It is too dear.", ""),
        ("3. That C.", "✓", "✓", "Both.", ""),
        ("4. That D.", "", "in part", "Half.", ""),
    )
    draft = read(table(titles, *rows))
    assert [column.title for column in draft.columns] == ["Accepted", "Rejected"]
    for column in list(draft.columns):
        apply_column(draft, column, "decision")
    assert [row.decision for row in draft.rows] == ["accepted", "not_accepted", None, "in_part"]
    assert draft.rows[1].reason == "It is too dear."
    assert [
        doubt.row for doubt in draft.doubts if doubt.field == "decision" and doubt.must_settle and not doubt.checked
    ] == [2]


def test_empty_column_is_not_asked_about():
    draft = one_row(("Recommendation", "Response", "Progress", "Status"), "1. That.", "Agreed.", "Done.", "-")
    assert draft.columns == []


def test_tracked_changes_are_asked_about():
    inserted = f"<w:p>{run('Ten were planted.')}<w:ins>{run(' More will be.')}</w:ins></w:p>"
    draft = one_row(COLUMNS, "1. That.", "Agreed.", inserted, "")
    assert to_settle(draft) == [(None, "rows")]
    assert "inserted: “More will be.”" in next(d.message for d in draft.doubts if d.must_settle)


@pytest.mark.parametrize(
    "line",
    [
        "Members received a progress report 6 months on in May; this is the second report.",
        "There was a progress update 6 months on",
        "The previous progress report (6 months on) is annexed",
        "Progress update following the 6 months report",
        "Progress Report: update to the report 6 months on",
        paragraph("Progress report 6 months on was noted; this is the next", '<w:pStyle w:val="Heading1"/>'),
    ],
)
def test_months_of_a_sentence(line):
    lines = header(months=line)
    draft = one_row(COLUMNS, "1. That.", "Agreed.", "Done.", "", header=lines)
    assert (draft.months_on, to_settle(draft)) == (None, [(None, "months_on")])


@pytest.mark.parametrize(
    "text",
    [
        "Recommendation 5 of the 2019 review should be carried out in full.",
        "Rec 5 of the 2019 review should be carried out.",
        "5 of the 8 libraries should open on Sundays.",
        "Recommendations 1 and 2 of the review should be joined.",
    ],
)
def test_number_of_a_sentence(text):
    draft = read(table(COLUMNS, (text, "Agreed.", "Done.", ""), ("The council should plant trees.", "Agreed.", "", "")))
    assert wordings(draft) == [[("1", text)], [("2", "The council should plant trees.")]]
    assert all(row.recommendations[0].given for row in draft.rows)


def test_rejected_row_has_response_and_reason():
    titles = ("Recommendation", "Decision", "Response", "Reason", "Progress update")
    draft = one_row(titles, "1. That.", "Not accepted", "The team looked at it.", "There is no money.", "")
    row = draft.rows[0]
    assert (row.decision, row.response, row.reason) == ("not_accepted", "The team looked at it.", "There is no money.")


def test_other_columns_below_the_table_are_asked_about():
    below = table(("Recommendation", "Outcome", "Cost"), ("2. That B.", "Superseded", "£3,000"))
    draft = read(table(COLUMNS, ("1. That A.", "Agreed.", "Done.", "")), "Not in the table", below)
    assert [end.outcome for end in draft.ends] == ["Superseded"]
    assert to_settle(draft) == [(None, "ends")]


def test_two_tables_under_headings_are_asked_about():
    tables = [table(COLUMNS, (f"{n}. That.", "Agreed.", "Done.", "")) for n in (1, 2)]
    draft = read("Home care inquiry", tables[0], "Road repairs inquiry", tables[1])
    assert to_settle(draft) == [(None, "rows")]
    message = next(d.message for d in draft.doubts if d.must_settle)
    assert "“Home care inquiry” and “Road repairs inquiry”" in message
    assert to_settle(read(tables[0], "Inquiry: Road repairs", tables[1])) == [(None, "rows")]
    assert to_settle(read(tables[0], "Continued on the next page", tables[1])) == []
    assert to_settle(read(*tables)) == []


def test_sentences_stay_whole():
    use = "The council saw from https://example.org/a that use fell."
    draft = one_row(
        COLUMNS,
        "1. That.",
        "Agreed.\n\nTarget: 300 homes by 31 March 2027",
        f"Counting began.\n\nEvidence\n\n{use}\n\nCount: https://example.org/b",
        "",
    )
    row = draft.rows[0]
    assert (row.response, row.target_date) == ("Agreed.\n\nTarget: 300 homes by 31 March 2027", None)
    assert row.update == f"Counting began.\n\nEvidence\n\n{use}"
    assert row.evidence == [("Count", "https://example.org/b")]


def test_target_column_keeps_its_words():
    titles = ("Recommendation", "Response", "Target date", "Progress")
    for text, day in (("31 March 2027, if funded", "2027-03-31"), ("Ongoing", None), ("Spring", None)):
        row = one_row(titles, "1. That.", "Agreed.", text, "Done.").rows[0]
        assert (row.response, row.target_date and row.target_date.isoformat()) == (
            f"Agreed.\n\nTarget date: {text}",
            day,
        )


@pytest.mark.parametrize(
    ("reference", "references"),
    [
        ("SR (25/26) 01", ["SR (25/26) 01"]),
        ("25/26 02", ["25/26 02"]),
        ("HO-3", ["HO-3"]),
        ("OSC/2024/7", ["OSC/2024/7"]),
        ("A", ["A"]),
        ("(iv)", ["(iv)"]),
        ("1, 2", ["1", "2"]),
        ("R7", ["R7"]),
    ],
)
def test_references_of_any_form(reference, references):
    draft = one_row(("Ref", "Accepted Recommendation", "Response", "Update"), reference, "That.", "Agreed.", "Done.")
    assert draft.rows[0].references == references


@pytest.mark.parametrize(
    ("start", "reference"),
    [
        ("SR (25/26) 01: ", "SR (25/26) 01"),
        ("25/26 02: ", "25/26 02"),
        ("HO-3. ", "HO-3"),
        ("HO-3 – ", "HO-3"),
        ("R2 – ", "R2"),
        ("(3) ", "3"),
        ("rec4: ", "4"),
        ("Rec. no. 5 ", "5"),
    ],
)
def test_references_before_the_wording(start, reference):
    draft = one_row(COLUMNS, f"{start}That trees be planted.", "Agreed.", "Done.", "")
    assert wordings(draft) == [[(reference, "That trees be planted.")]]


@pytest.mark.parametrize("form", ["4a) {}. ", "4(a) {}. ", "4a {}) ", "4a({}) "])
def test_roman_parts(form):
    wording = "\n\n".join(f"{form.format(n)}That {n}." for n in ("i", "ii", "iii"))
    draft = one_row(COLUMNS, wording, "Agreed.", "Done.", "")
    assert len(draft.rows[0].references) == 3
    assert [one.text for one in draft.rows[0].recommendations] == ["That i.", "That ii.", "That iii."]


@pytest.mark.parametrize("lost", [run(" secret", "<w:vanish/>"), '<w:r><w:footnoteReference w:id="2"/></w:r>'])
def test_text_that_is_left_out_of_a_cell_is_asked_about(lost):
    draft = one_row(COLUMNS, "1. That.", "Agreed.", f"<w:p>{run('Done.')}{lost}</w:p>", "")
    assert to_settle(draft) == [(0, "update")]


def test_text_that_is_struck_through_is_asked_about():
    for cells, field in (
        ((f"<w:p>{run('Agreed.', '<w:strike/>')}</w:p>", "Done.", ""), "response"),
        (("Agreed.", "Done.", f"<w:p>{run('✓', '<w:strike/>')}</w:p>"), "rating"),
    ):
        assert to_settle(one_row(COLUMNS, "1. That.", *cells)) == [(0, field)]


def test_colour_that_contradicts_the_rating_is_asked_about():
    shaded = '<w:shd w:val="clear" w:fill="{}"/>'
    for fill, asked in (("FF0000", [(0, "rating")]), ("00B050", [])):
        cells = row("1. That.", "Agreed.", "Done.", cell("On track", shaded.format(fill)))
        assert to_settle(read(table(COLUMNS, cells))) == asked


def test_section_title_is_asked_about():
    draft = read(table(COLUMNS, ("Walking", "", "", ""), ("1. Light the path.", "Agreed.", "Lit.", "")))
    assert to_settle(draft) in ([], [(None, "rows")])
    assert document(paragraph("x"))


def test_rating_of_the_officer_is_not_the_committees():
    titles = ("Recommendation", "Response", "Update", "Officer RAG", "Committee RAG")
    row = one_row(titles, "1. That.", "Agreed.", "Done.", "✓", "✗").rows[0]
    assert (row.rating, row.officer_view, row.update) == (4, "", "Done.\n\nLead officer's view: ✓")
    row = one_row((*titles[:3], "RAG status (lead officer)"), "1. That.", "Agreed.", "Done.", "On track").rows[0]
    assert (row.rating, row.officer_view) == (None, "on_track")


def test_rating_in_other_words_is_confirmed_once_for_all_rows():
    rows = [(f"{n}. That.", "Agreed.", f"Done {n}.", text) for n, text in enumerate(("Red", "Complete", "Red"), 1)]
    asked = [doubt for doubt in read(table(COLUMNS, *rows)).doubts if doubt.must_settle]
    assert [(doubt.row, doubt.field, doubt.can_confirm) for doubt in asked] == [(n, "rating", True) for n in range(3)]
    assert asked[0].key == asked[2].key != asked[1].key


def test_lead_officer_column_makes_nobody_of_a_department():
    titles = ("Recommendation", "Response", "Update", "Lead officer")
    lines = tuple(line for line in HEADER if "Lead Officers" not in line)
    for text, name, kept in (
        ("Jo Sample", "Jo Sample", ""),
        ("Jo Sample, Head of Roads", "Jo Sample", ""),
        ("Jo Sample and Ann Lee", "Jo Sample", "\n\nLead officer: Jo Sample and Ann Lee"),
        ("Housing", "", "\n\nLead officer: Housing"),
    ):
        row = one_row(titles, "1. That.", "Agreed.", "Done.", text, header=lines).rows[0]
        assert (row.lead_officer, row.response) == (name, f"Agreed.{kept}")


def test_contributor_column_makes_nobody_of_a_team():
    titles = ("Recommendation", "Response", "Update", "Updated by")
    for text, names, update in (
        ("Ann Lee, Head of Parks", ["Ann Lee"], "Done."),
        ("Parks team", [], "Done.\n\nContributor: Parks team"),
        ("Ann Lee 3 May", [], "Done.\n\nContributor: Ann Lee 3 May"),
    ):
        row = one_row(titles, "1. That.", "Agreed.", "Done.", text).rows[0]
        assert ([person.name for person in row.contributors], row.update) == (names, update)


def test_revised_target_date_counts():
    titles = ("Recommendation", "Response", "Original target date", "Revised target date", "Update")
    draft = one_row(titles, "1. That.", "Agreed.", "31 March 2026", "30 June 2026", "Done.")
    assert draft.rows[0].target_date.isoformat() == "2026-06-30"
    assert [column.title for column in draft.columns] == ["Original target date"]
