import json
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse

from inquiries.actions import imports
from inquiries.actions.imports import check_import, known_inquiry, people_in
from inquiries.choices import Decision, Rating, Stage
from inquiries.documents.content import account_cells, plain_text
from inquiries.documents.data_formats import progress_report_csv, progress_report_json
from inquiries.documents.docx import progress_report_docx
from inquiries.documents.progress_report import for_content, progress_report_content
from inquiries.imports.draft import (
    DraftContributor,
    DraftDate,
    DraftEnd,
    DraftRecommendation,
    DraftReport,
    DraftRow,
)
from inquiries.imports.reader import read_progress_report
from inquiries.models import Entry, Inquiry, Person, ProgressReport, Recommendation, ReportImport
from inquiries.permissions import Refused
from inquiries.serialization import to_plain_data
from inquiries.templatetags.scrutiny import date_of, moment_of
from tests.cast import NOW, person
from tests.factories import make_inquiry


def row(reference="1", **fields):
    fields = {"decision": "accepted", "response": "It will be done.", "update": "It is done."} | fields
    return DraftRow([DraftRecommendation(reference, f"That {reference} is done.")], **fields)


def draft(*rows, **fields):
    fields = {"months_on": 6, "cabinet_members": ["Margaret O'Hara"], "signed_off": True} | fields
    fields = {"update_date": date(2026, 11, 10)} | fields
    return DraftReport(rows=list(rows) or [row()], **fields)


def recorded(one, committee, clerk, *, title="Getting Home from School", **fields):
    fields = {"file_name": "report.docx"} | fields
    return imports.import_progress_report(one, committee=committee, title=title, by=clerk, now=NOW, **fields)


def content(report):
    return progress_report_content(for_content().get(pk=report.pk))


def counts():
    return [model.objects.count() for model in (Inquiry, Recommendation, ProgressReport, Person, Entry)]


def test_imports_signed_report(committee, clerk):
    report = recorded(draft(row("1", lead_officer="Siân Llŷr"), row("2", update="")), committee, clerk)
    assert report.stage == Stage.SIGNED_OFF
    sign_off = report.sign_offs.get()
    assert (sign_off.person.name, sign_off.person.email, sign_off.signed_by) == ("Margaret O'Hara", None, clerk)
    assert (
        sign_off.evidence_note == "Named as having signed off this update in report.docx, imported on 23 November 2026."
    )
    first, second = report.updates.for_page()
    assert (first.text, first.submitted_by, first.response.lead_officer.name) == ("It is done.", clerk, "Siân Llŷr")
    assert (second.text, second.closed_by) == ("", clerk)
    assert Entry.objects.filter(verb="import_progress_report").get().sentence == (
        "imported the interim report (6 months on) from report.docx, imported on 23 November 2026"
    )


def test_imported_report_takes_its_own_dates(committee, clerk, client):
    one = draft(
        row("1", rating=Rating.IMPLEMENTED),
        ends=[DraftEnd([DraftRecommendation("2", "That B.")], "Superseded, March 2026", "Done elsewhere.")],
        update_precision="month",
        update_date=date(2026, 3, 1),
        signed_on=DraftDate(date(2026, 3, 1), "month"),
        published_on=DraftDate(date(2026, 4, 2)),
        assessed_on=DraftDate(date(2026, 4, 1), "month"),
    )
    report = recorded(one, committee, clerk, published=True)
    sign_off, first, second = report.sign_offs.get(), *report.editions.all()
    for record, fact, text in (
        (report, "collected", "March 2026"),
        (report.updates.get(), "submitted", "March 2026"),
        (sign_off, "signed", "March 2026"),
        (report, "signed_off", "March 2026"),
        (report, "published", "2 April 2026"),
        (report, "assessed", "April 2026"),
        (first, "published", "2 April 2026"),
        (second, "published", "April 2026"),
    ):
        assert date_of(record, fact) == moment_of(record, fact) == text
    words = content(report)
    assert words.update_day == "March 2026"
    assert '"2026-03"' in progress_report_csv(words).decode()
    assert '"update_date": "2026-03"' in progress_report_json(words).decode()
    implemented, superseded = Recommendation.objects.order_by("reference")
    assert (implemented.ending, superseded.ending) == ("Implemented, April 2026", "Superseded, March 2026")
    for address in (report.get_absolute_url(), report.inquiry.get_absolute_url(), implemented.get_absolute_url(), "/"):
        page = client.get(address).content.decode()
        assert "November 2026" not in page.replace("23 November 2026</", "")
    assert Entry.objects.get(verb="publish").at == NOW


