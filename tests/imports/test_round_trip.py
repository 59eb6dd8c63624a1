"""Our own Word file, read back: the same report."""

from dataclasses import replace
from datetime import date

from inquiries.choices import Decision, OfficerView
from inquiries.documents.content import AccountEntry, ExemptPart, NumberedText, RequestedAction
from inquiries.documents.docx import progress_report_docx
from inquiries.documents.rich_text import blocks
from inquiries.imports.reader import read_progress_report
from tests.documents.samples import full_report, long_report, report, row


def said(row):
    """A row of either kind in one form: texts as their blocks, the officer's view in words."""
    view = row.officer_view
    return {
        "recommendations": [(one.reference, blocks(one.text), one.given) for one in row.recommendations],
        "decision": str(row.decision),
        "response": blocks(row.response),
        "update": blocks(row.update),
        "contributors": [(one.name, one.job_title) for one in row.contributors],
        "officer_view": OfficerView(view).label if view in OfficerView.values else view,
        "forecast_date": row.forecast_date,
        "rating": row.rating,
        "comment": blocks(row.comment),
        "target_date": row.target_date,
        "evidence": [": ".join(part for part in pair if part) for pair in row.evidence],
    }


def with_links_only(content):
    """The content as records can hold it: evidence that is no link becomes words of the update (see below)."""
    first = content.rows[0]
    return replace(content, rows=(replace(first, evidence=first.evidence[:1]), *content.rows[1:]))


def test_actions_of_the_committee_are_no_part_of_an_update_or_comment():
    asked = RequestedAction("Ask Ofgem.", "Priya Nair", date(2027, 2, 1), date(2026, 11, 10))
    content = with_links_only(full_report())
    with_actions = replace(content.rows[0], actions=(asked,), earlier_actions=(asked,))
    draft = read_progress_report(progress_report_docx(replace(content, rows=(with_actions, *content.rows[1:]))))
    assert said(draft.rows[0]) == said(content.rows[0])
    left_out = "An action or correction of the committee is not imported: “"
    messages = [doubt.message.removeprefix(left_out) for doubt in draft.doubts if left_out in doubt.message]
    assert [message[:19] for message in messages] == [
        "At its meeting on 1",
        "Corrected on 3 Dece",
        "The committee asks:",
    ]


def test_note_on_what_was_closed_is_said_to_be_left_out():
    content = with_links_only(full_report())
    closed = AccountEntry((NumberedText("2", ""),), "Superseded, decided on 10 November 2026", "Lead: another.")
    without, draft = (
        read_progress_report(progress_report_docx(replace(content, closed=closed)))
        for closed in ((), (closed, replace(closed, reason="Lead officer: Nobody Else")))
    )
    assert [said(row) for row in draft.rows] == [said(row) for row in without.rows]
    assert (draft.committee, draft.lead_officers, draft.ends) == (
        without.committee,
        without.lead_officers,
        without.ends,
    )
    (new,) = [doubt for doubt in draft.doubts if doubt not in without.doubts]
    assert new.message.startswith("The note “Recommendations closed at this meeting” is not imported. It says: “2: ")
    assert "Lead: another." in new.message and "Nobody Else" in new.message


def test_round_trip_of_every_field():
    content = with_links_only(full_report())
    draft = read_progress_report(progress_report_docx(content))
    assert [said(row) for row in draft.rows] == [said(row) for row in content.rows]
    assert (draft.committee, draft.inquiry, draft.heading) == (content.committee, content.inquiry, content.heading)
    assert (draft.months_on, draft.update_date) == (12, date(2026, 11, 10))
    assert (draft.completed_on, draft.completed_precision, draft.completed_body) == (
        date(2026, 4, 1),
        "month",
        "Cabinet",
    )
    assert draft.lead_officers == [(name, list(numbers)) for name, numbers in content.lead_officers]
    assert [row.lead_officer for row in draft.rows] == ["Siân Llŷr-Ôwain", "Siân Llŷr-Ôwain", "Tom Fairweather", "", ""]
    assert draft.cabinet_members == list(content.cabinet_members)
    assert [row.exempt_paragraph for row in draft.rows] == [None, None, None, 3, None]
    assert [
        ([(one.reference, one.text) for one in end.recommendations], end.outcome, end.reason) for end in draft.ends
    ] == [
        ([(one.reference, one.text) for one in entry.recommendations], entry.outcome, entry.reason)
        for entry in content.account
    ]
    assert [doubt.message for doubt in draft.doubts if doubt.must_settle] == []


def test_round_trip_of_long_rows():
    content = long_report()
    draft = read_progress_report(progress_report_docx(content))
    assert [said(row) for row in draft.rows] == [said(row) for row in content.rows]


def test_round_trip_of_an_exempt_part():
    exempt = ExemptPart(3, "3. Information relating to financial affairs", "The depot was sold for £2m.\n\nTo Mr Pugh.")
    content = report([row("1", exempt=exempt, officer_view="On track", update="Sold.")])
    found = read_progress_report(progress_report_docx(content)).rows[0]
    assert (found.update, found.exempt_paragraph, found.exempt_text) == (
        "Sold.",
        3,
        "The depot was sold for £2m.\n\nTo Mr Pugh.",
    )
    assert found.officer_view == "on_track"


def test_round_trip_twice():
    content = with_links_only(full_report())
    first = read_progress_report(progress_report_docx(content))
    again = replace(
        content,
        rows=tuple(
            replace(old, response=new.response, update=new.update, comment=new.comment)
            for old, new in zip(content.rows, first.rows, strict=True)
        ),
    )
    second = read_progress_report(progress_report_docx(again))
    assert second.rows == first.rows


def test_round_trip_of_evidence():
    evidence = (
        ("https://www.example.org/count", "https://www.example.org/count"),
        ("Minutes: June (draft)", "https://www.example.org/minutes_(june)"),
    )
    content = report([row("1", update="Done.", evidence=evidence)])
    assert read_progress_report(progress_report_docx(content)).rows[0].evidence == list(evidence)


def test_evidence_without_an_address():
    evidence = (("The page", "https://www.example.org/"), ("A note kept in the office", ""))
    draft = read_progress_report(progress_report_docx(report([row("1", update="Done.", evidence=evidence)])))
    assert draft.rows[0].evidence == [("The page", "https://www.example.org/")]
    assert draft.rows[0].update == "Done.\n\nEvidence:\n\n- A note kept in the office"
    assert "The evidence “A note kept in the office” has no web address of its own; it was left in the update." in [
        doubt.message for doubt in draft.doubts if (doubt.row, doubt.field) == (0, "update")
    ]


def test_round_trip_of_a_reason():
    printed = row("1", decision=Decision.IN_PART, response="Twice a year.\n\nReason: It costs too much.\n\nAnd more.")
    found = read_progress_report(progress_report_docx(report([printed]))).rows[0]
    assert (found.response, found.reason) == ("Twice a year.", "It costs too much.\n\nAnd more.")
