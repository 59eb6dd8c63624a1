"""A council's own tracker becomes records: as a whole, with its own dates, and nothing twice."""

import io
from datetime import date
from functools import partial

import pytest

from inquiries.actions import tracker_import
from inquiries.actions.tracker_import import TrackerChoices, proposed_matching
from inquiries.choices import FactPrecision, Stage
from inquiries.imports.sheets import make_sheet
from inquiries.imports.spreadsheet import read_workbook
from inquiries.imports.workbook import read_sheets
from inquiries.models import (
    Assessment,
    Committee,
    Entry,
    Inquiry,
    Notification,
    Person,
    ProgressReport,
    ProgressUpdate,
    Recommendation,
    Response,
)
from inquiries.permissions import Refused
from tests.at_once import at_once
from tests.cast import NOW
from tests.imports import made_tracker

MEANINGS = {
    "decision": {
        "agreed": "accepted",
        "rejected": "not_accepted",
        "accepted in part": "in_part",
        "accepted in principle": "in_principle",
    },
    "rating": {"fully done": "1", "green": "2", "amber": "3", "red": "4"},
    "status": {"overtaken by events": "ended-superseded"},
}


def upload(clerk, sheets):
    return tracker_import.keep_tracker(sheets, file_name="tracker.xlsx", checksum="0" * 64, by=clerk, now=NOW)


def decide(kept, clerk, meanings, *, rounds=Stage.SIGNED_OFF, signer=None, **matching):
    """Take the columns as they are proposed, and every person and committee as new."""
    by = {"by": clerk, "now": NOW}
    found = proposed_matching(kept)[0]
    for name, value in matching.items():
        setattr(found, name, value)
    kept = tracker_import.match_columns(kept, found, **by)
    choices = TrackerChoices.of(kept)
    values = tracker_import.count_values(tracker_import.sheet_of(kept, choices), choices.heading_row, choices.matching)
    everything = {
        kind: {key: meanings.get(kind, {}).get(key, "add") for key, _, _ in found} for kind, found in values.items()
    }
    return tracker_import.give_meanings(kept, everything, rounds=rounds, signer=signer, **by)


def set_column(kept, heading_place, name):
    found = proposed_matching(kept)[0]
    found.columns[heading_place] = (name, None)
    return found.columns


def test_five_hundred_rows(client, clerk, committee, officer, other_officer):
    sheets = read_workbook(io.BytesIO(made_tracker.workbook()))
    kept = upload(clerk, sheets)
    kept = decide(kept, clerk, MEANINGS, columns=set_column(kept, 18, "status"))
    plan = tracker_import.record_tracker(kept, by=clerk, now=NOW)
    assert (plan.doubts, plan.counts) == (
        [],
        {
            "committees": (2, 0),
            "people": (7, 0),
            "inquiries": (30, 0),
            "recommendations": (500, 0),
            "responses": (500, 0),
            "rounds": (54, 0),
            "updates": (718, 0),
            "endings": (57, 0),
            "filled": (0, 0),
        },
    )
    assert exported() == [expected(fact) for fact in made_tracker.facts()]
    client.force_login(clerk)
    table = read_sheets(client.get("/tracker.xlsx").content)[0]
    assert table.rows[0][: len(EXPORTED)] == list(EXPORTED)
    assert sorted(table_row(row) for row in table.rows[1:]) == sorted(map(table_fact, made_tracker.facts()))
    assert not Notification.objects.exists()
    noted = Entry.objects.filter(verb="import_note").values_list("note", flat=True)
    assert list(noted) == ["See the file."] * sum(bool(fact.remarks) for fact in made_tracker.facts())
    kept.refresh_from_db()
    assert (kept.sheets, kept.choices, kept.rows, kept.rows_done) == ([], {}, 500, 500)
    before = Entry.objects.count()
    # Once more: nothing twice, and nothing in doubt.
    again = decide(upload(clerk, sheets), clerk, MEANINGS)
    plan = tracker_import.record_tracker(again, by=clerk, now=NOW)
    assert (plan.records_nothing, plan.doubts, plan.counts["rounds"]) == (True, [], (0, 54))
    assert Entry.objects.count() == before + 2
    assert ProgressUpdate.objects.count() == 718