def test_imported_dates_that_nobody_gives_are_not_those_of_today(committee, clerk):
    ends = [DraftEnd([DraftRecommendation("2", "That B.")], "Superseded", "Done elsewhere.")]
    report = recorded(draft(row("1", rating=Rating.IMPLEMENTED), ends=ends), committee, clerk, published=True)
    assert date_of(report.sign_offs.get(), "signed") == date_of(report, "published") == "(date not recorded)"
    assert [r.ending for r in Recommendation.objects.order_by("reference")] == ["Implemented", "Superseded"]


def test_imported_update_is_not_said_to_be_submitted_today(committee, clerk, client):
    report = recorded(draft(row("1"), update_date=None), committee, clerk, stage=Stage.SIGNED_OFF)
    assert date_of(report, "collected") == date_of(report.updates.get(), "submitted") == "(date not recorded)"
    client.force_login(clerk)
    for page in (reverse("clerk:manage", args=[report.inquiry.slug, 6]), report.updates.get().get_absolute_url()):
        words = " ".join(client.get(page).content.decode().split())
        assert "(date not recorded)" in words
        assert not re.search(r"(?:Submitted by|done on) [^<]*2026", words)


def test_imported_report_can_be_published_with_a_date_of_update_only(committee, clerk):
    with pytest.raises(Refused, match="Give the date of this update"):
        recorded(draft(update_date=None), committee, clerk, published=True)


def test_sign_off_that_only_the_clerk_states_is_noted_as_theirs(committee, clerk):
    report = recorded(draft(signed_off=False), committee, clerk, stage=Stage.SIGNED_OFF)
    assert report.sign_offs.get().evidence_note == (
        f"Stated by {clerk}; named, but not as having signed, in report.docx, imported on 23 November 2026."
    )


def test_imports_report_being_written(committee, clerk):
    report = recorded(draft(stage_unsigned := row()), committee, clerk, stage=Stage.COMMISSIONED)
    update = report.updates.get()
    assert (report.stage, update.text, update.is_open) == (Stage.COMMISSIONED, stage_unsigned.update, True)
    assert report.sign_offs.get().signed_at is None


def test_published_import_confirms_ratings(committee, clerk):
    one = draft(row("1", rating=Rating.IMPLEMENTED, comment="Well done."), row("2", rating=Rating.CONCERNS))
    report = recorded(one, committee, clerk, published=True)
    assert report.stage == Stage.ASSESSED
    assert [(r.rating, r.comment) for r in content(report).rows] == [(1, "Well done."), (3, "")]
    assert Recommendation.objects.get(reference="1").ended_as == "implemented"


def test_import_keeps_exempt_parts(committee, clerk):
    report = recorded(draft(row(update="", exempt_text="It cost £2m.", exempt_paragraph=3)), committee, clerk)
    update = report.updates.get()
    assert (update.exempt_text, update.exempt_paragraph, update.submitted_by) == ("It cost £2m.", 3, clerk)
    only_named = recorded(draft(row(exempt_paragraph=3)), committee, clerk, title="Another").updates.get()
    assert (only_named.exempt_text, only_named.exempt_paragraph) == ("", None)


def test_imports_row_not_accepted(committee, clerk):
    refused = row("2", decision=Decision.NOT_ACCEPTED, response="", reason="It costs too much.", update="")
    report = recorded(draft(row("1"), refused), committee, clerk)
    words = content(report)
    assert [r.references for r in words.rows] == [("1",)]
    assert [(e.outcome, e.reason) for e in words.account] == [("Not accepted", "It costs too much.")]


