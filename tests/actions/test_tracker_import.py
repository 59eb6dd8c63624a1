"""A council's own tracker becomes records: as a whole, with its own dates, and nothing twice."""

import io

from inquiries.actions import tracker_import
from inquiries.actions.tracker_import import TrackerChoices, proposed_matching
from inquiries.choices import FactPrecision, Stage
from inquiries.imports.spreadsheet import read_workbook
from inquiries.models import (
    ProgressUpdate,
    Recommendation,
)
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


def upload(clerk, sheets, name="tracker.xlsx"):
    return tracker_import.keep_tracker(sheets, file_name=name, checksum="0" * 64, by=clerk, now=NOW)


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


def test_five_hundred_rows(clerk, committee, officer, other_officer):
    sheets = read_workbook(io.BytesIO(made_tracker.workbook()))
    kept = upload(clerk, sheets)
    columns = set_column(kept, 18, "status")
    kept = decide(kept, clerk, MEANINGS, columns=columns)
    plan = tracker_import.record_tracker(kept, by=clerk, now=NOW)
    facts = made_tracker.facts()
    assert {doubt.kind for doubt in plan.doubts} == set(), plan.doubts[:5]
    assert plan.counts["inquiries"] == (30, 0)
    assert exported() == [expected(fact) for fact in facts]


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