EXPORTED = ("Inquiry", "Committee", "Number", "Recommendation", "Decision", "Response", "Lead officer", "Portfolio")
EXPORTED += ("Cabinet Member", "Original target date", "Target date")


def table_row(row):
    """A row of the tracker's Excel file, without the portfolio, which the file did not give."""
    return tuple(cell if cell is None else str(cell) for cell in (*row[:7], *row[8:11]))


def table_fact(fact):
    days = [day and day.isoformat() for day in (fact.original_target_date, fact.target_date)]
    label = {"Agreed": "Accepted", "Rejected": "Not accepted"}.get(fact.decision, fact.decision)
    answer = f"{fact.response}\n\nReason: {fact.reason}" if fact.reason else fact.response
    owner = fact.owner.partition(",")[0].partition(" (")[0]
    return (fact.inquiry, fact.committee, fact.reference, fact.text, label, answer, owner, fact.portfolio, *days)


def expected(fact):
    decisions = MEANINGS["decision"]
    ratings = MEANINGS["rating"]
    return (
        *(fact.committee, fact.inquiry, fact.reference, fact.text),
        *(decisions[fact.decision.casefold()], fact.response, fact.reason, fact.responded_on),
        *(fact.owner.partition(",")[0].partition(" (")[0], fact.portfolio, fact.original_target_date, fact.target_date),
        [(months, text, day, int(ratings[rating.casefold()])) for months, text, day, rating in fact.rounds],
        ("superseded", fact.closed_on) if fact.closed_on else ("", None),
    )


def exported():
    rounds = {}
    updates = ProgressUpdate.objects.select_related("report", "assessment").order_by("report__months_on")
    for update in updates:
        assert update.submitted_precision == FactPrecision.DAY
        facts = (update.report.months_on, update.text, update.submitted_at.date(), update.assessment.rating)
        rounds.setdefault(update.response_id, []).append(facts)
    found = Recommendation.objects.select_related(
        "inquiry__committee", "response__lead_officer", "response__cabinet_member"
    )
    rows = [
        (
            *(one.inquiry.committee.name, one.inquiry.title, one.reference, one.text),
            *(one.response.decision, one.response.text, one.response.reason, one.response.responded_on),
            *(one.response.lead_officer.name, one.response.cabinet_member.name),
            *(one.response.original_target_date, one.response.target_date),
            rounds.get(one.response_id, []),
            (one.ended_as, one.ended_on),
        )
        for one in found.order_by("reference_key")
    ]
    return sorted(rows, key=lambda row: int(row[1].split(":")[0].removeprefix("Review ")))


HEADINGS = ("Inquiry", "Committee", "No", "Recommendation", "Decision", "Response", "Reason", "Lead officer")
MORE = ("Portfolio holder", "Target date", "6 month update", "Date of 6 month update", "6 month RAG", "Status")
ROW = (
    "Roads",
    "Communities Select Committee",
    "1",
    "That roads are mended.",
    "Accepted",
    "They will be.",
    "",
    "Tom Okafor",
)
REST = ("Ruth Adeyemi", "31 March 2024", "Half are.", "10.10.23", "On track", "")


def table(*rows, headings=(*HEADINGS, *MORE)):
    cells = {
        (number, place): value
        for number, row in enumerate((headings, *rows), start=1)
        for place, value in enumerate(row, start=1)
        if value not in ("", None)
    }
    return [make_sheet("CSV", cells)]


def row(**changes):
    """The usual row with some cells changed, by their heading."""
    values = dict(zip((*HEADINGS, *MORE), (*ROW, *REST), strict=True))
    assert set(changes) <= {name.replace(" ", "_") for name in values}
    return [changes.get(name.replace(" ", "_"), value) for name, value in values.items()]