def test_export_has_response_and_reason_of_a_refused_row(committee, clerk):
    no = row("2", decision="not_accepted", response="The team looked at it.", reason="There is no money.", update="")
    words = content(recorded(draft(row("1"), no), committee, clerk))
    printed = read_progress_report(progress_report_docx(words)).ends[0]
    for text in (
        progress_report_csv(words).decode(),
        progress_report_json(words).decode(),
        " ".join(plain_text(cell) for cell in account_cells(words.account[0])),  # as Word, PDF and page print it
        printed.reason,
    ):
        assert "The team looked at it." in text and "There is no money." in text
    again = recorded(read_progress_report(progress_report_docx(words)), committee, clerk, title="Once more")
    response = again.inquiry.responses.get(decision="not_accepted")
    assert (response.text, response.reason) == ("The team looked at it.", "There is no money.")


@pytest.mark.parametrize(
    "fields",
    [
        {"comment": "Come back."},
        {"evidence": [("Page", "https://example.org")]},
        {"officer_view": "on_track"},
        {"contributors": [DraftContributor("Gwen Rees")]},
    ],
)
def test_nothing_of_a_row_is_lost_silently(committee, clerk, fields):
    no = row("2", decision="not_accepted", response="", reason="No.", update="", **fields)
    assert [(d.row, d.field) for d in check_import(draft(row("1"), no, inquiry="A"), committee).to_settle] == [
        (1, "update")
    ]
    if "comment" not in fields:
        with pytest.raises(Refused, match="they would be lost"):
            recorded(draft(row("1", update="", **fields)), committee, clerk)
    else:
        words = content(recorded(draft(row("1", **fields)), committee, clerk, published=True))
        assert words.rows[0].comment == "Come back."


def test_refuses_update_not_accepted(committee, clerk):
    one = draft(row("1"), row("2", decision=Decision.NOT_ACCEPTED, reason="No."))
    one.inquiry = "School"
    check = check_import(one, committee)
    assert [(d.row, d.field, d.must_settle) for d in check.doubts] == [(1, "update", True)]
    before = counts()
    with pytest.raises(Refused, match="Recommendation 2: Only what has been accepted"):
        recorded(one, committee, clerk)
    assert counts() == before


def test_imports_outcomes_below_table(committee, clerk):
    ends = [
        DraftEnd([DraftRecommendation("2", "That B.")], "Not accepted", "Too dear."),
        DraftEnd([DraftRecommendation("3", "That C.")], "Withdrawn by the committee, 2 June 2026", "Done elsewhere."),
        DraftEnd([DraftRecommendation("4", "That D.")], "Who knows"),
    ]
    one = draft(ends=ends, inquiry="School")
    assert [d.message for d in check_import(one, committee).doubts] == [
        "“Who knows” is no known outcome, so 4 would stay without an answer."
    ]
    with pytest.raises(Refused, match="“Who knows” is no known outcome"):
        recorded(one, committee, clerk)
    words = content(recorded(replace(one, ends=ends[:2]), committee, clerk))
    assert [(e.recommendations[0].reference, e.outcome, e.reason) for e in words.account] == [
        ("2", "Not accepted", "Too dear."),
        ("3", "Withdrawn by the committee, 2 June 2026", "Done elsewhere."),
    ]


@pytest.mark.parametrize(
    ("outcome", "is_known"),
    [
        ("Not accepted", True),
        ("Superseded, 3 May 2026.", True),
        ("Implemented in March 2026", True),
        ("Accepted; not part of this report", True),
        ("Accepted in part, but not now", False),
        ("Implemented, or nearly so", False),
        ("Rejected?", False),
    ],
)
def test_outcome_is_plain_or_asked_about(committee, outcome, is_known):
    one = draft(ends=[DraftEnd([DraftRecommendation("2", "That B.")], outcome, "Why.")], inquiry="A")
    assert [d.field for d in check_import(one, committee).to_settle] == ([] if is_known else ["ends"])


