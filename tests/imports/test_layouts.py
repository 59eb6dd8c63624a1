"""Tables as councils really draw them: understood, or doubted aloud."""

from datetime import date

from tests.imports.samples import COLUMNS, GUIDANCE, HEADER, cell, doubts, read, row, run, table, updates, wordings

LOWER = '<w:vMerge w:val="continue"/>'
UPPER = '<w:vMerge w:val="restart"/>'


def test_layout_of_the_template():
    draft = read(
        table(
            COLUMNS,
            ("1a: Keep the bus.\n\n1b. Tell the schools.", "It stays.", "It runs. (Siân Llŷr, Head of Travel)", ""),
            ("2: Count the riders.", "Agreed.", "Counted in May. (Siân Llŷr)", "★ On track\n\nCome back in spring."),
        ),
        "RAG Status Guidance",
        table(*(GUIDANCE[n] + GUIDANCE[1 - n] for n in (0, 1))),
        header=[line.replace("1, 2, 3", "1, 2") for line in HEADER],
    )
    assert wordings(draft) == [[("1a", "Keep the bus."), ("1b", "Tell the schools.")], [("2", "Count the riders.")]]
    assert [each.response for each in draft.rows] == ["It stays.", "Agreed."]
    assert [each.decision for each in draft.rows] == ["accepted", "accepted"]
    assert updates(draft) == ["It runs.", "Counted in May."]
    assert [(c.name, c.job_title) for each in draft.rows for c in each.contributors] == [
        ("Siân Llŷr", "Head of Travel"),
        ("Siân Llŷr", "Head of Travel"),
    ]
    assert [(each.rating, each.comment) for each in draft.rows] == [(None, ""), (2, "Come back in spring.")]
    assert [each.lead_officer for each in draft.rows] == ["Siân Llŷr", "Siân Llŷr"]
    assert (draft.committee, draft.inquiry) == ("Young People's Select Committee", "Getting Home from School")
    assert (draft.months_on, draft.completed_on, draft.completed_body) == (6, date(2026, 4, 1), "Cabinet")
    assert draft.completed_precision == "month"
    assert draft.update_date == date(2026, 11, 10)
    assert draft.cabinet_members == ["Margaret O'Hara"]
    assert draft.doubts == []


def test_layout_of_two_columns():
    draft = read(
        table(
            ("Recommendation", "Cabinet response"),
            ("R7 Keep the bus.", "Partially accepted. Only in term."),
            ("R8 Count the riders.", "Not accepted: it costs too much."),
            ("R9 Paint the depot.", "We have looked into it."),
        ),
    )
    assert wordings(draft) == [[("R7", "Keep the bus.")], [("R8", "Count the riders.")], [("R9", "Paint the depot.")]]
    assert [(each.decision, each.response, each.reason) for each in draft.rows] == [
        ("in_part", "Only in term.", "Only in term."),
        ("not_accepted", "", "it costs too much."),
        (None, "We have looked into it.", ""),
    ]
    assert doubts(draft, "decision") == [(2, "The document does not say whether this was accepted.")]
    assert doubts(draft, "reason") == [(0, "This was accepted in part; the response was taken as the reason too.")]


def test_layout_of_five_columns():
    draft = read(
        table(
            (
                "RAG",
                "Progress to date",
                "Responsible officer",
                "Executive response",
                "No.",
                "Recomendation",
                "Deadline",
            ),
            ("✓", "Done in May.", "Tom Fairweather", "Agreed", "2.1", "Keep the bus.", "31/03/2027"),
            ("Amber", "Under way.", "Tom Fairweather, Head of Roads", "Agreed", "2.2", "Count.", "March 2027"),
        ),
    )
    assert wordings(draft) == [[("2.1", "Keep the bus.")], [("2.2", "Count.")]]
    assert updates(draft) == ["Done in May.", "Under way."]
    assert [each.rating for each in draft.rows] == [1, 3]
    assert [each.lead_officer for each in draft.rows] == ["Tom Fairweather", "Tom Fairweather"]
    assert [each.target_date for each in draft.rows] == [date(2027, 3, 31), date(2027, 3, 31)]
    assert doubts(draft, "rating", "response", "decision") == [
        (1, "The target date “March 2027” was read as 31 March 2027."),
        (1, "The colour “Amber” was read as the rating “Concerns”."),
    ]