@pytest.fixture
def people(clerk, committee, cabinet_member, other_officer):
    """Who is meant, by kind and value."""
    return {
        "committee": {"communities select committee": str(committee.pk), "": str(committee.pk)},
        "officer": {"tom okafor": str(other_officer.pk)},
        "member": {"ruth adeyemi": str(cabinet_member.pk)},
        "decision": {"accepted": "accepted", "rejected": "not_accepted", "in part": "in_part"},
        "rating": {"on track": "2", "done": "1"},
        "status": {"gone": "ended-superseded", "done": "ended-implemented", "late": "view-off_track"},
    }


@pytest.fixture
def record(clerk, people):
    """A function that records a tracker of these rows; returns its plan."""

    def record(*rows, **options):
        kept = decide(upload(clerk, table(*rows)), clerk, people, **options)
        return tracker_import.record_tracker(kept, by=clerk, now=NOW)

    return record


def said(plan):
    return [(doubt.row, doubt.kind, doubt.message) for doubt in plan.doubts]


def test_a_past_round_is_signed_off_and_not_published(record, cabinet_member, other_officer):
    assert said(record(row())) == []
    response = Response.objects.get()
    assert (response.lead_officer, response.cabinet_member) == (other_officer, cabinet_member)
    report = ProgressReport.objects.get()
    assert (report.months_on, report.stage, report.is_public) == (6, Stage.SIGNED_OFF, False)
    assert (report.update_date, report.signed_off_precision) == (date(2023, 10, 10), FactPrecision.UNKNOWN)
    assert report.sign_offs.get().evidence_note.startswith("Stated by Carys Whitlock; named, but not as having signed")
    assert Assessment.objects.get().rating == 2
    assert not Inquiry.objects.get().is_public


def test_a_round_is_published_where_the_clerk_says_so(record):
    record(row(**{"6_month_RAG": "Done"}), rounds=Stage.PUBLISHED)
    report = ProgressReport.objects.get()
    assert (report.stage, report.is_public, report.published_precision) == (Stage.ASSESSED, True, FactPrecision.UNKNOWN)
    recommendation = Recommendation.objects.get()
    assert (recommendation.ended_as, recommendation.ended_precision) == ("implemented", FactPrecision.UNKNOWN)
    assert not Notification.objects.exists()


def test_a_round_without_a_cabinet_member_waits_for_sign_off(record, cabinet_member):
    plan = record(row(Portfolio_holder=""))
    assert said(plan) == [
        (2, "note", "The 6-month update of “Roads” waits for sign-off: no Cabinet Member is named who signed it.")
    ]
    assert ProgressReport.objects.get().stage == Stage.AWAITING_SIGN_OFF


def test_the_clerk_names_who_signed(record, cabinet_member):
    record(row(Portfolio_holder=""), signer=cabinet_member)
    assert ProgressReport.objects.get().sign_offs.get().person == cabinet_member
    assert Response.objects.get().cabinet_member is None


def test_what_is_recorded_stays(record, clerk, other_officer):
    record(row(Lead_officer="", Target_date=""))
    plan = record(
        row(
            Recommendation="That roads are built.", Decision="Rejected", Reason="No.", **{"6_month_update": "All are."}
        ),
        row(No="2", Recommendation="That paths are mended.", **{"6_month_update": "None."}),
    )
    assert said(plan) == [
        (2, "part", "1 was not accepted, so that it has no progress: its updates are left out."),
        (3, "part", "The report 6 months on is recorded already, without 2: its update is left out."),
        *(
            (2, "note", f"The {what} of 1 differs: recorded “{old}”, in the file “{new}”. What is recorded stays.")
            for what, old, new in (
                ("wording", "That roads are mended.", "That roads are built."),
                ("decision", "Accepted", "Not accepted"),
                ("response", "They will be.", "They will be. Reason: No."),
            )
        ),
    ]
    assert (plan.counts["recommendations"], plan.counts["filled"]) == ((1, 1), (1, 0))
    first = Recommendation.objects.get(reference="1")
    assert (first.text, first.response.decision) == ("That roads are mended.", "accepted")
    assert (first.response.lead_officer, first.response.target_date) == (other_officer, date(2024, 3, 31))
    assert ProgressUpdate.objects.get().text == "Half are."