@pytest.mark.parametrize(
    ("change", "options", "sentence"),
    [
        ({"months_on": None}, {}, "Give the months."),
        ({"rows": []}, {}, "The table has no rows."),
        ({"rows": [row("1", decision=None)]}, {}, "Recommendation 1: The document does not say whether"),
        (
            {"rows": [row("1", decision="deferred", reason="Later.", update="")]},
            {},
            "There is no accepted recommendation to import",
        ),
        ({"cabinet_members": []}, {"stage": Stage.SIGNED_OFF}, "needs the name of the Cabinet Member"),
        ({}, {"stage": Stage.AWAITING_SIGN_OFF, "published": True}, "Only a report that has been signed off"),
        ({}, {"stage": Stage.PUBLISHED}, "An imported report is being collected"),
        ({"rows": [row("1a"), row("1A")]}, {}, "The number 1A is used twice"),
        ({"rows": [row("1?2")]}, {}, "“1.2” cannot be the number"),
        ({"rows": [row(evidence=[("Page", "javascript:alert(1)")])]}, {}, "1: Enter a valid URL"),
        (
            {"rows": [row(decision="in_part", response="", reason="")]},
            {},
            "1: This was accepted in part, but no reason",
        ),
    ],
)
def test_import_refused_changes_nothing(committee, clerk, change, options, sentence):
    before = counts()
    with pytest.raises(Refused, match=sentence):
        recorded(replace(draft(), **change), committee, clerk, **options)
    assert counts() == before


def test_import_requires_a_clerk(committee, officer):
    with pytest.raises(Refused):
        recorded(draft(), committee, officer)
    with pytest.raises(Refused):
        imports.keep_import(draft(), file_name="a.docx", checksum="0", by=officer, now=NOW)


def test_imports_second_report(committee, clerk, officer):
    recorded(draft(row("1", lead_officer=officer.name)), committee, clerk)
    again = replace(draft(row("1", response="Something else.", lead_officer="Somebody Else")), months_on=12)
    inquiry = known_inquiry(committee, " getting home  from school ")
    again.inquiry = inquiry.title
    check = check_import(again, committee)
    assert [(d.field, d.recorded, d.document) for d in check.differences] == [
        ("response", "It will be done.", "Something else."),
        ("lead_officer", officer.name, "Somebody Else"),
    ]
    assert len(check.to_settle) == 3  # and the updates are those of the report before
    with pytest.raises(Refused, match="The response of 1 differs"):
        recorded(again, committee, clerk)
    chosen = {"differences": {"all": "recorded"}, "settled": [d.key for d in check.to_settle if d.can_confirm]}
    report = recorded(again, committee, clerk, **chosen)
    assert report.inquiry == inquiry
    assert (report.updates.get().response.text, inquiry.responses.count()) == ("It will be done.", 1)
    with pytest.raises(Refused, match="already has a progress report for 12 months on"):
        recorded(again, committee, clerk)
    again_to_settle = check_import(again, committee, **chosen).to_settle
    assert [(d.field, d.can_confirm) for d in again_to_settle] == [("months_on", False)]


def test_import_takes_what_is_chosen_from_the_document(committee, clerk):
    recorded(draft(row("1"), row("2")), committee, clerk)
    changed = row("1", decision="in_part", response="Half of it.", reason="Costs.", update="Half is done.")
    changed.recommendations[0].text = "That all is done in parks."
    again = draft(
        changed, row("2", response="Other.", update="Done."), months_on=12, inquiry="Getting Home from School"
    )
    check = check_import(again, committee)
    assert [(d.reference, d.field) for d in check.differences] == [
        ("1", "text"),
        ("1", "decision"),
        ("1", "response"),
        ("2", "response"),
    ]
    chosen = {d.key: "document" if d.reference == "1" else "recorded" for d in check.differences}
    recorded(again, committee, clerk, differences=chosen)
    one, two = Recommendation.objects.all()
    assert one.text == "That all is done in parks."
    assert (one.response.decision, one.response.text, one.response.reason) == ("in_part", "Half of it.", "Costs.")
    assert two.response.text == "It will be done."
    assert Entry.objects.get(verb="reword_recommendation").note == "As in report.docx, which was imported."


def test_import_asks_about_other_outcomes_and_signs(committee, clerk):
    two = DraftRecommendation("2", "That B.")
    ten = row("1", response="Ten of them, 10%.")
    recorded(draft(ten, ends=[DraftEnd([two], "Not accepted", "Too dear.")]), committee, clerk)
    again = draft(
        row("1", response="Ten of them, 10.", update="More."),
        ends=[DraftEnd([two], "Superseded", "Done elsewhere.")],
        months_on=12,
        inquiry="Getting Home from School",
        completed_on=date(2026, 5, 1),
    )
    check = check_import(again, committee)
    assert [(d.field, d.document) for d in check.differences] == [("response", "Ten of them, 10.")]
    assert [(d.field, d.must_settle) for d in check.doubts[1:]] == [("ends", True), ("completion", False)]
    assert "2 is recorded as “Not accepted”; the document says “Superseded”." in check.doubts[1].message