def test_layout_split_over_tables():
    draft = read(
        table(COLUMNS, ("1: Keep the bus.", "Yes.", "It runs.", "")),
        "Continued on the next page",
        table(COLUMNS, ("2: Count the riders.", "Yes.", "Counted.", "")),
        table(("3: Tell the schools.", "Yes.", "Told.", ""), ("", "", "And the parents.", "")),
        table(*(GUIDANCE[n] + GUIDANCE[1 - n] for n in (0, 1))),
    )
    assert [each.references for each in draft.rows] == [["1"], ["2"], ["3"]]
    assert updates(draft) == ["It runs.", "Counted.", "Told.\n\nAnd the parents."]
    assert doubts(draft, "rows", "recommendations") == [
        (None, "A table without column titles was read as the continuation of the one above it."),
        (2, "A row without a recommendation was joined to the one above it."),
    ]


def test_layout_with_section_titles():
    across = '<w:gridSpan w:val="4"/>'
    draft = read(
        table(
            row(cell("Getting Home from School: action plan", across)),
            COLUMNS,
            row(cell("Theme 1: Buses", across)),
            ("1: Keep the bus.", "Yes.", "It runs.", ""),
            COLUMNS,
            ("Walking", "", "", ""),
            ("2: Light the path.", "Yes.", "Lit.", ""),
        ),
    )
    assert [each.references for each in draft.rows] == [["1"], ["2"]]
    assert doubts(draft, "rows") == [
        (None, "“Theme 1: Buses” runs across the table; it was read as a section title and left out."),
        (None, "“Walking” runs across the table; it was read as a section title and left out."),
    ]


def test_layout_with_merged_cells():
    draft = read(
        table(
            COLUMNS,
            row(cell("1: Keep the bus.", UPPER), "It stays.", "It runs.", ""),
            row(cell("", LOWER), "So does the stop.", "It stands.", ""),
            row("2a: Count.", cell("We shall.", UPPER), "Counted.", ""),
            row("2b: Tell.", cell("", LOWER), "Told.", ""),
            row("3: Light.", "We shall.", cell("Both under way.", UPPER), ""),
            row("4: Paint.", "We will.", cell("", LOWER), ""),
        ),
    )
    assert [each.references for each in draft.rows] == [["1"], ["2a", "2b"], ["3"], ["4"]]
    assert [each.response for each in draft.rows] == [
        "It stays.\n\nSo does the stop.",
        "We shall.",
        "We shall.",
        "We will.",
    ]
    assert updates(draft) == ["It runs.\n\nIt stands.", "Counted.\n\nTold.", "Both under way.", "Both under way."]
    assert [pair for pair in doubts(draft, "recommendations", "update")] == [
        (0, "Several rows are beside one recommendation; they were joined into one."),
        (1, "Several recommendations are beside one response; they were read as one response."),
        (3, "The update is one cell for several rows, and was given to each."),
    ]


def test_layout_with_nested_tables():
    inner = table(COLUMNS, ("1: Keep the bus.", "Yes.", "It runs.", ""))
    draft = read(table(row(cell("<w:p/>" + inner + "<w:p/>"), "Recommendation and response follow")))
    assert wordings(draft) == [[("1", "Keep the bus.")]]
    assert updates(draft) == ["It runs."]


def test_layout_with_two_update_columns():
    draft = read(
        table(
            ("Recommendation", "Response", "Update 12 months on", "Update 6 months on"),
            ("1: Keep.", "Accepted", "Still kept.", "Kept."),
        ),
        header=HEADER[:1],
    )
    assert updates(draft) == ["Still kept."]
    assert draft.months_on == 12
    assert doubts(draft, "rows", "months_on") == [
        (None, "The column titles name 12 months; the heading does not."),
    ]
    assert [(column.title, column.cells) for column in draft.columns] == [("Update 6 months on", [(0, "Kept.")])]