def test_an_update_that_differs_is_listed(record):
    record(row())
    assert said(record(row(**{"6_month_update": "All are."}))) == [
        (
            2,
            "note",
            "The update 6 months on about 1 differs: recorded “Half are.”, in the file “All are.”. "
            "What is recorded stays.",
        )
    ]


def test_spellings_of_a_new_committee_are_one(clerk, people, record):
    people["committee"]["homes panel"] = "add"
    record(
        row(Committee="Homes Panel"),
        row(Committee="homes  panel", Inquiry="Damp"),
        row(Committee="Homes Panel", No="2"),
    )
    assert Committee.objects.get(name__iexact="homes panel").inquiries.count() == 2


def test_statuses(record):
    plan = record(
        row(Status="Gone"),
        row(No="2", Recommendation="Two.", Status="Late"),
        row(No="3", Recommendation="Three.", Status="Late", **{"6_month_update": "", "6_month_RAG": ""}),
        row(No="4", Recommendation="Four.", Status="Done", **{"6_month_update": "", "6_month_RAG": ""}),
    )
    assert said(plan) == [
        (
            4,
            "part",
            "Nothing says how many months after the response the update was given, and it cannot be worked out from "
            "the dates: the update is left out. You can say it where you say what the values mean.",
        ),
    ]
    assert [(one.reference, one.ended_as, one.ended_on) for one in Recommendation.objects.exclude(ended_as="")] == [
        ("1", "superseded", date(2023, 10, 10)),
        ("4", "implemented", NOW.date()),
    ]
    assert Recommendation.objects.get(reference="4").ended_precision == FactPrecision.UNKNOWN
    assert Recommendation.objects.get(reference="1").ended_reason == "As stated in tracker.xlsx: Gone"
    views = dict(ProgressUpdate.objects.values_list("response__recommendations__reference", "officer_view"))
    assert views == {"1": "", "2": "off_track"}


def test_people_who_cannot_be_named(record, people, committee, member, other_officer):
    people["officer"]["anwen pritchard"] = str(member.pk)
    Person.objects.filter(pk=other_officer.pk).update(is_active=False)
    plan = record(row(), row(No="2", Recommendation="Two.", Lead_officer="Anwen Pritchard"))
    assert said(plan) == [
        (0, "part", "Tom Okafor has left and cannot be given responses: they stay without that name."),
        (
            3,
            "part",
            "Councillor Anwen Pritchard sits on the Communities Select Committee, which judges this work: left out "
            "here.",
        ),
    ]
    assert set(Response.objects.values_list("lead_officer", flat=True)) == {None}


def test_target_dates_that_moved(record, clerk, people):
    headings = (*HEADINGS, *MORE[:2], "Original target date")
    sheets = table((*ROW, "Ruth Adeyemi", "31 March 2024", "31.12.23"), headings=headings)
    tracker_import.record_tracker(decide(upload(clerk, sheets), clerk, people), by=clerk, now=NOW)
    response = Response.objects.get()
    assert (response.original_target_date, response.target_date) == (date(2023, 12, 31), date(2024, 3, 31))
    assert response.target_date_changes.get().reason == "As in tracker.xlsx, which was imported and does not say why."