def test_import_keeps_no_progress_of_what_is_recorded_as_refused(committee, clerk):
    no = row("2", decision="not_accepted", response="", reason="Too dear.", update="")
    recorded(draft(row("1"), no), committee, clerk)
    again = draft(row("1", update="More."), row("2"), months_on=12, inquiry="Getting Home from School")
    check = check_import(again, committee, differences={"all": "recorded"})
    assert [(d.row, d.field) for d in check.to_settle] == [(1, "update")]


def test_refuses_other_rows(committee, clerk, officer, cabinet_member):
    inquiry = make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member)
    for one, sentence in (
        (row("1a"), "answers other numbers than this row"),
        (
            DraftRow([DraftRecommendation("1a", "A"), DraftRecommendation("2", "B")], decision="accepted"),
            "already recorded with separate responses",
        ),
    ):
        with pytest.raises(Refused, match=sentence):
            recorded(draft(one), committee, clerk, title=inquiry.title, differences={"all": "recorded"})


def test_finds_people_by_name(committee, clerk, officer):
    person("Tom Pugh"), person("tom pugh")
    one = draft(
        row("1", lead_officer=officer.name, contributors=[DraftContributor("Gwen Rees", "Team Manager")]),
        row("2", lead_officer="Tom Pugh"),
    )
    assert people_in(one) == ([officer.name], ["Gwen Rees", "Margaret O'Hara"], ["Tom Pugh"])
    one.inquiry = "School"
    check = check_import(one, committee)
    assert [d.row for d in check.to_settle] == [1]
    assert (check.known_people, check.new_people) == people_in(one)[:2]
    before = counts()
    with pytest.raises(Refused, match="There are several people called Tom Pugh"):
        recorded(one, committee, clerk)
    assert counts() == before
    report = recorded(replace(one, rows=one.rows[:1]), committee, clerk)
    gwen = report.updates.get().contributors.get()
    assert (gwen.name, gwen.job_title, gwen.email, gwen.has_usable_password()) == (
        "Gwen Rees",
        "Team Manager",
        None,
        False,
    )


def test_import_is_confirmed_once(committee, clerk):
    kept = imports.keep_import(draft(), file_name="report.docx", checksum="0" * 64, by=clerk, now=NOW)
    choices = {"stage": "signed_off", "published": False}
    imports.correct_import(kept, draft(row("7")), choices=choices, by=clerk, now=NOW)
    kept.refresh_from_db()
    assert imports.draft_of(kept) == draft(row("7"))
    assert imports.choices_of(kept) == choices
    given = {"committee": committee, "title": "School", "by": clerk, "now": NOW + timedelta(hours=1)}
    report = imports.confirm_import(kept, imports.draft_of(kept), **given, **choices)
    kept.refresh_from_db()
    assert (kept.report, kept.confirmed_by) == (report, clerk)
    for again in (
        lambda: imports.confirm_import(kept, draft(), **given, **choices),
        lambda: imports.correct_import(kept, draft(), by=clerk, now=NOW),
    ):
        with pytest.raises(Refused, match="has been imported already"):
            again()
    assert (ProgressReport.objects.count(), ReportImport.objects.count()) == (1, 1)


def test_imports_exported_real_case(case, committee, clerk):
    data = (case("crisis-support-inquiry") / "progress-report.docx").read_bytes()
    first = recorded(replace(read_progress_report(data), months_on=6), committee, clerk, title="Crisis Support Inquiry")
    before = content(first)
    again = recorded(read_progress_report(progress_report_docx(before)), committee, clerk, title="The same once more")
    after = content(again)
    assert replace(after, inquiry=before.inquiry) == before
    plain = to_plain_data(after) | {"inquiry": before.inquiry}
    assert json.dumps(plain) == json.dumps(to_plain_data(before))