def test_layout_with_outcomes_below():
    draft = read(
        table(COLUMNS, ("1: Keep the bus.", "Yes.", "It runs.", "")),
        "Recommendations not in the table above",
        table(
            ("Recommendation", "Outcome", "Reason"),
            ("2: Paint the depot.", "Not accepted", "Too dear."),
            ("3: Sell it.", "Not recorded", ""),
        ),
    )
    assert [each.references for each in draft.rows] == [["1"]]
    assert [([one.reference for one in end.recommendations], end.outcome, end.reason) for end in draft.ends] == [
        (["2"], "Not accepted", "Too dear.")
    ]


def test_rating_by_picture_or_colour():
    shaded = cell("", '<w:shd w:val="clear" w:fill="FF0000"/>')
    drawn = cell("<w:p><w:r><w:drawing/></w:r></w:p>")
    draft = read(
        table(
            COLUMNS,
            row("1: Keep.", "Yes.", "Kept.", shaded),
            row("2: Count.", "Yes.", "Counted.", drawn),
            row("3: Tell.", "Yes.", "Told.", "to be assessed"),
        )
    )
    assert [(each.rating, each.comment) for each in draft.rows] == [(None, ""), (None, ""), (None, "")]
    assert doubts(draft, "rating") == [
        (0, "The cell has no text, only the colour red; no rating was taken."),
        (1, "The rating is a picture, which could not be read."),
    ]


def test_reads_only_visible_text():
    changed = cell(
        "<w:p>"
        + f"<w:ins>{run('It runs')}</w:ins>"
        + "<w:del><w:r><w:delText> and ran</w:delText></w:r></w:del>"
        + '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DATE </w:instrText></w:r>'
        + '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        + run(" since May")
        + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        + f"<w:sdt><w:sdtContent>{run(', says ')}</w:sdtContent></w:sdt>"
        + f'<w:hyperlink w:anchor="x">{run("the page")}</w:hyperlink>'
        + '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>'
        + '<w:r><w:footnoteReference w:id="2"/></w:r>'
        + run(" hidden", "<w:vanish/>")
        + "</w:p>"
    )
    gone = row("2: Gone.", "No.", "Gone.", "", looks="<w:del/>")
    draft = read(table(COLUMNS, row("1: Keep.", "Yes.", changed, ""), gone))
    assert updates(draft) == ["It runs since May, says the page✓"]
    assert doubts(draft, "update") == [
        (0, "The update has a footnote, which was left out."),
        (0, "The update holds hidden text, which was left out."),
    ]


def test_layout_with_two_title_rows():
    draft = read(
        table(
            row(
                cell("Recommendation", UPPER),
                cell("Cabinet response", '<w:gridSpan w:val="2"/>'),
                cell("Progress", UPPER),
            ),
            row(cell("", LOWER), "Decision", "Response", cell("", LOWER)),
            ("1: Keep the bus.", "Accepted", "It stays.", "It runs."),
            ("2: Paint the depot.", "Rejected", "Too dear.", "-"),
        ),
    )
    assert [(each.decision, each.response, each.reason, each.update) for each in draft.rows] == [
        ("accepted", "It stays.", "", "It runs."),
        ("not_accepted", "", "Too dear.", "-"),
    ]


def test_layout_with_guidance_below():
    draft = read(
        table(
            COLUMNS,
            ("1: Keep.", "Yes.", "Kept.", "Not yet to the satisfaction of the committee: come back."),
            row(cell("RAG Status Guidance", '<w:gridSpan w:val="4"/>')),
            GUIDANCE[0] + GUIDANCE[1],
        ),
    )
    assert [(each.references, each.rating, each.comment) for each in draft.rows] == [
        (["1"], None, "Not yet to the satisfaction of the committee: come back.")
    ]


def test_layout_with_another_table():
    draft = read(
        table(("Recommendation", "Response"), ("1: Keep.", "Yes.")),
        table(COLUMNS, ("1: Keep.", "Yes.", "Kept.", "")),
    )
    assert updates(draft) == ["Kept."]
    assert doubts(draft, "rows") == [
        (None, "Another table, which begins “Recommendation Response 1: Keep. Yes.”, was left out.")
    ]