def test_a_failure_in_the_middle_leaves_nothing(clerk, people, monkeypatch):
    kept = decide(upload(clerk, table(row(), row(No="2", Recommendation="Two."))), clerk, people)
    kept = tracker_import.start_recording(kept, by=clerk, now=NOW)
    recorded = tracker_import.record_response

    def fail_at_two(inquiry, *, recommendations, **values):
        if recommendations[0].reference == "2":
            raise Refused("It cannot be.")
        return recorded(inquiry, recommendations=recommendations, **values)

    monkeypatch.setattr(tracker_import, "record_response", fail_at_two)
    tracker_import.run_recording(kept.pk, now=NOW)
    kept.refresh_from_db()
    assert (kept.failure, kept.started_at, kept.confirmed_at) == ("Row 3: It cannot be.", None, None)
    assert not Inquiry.objects.exists()
    monkeypatch.undo()
    kept = tracker_import.start_recording(kept, by=clerk, now=NOW)
    for _ in range(2):
        tracker_import.run_recording(kept.pk, now=NOW)
    kept.refresh_from_db()
    assert (kept.failure, kept.rows_done, Inquiry.objects.count()) == ("", 2, 1)


def test_a_job_that_runs_twice_at_once_leaves_what_was_recorded(clerk, people, monkeypatch):
    kept = tracker_import.start_recording(decide(upload(clerk, table(row())), clerk, people), by=clerk, now=NOW)
    record = tracker_import.record_tracker

    def come_second(kept, **given):
        record(kept, **given)
        raise Refused(tracker_import.RECORDED_ALREADY)

    monkeypatch.setattr(tracker_import, "record_tracker", come_second)
    tracker_import.run_recording(kept.pk, now=NOW)
    kept.refresh_from_db()
    assert (kept.failure, kept.started_by, kept.confirmed_by) == ("", clerk, clerk)


def test_a_tracker_is_recorded_once(clerk, people, officer):
    kept = decide(upload(clerk, table(row())), clerk, people)
    with pytest.raises(Refused):
        tracker_import.record_tracker(kept, by=officer, now=NOW)
    tracker_import.record_tracker(kept, by=clerk, now=NOW)
    with pytest.raises(Refused, match="recorded already"):
        tracker_import.record_tracker(kept, by=clerk, now=NOW)
    with pytest.raises(Refused, match="recorded already"):
        tracker_import.forget_tracker(kept, by=clerk, now=NOW)
    again = decide(upload(clerk, table(row())), clerk, people)
    with pytest.raises(Refused, match="There is nothing to record"):
        tracker_import.start_recording(again, by=clerk, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_a_job_that_really_runs_twice_records_once(clerk, people):
    kept = tracker_import.start_recording(decide(upload(clerk, table(row())), clerk, people), by=clerk, now=NOW)
    assert at_once(*(lambda: tracker_import.run_recording(kept.pk, now=NOW) for _ in range(2))) == [None, None]
    kept.refresh_from_db()
    assert (kept.failure, kept.confirmed_by) == ("", clerk)
    assert (Inquiry.objects.count(), Recommendation.objects.count(), Response.objects.count()) == (1, 1, 1)
    assert Entry.objects.filter(verb="import_tracker").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clerks_who_decide_at_once(clerk, people):
    """Both have seen the same page: the second is told, and sees what the first has decided."""
    kept = decide(upload(clerk, table(row())), clerk, people)
    choices = TrackerChoices.of(kept)
    seen = tracker_import.mark_of(kept)
    results = at_once(
        *(
            partial(tracker_import.give_meanings, kept, choices.meanings, rounds=rounds, seen=seen, by=clerk, now=NOW)
            for rounds in (Stage.PUBLISHED, Stage.COMMISSIONED)
        )
    )
    assert sorted(type(result).__name__ for result in results) == ["Refused", "TrackerImport"]


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once(clerk, people):
    """Both record the same file, whose committee is new: the second adds nothing."""
    people["committee"]["communities select committee"] = "add"
    Committee.objects.all().delete()
    kept = [decide(upload(clerk, table(row())), clerk, people) for _ in range(2)]
    plans = at_once(*(partial(tracker_import.record_tracker, one, by=clerk, now=NOW) for one in kept))
    assert sorted(plan.counts["inquiries"] for plan in plans) == [(0, 1), (1, 0)]
    assert (Committee.objects.count(), Inquiry.objects.count(), Recommendation.objects.count()) == (1, 1, 1)
