"""Doubts come from the draft alone, so that they go when the clerk has mended what they are about."""

from datetime import date

from inquiries.imports.draft import Doubt, DraftEnd, DraftRecommendation, DraftReport, DraftRow, find_doubts, recheck

UPDATE = "The bus has run on every school day since the fifth of January."


def row(*references, **changes):
    plain = {"decision": "accepted", "response": "Yes.", "update": f"{references}: {UPDATE}", "lead_officer": "Ann Lee"}
    return DraftRow([DraftRecommendation(reference, "Keep the bus.") for reference in references], **plain | changes)


def draft(*rows, **changes):
    plain = {
        "committee": "Roads Committee",
        "inquiry": "Late Buses",
        "months_on": 6,
        "completed_on": date(2026, 4, 1),
        "update_date": date(2026, 11, 10),
        "cabinet_members": ["Ruth Amory"],
    }
    return DraftReport(rows=list(rows), **plain | changes)


def said(report):
    return [(doubt.row, doubt.field, doubt.message, doubt.must_settle) for doubt in find_doubts(report)]


def test_draft_without_doubts():
    assert said(draft(row("1a", "1b"), row("2"), lead_officers=[("Ann Lee", ["1", "2"])])) == []


def test_doubts_about_missing_numbers():
    ends = [DraftEnd([DraftRecommendation("4", "Sell it.")], "Withdrawn by the committee")]
    assert said(draft(row("1a"), row("2"), row("3b"), row("6"), ends=ends)) == [
        (None, "ends", "Nothing numbered 1b is in the table.", False),
        (None, "ends", "Nothing numbered 3a is in the table.", False),
        (None, "ends", "Nothing numbered 5 is in the table.", False),
    ]


def test_doubts_about_repeated_numbers():
    assert said(draft(row("1"), row("2"), row("01"))) == [(2, "recommendations", "The number 01 is used twice.", True)]


def test_doubts_about_odd_numbers():
    assert said(draft(row("1?2"))) == [(0, "recommendations", "“1?2” cannot be the number of a recommendation.", True)]


def test_doubts_about_empty_cells():
    assert said(draft(row("1", response="", update=" ", lead_officer=""))) == [
        (0, "response", "This row has no response.", False),
        (0, "update", "This row has no update.", False),
        (0, "lead_officer", "No lead officer is named for this row.", False),
    ]


def test_doubts_about_a_missing_reason():
    assert said(draft(row("1", decision="not_accepted", response="", update="", lead_officer=""))) == [
        (0, "reason", "This was not accepted, but no reason is given.", True)
    ]
    assert said(draft(row("1", decision="not_accepted", reason="Too dear.", update="", lead_officer=""))) == []


def test_doubts_about_a_missing_decision():
    assert said(draft(row("1", decision=None))) == [
        (0, "decision", "The document does not say whether this was accepted.", True)
    ]


def test_doubts_about_two_lead_officers():
    officers = [("Ann Lee", ["1a"]), ("Bo Wynn", ["1b"])]
    assert said(draft(row("1a", "1b"), lead_officers=officers)) == [
        (0, "lead_officer", "The recommendations of this row are led by Ann Lee and Bo Wynn.", False)
    ]


def test_doubts_about_another_lead_officer():
    assert said(draft(row("1"), lead_officers=[("Bo Wynn", ["1", "9"]), ("Cy Pugh", [])])) == [
        (None, "lead_officers", "Bo Wynn is named for number 9, which is not in the table.", False),
        (None, "lead_officers", "Cy Pugh is named as a lead officer without numbers.", False),
        (0, "lead_officer", "The lead officers' line names Bo Wynn for this row.", False),
    ]


def test_doubts_about_repeated_updates():
    assert said(
        draft(row("1", update=UPDATE), row("2", update=UPDATE), row("3", update="None."), row("4", update="None."))
    ) == [(1, "update", "The update is word for word that of recommendation 1.", False)]


def test_doubts_about_an_early_date():
    assert said(draft(row("1"), update_date=date(2026, 3, 1))) == [
        (None, "update_date", "The date of the update is before the completion of the inquiry report.", False)
    ]


def test_doubts_about_no_rows():
    assert said(draft()) == [(None, "rows", "The table has no rows.", True)]


def test_recheck_keeps_the_readers_doubts():
    report = draft(row("1"), months_on=None, doubts=[Doubt("The document carries macros; they were ignored.")])
    recheck(report)
    assert [doubt.field for doubt in report.doubts] == ["", "months_on"]
    report.months_on = 12
    recheck(report)
    assert [doubt.message for doubt in report.doubts] == ["The document carries macros; they were ignored."]
    assert DraftReport.from_json(report.to_json()) == report
