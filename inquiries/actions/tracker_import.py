"""A council's own tracker: uploaded, its columns and values matched, then recorded, all of it or nothing."""

from collections import defaultdict
from dataclasses import asdict, dataclass, field, replace

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.text import slugify

from inquiries.actions import history
from inquiries.actions.endings import end_recommendation
from inquiries.actions.imports import ReportImporter, rows_counted
from inquiries.actions.inquiries import (
    add_inquiry,
    add_recommendation,
    change_inquiry,
    lock_inquiry,
)
from inquiries.actions.people import add_person, lock_people
from inquiries.actions.records import delete_files_on_rollback, save_record
from inquiries.actions.responses import change_target_date, correct_response, record_response
from inquiries.actions.tracker_plan import NewPerson, counted, people_of, plan_tracker
from inquiries.choices import FactPrecision
from inquiries.documents.typst_runner import PdfFailed
from inquiries.imports.draft import DraftDate, DraftRecommendation, DraftReport, DraftRow
from inquiries.imports.sheets import Sheet
from inquiries.imports.tracker_columns import (
    KINDS,
    REMEMBERED,
    Additions,
    Matching,
    count_values,
    find_heading_row,
    headings_of,
    key_of_headings,
    propose_matching,
)
from inquiries.models import ColumnMatching, Committee, Person, Recommendation, TrackerImport
from inquiries.models.fields import checksum_of_data
from inquiries.notifications import defer_jobs
from inquiries.permissions import Refused, check_can
from inquiries.text import fold_name

RECORD_TRACKER = "record_tracker"  # the job (inquiries/jobs.py)
RECORDED_ALREADY = "This tracker has been recorded already. Nothing was changed."
CHANGED = (
    "What was decided about this file was changed since you opened this page, perhaps by another clerk. What you "
    "entered is below: check it, then save it once more."
)
FAILURE = "Something went wrong. Try again; if it happens again, contact the people who run this system."


@dataclass
class TrackerChoices:
    """What a clerk decides about a tracker, step by step. `sheet` counts from 0; `matching` is None until it is done.

    `meanings` is {kind of tracker_columns.KINDS: {key of a value: meaning}}: a value of MEANINGS, LEAVE, ADD, or the
    key of a committee or person. `rounds` is one of tracker_plan.ROUNDS, `signer` the key of who signed where no row
    says it, `additions` what else the file does not say.
    """

    sheet: int | None = None
    heading_row: int = 0
    matching: Matching | None = None
    meanings: dict[str, dict[str, str]] = field(default_factory=dict)
    rounds: str = ""
    signer: int | None = None
    additions: Additions = field(default_factory=Additions)

    @classmethod
    def of(cls, kept):
        data = kept.choices
        matching = data.get("matching") and Matching.from_json(data["matching"])
        return cls(**data | {"matching": matching, "additions": Additions(**data.get("additions", {}))})


def sheets_of(kept):
    return [Sheet.from_json(sheet) for sheet in kept.sheets]


def sheet_of(kept, choices):
    return Sheet.from_json(kept.sheets[choices.sheet])


@transaction.atomic
def keep_tracker(sheets, *, file_name, checksum, by, now):
    """Keep the sheets of an uploaded file. Where only one has headings that are known, it is chosen."""
    check_can("administer", by, None, timezone.localdate(now))
    choices = TrackerChoices()
    found = {place: find_heading_row(sheet) for place, sheet in enumerate(sheets) if not sheet.hidden}
    fit = {place: heading_row for place, heading_row in found.items() if heading_row}
    if len(fit) == 1:
        [(place, heading_row)] = fit.items()
        choices = TrackerChoices(sheet=place, heading_row=heading_row)
    kept = TrackerImport.objects.create(
        file_name=file_name[:255],
        checksum=checksum,
        sheets=[sheet.to_json() for sheet in sheets],
        choices=asdict(choices),
        uploaded_at=now,
        uploaded_by=by,
    )
    changes = history.first_values(kept, "file_name", "checksum")
    history.write("keep_tracker", kept, f"uploaded the tracker {kept.file_name}", by=by, now=now, changes=changes)
    return kept


# Another one as soon as anybody decides something: who saves says what they have seen.
def mark_of(kept):
    return checksum_of_data(kept.choices)[:16]


def lock_tracker(kept, by, now, *, seen=None):
    """`seen` is the mark_of the tracker on the page that decides about it; None for who saw none."""
    check_can("administer", by, kept, timezone.localdate(now))
    locked = TrackerImport.objects.select_for_update(of=("self",)).filter(pk=kept.pk).first()
    if locked is None:
        raise Refused("This tracker has been thrown away. Nothing was changed.")
    if locked.confirmed_at is not None:
        raise Refused(RECORDED_ALREADY)
    if locked.started_at is not None:
        raise Refused("This tracker is being recorded. Wait until it is done.")
    if seen is not None and seen != mark_of(locked):
        raise Refused(CHANGED)
    return locked


@transaction.atomic
def choose_sheet(kept, *, sheet, heading_row, seen=None, by, now):
    """Choose the sheet and the row of its headings: what was decided about another one is forgotten."""
    locked = lock_tracker(kept, by, now, seen=seen)
    before = TrackerChoices.of(locked)
    if (before.sheet, before.heading_row) != (sheet, heading_row):
        store_choices(locked, TrackerChoices(sheet=sheet, heading_row=heading_row))
    return locked


@transaction.atomic
def match_columns(kept, matching, *, seen=None, by, now):
    """Say what each column holds, and remember it for the next file with these headings."""
    locked = lock_tracker(kept, by, now, seen=seen)
    store_choices(locked, replace(TrackerChoices.of(locked), matching=matching))
    remember(locked, by=by, now=now, matching=matching.to_json())
    return locked


@transaction.atomic
def give_meanings(kept, meanings, *, rounds, signer=None, additions=None, seen=None, by, now):
    """Say what each value means; what names no person and no committee is remembered."""
    locked = lock_tracker(kept, by, now, seen=seen)
    choices = replace(
        TrackerChoices.of(locked),
        meanings=meanings,
        rounds=rounds,
        signer=signer and signer.pk,
        additions=additions or Additions(),
    )
    store_choices(locked, choices)
    known = remembered(locked)
    earlier = known.meanings if known else {}
    kept_meanings = {kind: earlier.get(kind, {}) | meanings.get(kind, {}) for kind in REMEMBERED}
    remember(locked, by=by, now=now, matching=choices.matching.to_json(), meanings=kept_meanings)
    return locked


def store_choices(kept, choices):
    kept.choices, kept.failure = asdict(choices), ""
    kept.save(update_fields=["choices", "failure"])


def headings_key(kept):
    choices = TrackerChoices.of(kept)
    return key_of_headings(headings_of(sheet_of(kept, choices), choices.heading_row))


def remembered(kept):
    return ColumnMatching.objects.filter(headings=headings_key(kept)).first()


def remember(kept, *, by, now, **values):
    values |= {"saved_at": now, "saved_by": by}
    ColumnMatching.objects.update_or_create(headings=headings_key(kept), defaults=values)


def proposed_matching(kept):
    """The Matching as it was chosen, or for the same headings the last time, or as it is read; and which of these."""
    choices = TrackerChoices.of(kept)
    if choices.matching:
        return choices.matching, "chosen"
    if known := remembered(kept):
        return Matching.from_json(known.matching), "remembered"
    return propose_matching(sheet_of(kept, choices), choices.heading_row), "read"


def unsettled_values(sheet, choices):
    """The kinds of which a value has no meaning yet."""
    values = count_values(sheet, choices.heading_row, choices.matching)
    return [kind for kind in KINDS if any(key not in choices.meanings.get(kind, {}) for key, _, _ in values[kind])]


@transaction.atomic
def forget_tracker(kept, *, by, now):
    check_can("administer", by, kept, timezone.localdate(now))
    if TrackerImport.objects.filter(pk=kept.pk).exists():
        lock_tracker(kept, by, now).delete()


# Recording


@transaction.atomic
def start_recording(kept, *, by, now):
    """Have the worker record the tracker; its page shows how many rows are done. Raises Refused."""
    locked = lock_tracker(kept, by, now)
    plan = plan_of(locked, timezone.localdate(now))
    if plan.records_nothing:
        raise Refused("There is nothing to record: everything is recorded already, or left out.")
    locked.started_at, locked.started_by = now, by
    locked.rows, locked.rows_done, locked.failure = len(plan.rows), 0, ""
    locked.save()
    history.write("start_import", locked, f"started the import of the tracker {locked.file_name}", by=by, now=now)
    defer_jobs(RECORD_TRACKER, [{"tracker_import": locked.pk}])
    return locked


def plan_of(kept, today):
    choices = TrackerChoices.of(kept)
    return plan_tracker(sheet_of(kept, choices), choices, today=today)


def run_recording(pk, *, now):
    """What the worker does with a tracker that was started; done a second time, nothing. A failure is left in it."""
    kept = TrackerImport.objects.select_related("started_by").get(pk=pk)
    if kept.started_at is None or kept.confirmed_at is not None:
        return
    failure = FAILURE
    try:
        with rows_counted(pk, TrackerImport) as count:
            record_tracker(kept, by=kept.started_by, now=now, on_row=count)
        failure = ""
    except ValidationError as error:
        failure = " ".join(error.messages)
    except (Refused, PdfFailed) as error:
        failure = str(error)
    finally:
        if failure:
            # A job may run twice: what another worker has recorded meanwhile stays so.
            unrecorded = TrackerImport.objects.filter(pk=pk, confirmed_at=None)
            unrecorded.update(started_at=None, started_by=None, failure=failure)


@delete_files_on_rollback()
@transaction.atomic
def record_tracker(kept, *, by, now, on_row=None):
    """Record what the tracker holds and is not recorded yet, once. Raises Refused or ValidationError, then nothing is.

    With `on_row`, which is called with the number of rows that are recorded, it must have been started.
    """
    check_can("administer", by, kept, timezone.localdate(now))
    # One tracker at a time: a second one finds what the first has recorded. Its row is counted from outside, so that
    # is not locked.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [RECORD_TRACKER])
    kept = TrackerImport.objects.get(pk=kept.pk) if on_row else lock_tracker(kept, by, now)
    if kept.confirmed_at is not None:
        raise Refused(RECORDED_ALREADY)
    # What else changes their inquiries waits.
    list(Committee.objects.select_for_update(no_key=True).order_by("pk"))
    plan = plan_of(kept, timezone.localdate(now))
    kept.counts = {what: list(numbers) for what, numbers in plan.counts.items()}
    TrackerRecorder(plan, kept.file_name, by, now, on_row).run()
    # What is recorded now is in the records; nobody needs the file any more.
    kept.sheets, kept.choices, kept.rows_done, kept.rows = [], {}, len(plan.rows), len(plan.rows)
    kept.confirmed_at, kept.confirmed_by = now, by
    kept.save()
    changes = history.first_values(kept, "file_name", "checksum")
    said = [counted(what, new) for what, (new, _) in plan.counts.items() if new]
    sentence = f"recorded from the tracker {kept.file_name}: {', '.join(said) or 'nothing new'}"
    history.write("import_tracker", kept, sentence, by=by, now=now, changes=changes)
    return plan


class TrackerRecorder:
    def __init__(self, plan, file_name, by, now, on_row):
        self.plan, self.file_name, self.on_row = plan, file_name, on_row
        self.by = {"by": by, "now": now}
        self.today = timezone.localdate(now)
        self.rows_done = 0

    def run(self):
        people = {person for planned in self.plan.inquiries for person in people_of(planned)}
        lock_people(person for person in people if isinstance(person, Person))
        self.people = {
            person: add_person(name=person.name, job_title=person.job_title, **self.by)
            for person in self.plan.new_people
        }
        committees = {name: self.add_committee(name) for name in self.plan.new_committees}
        for planned in self.plan.inquiries:
            self.record_inquiry(planned, planned.committee or committees[planned.committee_name])

    def add_committee(self, name):
        slug, number = slugify(name)[:90] or "committee", 1
        while Committee.objects.filter(slug=slug).exists():
            number += 1
            slug = f"{slugify(name)[:90] or 'committee'}-{number}"
        return save_record(Committee(name=name, slug=slug), **self.by)

    def person(self, planned):
        return self.people[planned] if isinstance(planned, NewPerson) else planned

    def record_inquiry(self, planned, committee):
        inquiry, completed = planned.inquiry, planned.completed_on
        dated = {"completed_on": completed.day, "completed_precision": completed.precision} if completed else {}
        if inquiry is None:
            inquiry = add_inquiry(committee=committee, title=planned.title, **dated, **self.by)
        elif planned.fills_completion:
            inquiry = change_inquiry(inquiry, **dated, **self.by)
        else:
            lock_inquiry(inquiry)
        for row in planned.rows:
            try:
                self.record_row(inquiry, row)
            except (ValidationError, Refused) as error:
                sentences = error.messages if isinstance(error, ValidationError) else [str(error)]
                raise Refused(f"Row {row.row.row}: {' '.join(sentences)}") from error
            self.rows_done += 1
            if self.on_row:
                self.on_row(self.rows_done)
        for one in planned.rounds:
            self.record_round(inquiry, one)
        for row in planned.rows:
            self.record_endings(row)

    def record_row(self, inquiry, planned):
        row = planned.row
        for place, one in enumerate(row.recommendations):
            if planned.recorded[place] is not None:
                continue
            given = {"reference": one.reference, "text": one.text, "reference_given": one.given}
            added = planned.recorded[place] = add_recommendation(inquiry, **given, **self.by)
            if row.notes:
                sentence = f"imported a note on recommendation {one.reference} from {self.file_name}"
                history.write("import_note", added, sentence, note=row.notes, inquiry=inquiry, **self.by)
        if planned.is_new_response:
            self.record_response(inquiry, planned)
        elif planned.missing:
            self.complete_response(planned)

    def record_response(self, inquiry, planned):
        row = planned.row
        planned.response = record_response(
            inquiry,
            recommendations=planned.recorded,
            decision=row.decision,
            text=row.response,
            reason=row.reason,
            responded_on=row.responded_on,
            lead_officer=self.person(planned.lead_officer),
            cabinet_member=self.person(planned.cabinet_member),
            target_date=row.original_target_date or row.target_date,
            **self.by,
        )
        self.move_target_date(planned)
        # Asked for in each sentence of the history.
        prefetch_related_objects([planned.response], "recommendations")

    def move_target_date(self, planned):
        first, last = planned.row.original_target_date, planned.row.target_date
        if first and last and first != last:
            reason = f"As in {self.file_name}, which was imported and does not say why."
            planned.response = change_target_date(planned.response, target_date=last, reason=reason, **self.by)

    def complete_response(self, planned):
        missing = dict(planned.missing)
        target_date = missing.pop("target_date", None)
        values = {
            name: self.person(value) if name in ("lead_officer", "cabinet_member") else value
            for name, value in missing.items()
        }
        if values:
            note = f"As in {self.file_name}, which was imported."
            planned.response = correct_response(planned.response, note=note, **values, **self.by)
        if target_date:
            planned.response = change_target_date(planned.response, target_date=target_date, reason="", **self.by)
            self.move_target_date(planned)

    def record_round(self, inquiry, planned):
        signers = [self.person(one) for one in planned.signers]
        draft = DraftReport(
            inquiry=inquiry.title,
            months_on=planned.months,
            update_date=planned.update_date.day if planned.update_date else None,
            update_precision=planned.update_date.precision if planned.update_date else "day",
            assessed_on=planned.assessed_on,
            cabinet_members=[one.name for one in signers],
        )
        told = []
        for row, one in planned.rows:
            response = row.response
            draft.rows.append(
                DraftRow(
                    [DraftRecommendation(known.reference, known.text) for known in row.recorded],
                    decision=response.decision,
                    update=one.update,
                    officer_view=one.view,
                    rating=one.rating,
                    comment=one.comment,
                )
            )
            told.append((response, one.update_date))
        importer = RoundImporter(
            draft,
            committee=inquiry.committee,
            title=inquiry.title,
            file_name=self.file_name,
            stage=planned.stage,
            published=planned.published,
            announce=False,
            **self.by,
        )
        importer.run_for(inquiry, signers, told)

    def record_endings(self, planned):
        row, places = planned.row, planned.endings
        if not places:
            return
        dates = [one.update_date for one in row.rounds if one.update_date]
        ended_on = row.ended_on or (max(dates, key=lambda one: one.day) if dates else None)
        for place in places:
            # As it is now: it may have ended with the rating of a round.
            recommendation = Recommendation.objects.get(pk=planned.recorded[place].pk)
            if recommendation.ended_as:
                continue
            end_recommendation(
                recommendation,
                ending=row.ended,
                reason=f"As stated in {self.file_name}: {row.ended_words}",
                on=ended_on.day if ended_on else self.today,
                precision=FactPrecision(row.ended_on.precision) if row.ended_on else FactPrecision.UNKNOWN,
                **self.by,
            )


class RoundImporter(ReportImporter):
    """A round of a tracker: its inquiry and responses are recorded, and each update has a date of its own."""

    def run_for(self, inquiry, signers, told):
        """`told` are the Response and the DraftDate, or None, of each row of the draft."""
        self.inquiry = inquiry
        self.people = defaultdict(list, {fold_name(one.name): [one] for one in signers})
        self.told = {id(row): one for row, one in zip(self.draft.rows, told, strict=True)}
        self.row_date: DraftDate | None = None
        return self.record()

    def import_row(self, row):
        self.row_date = self.told[id(row)][1]
        super().import_row(row)
        self.row_date = None

    def find_or_add_recommendations(self, drafts):
        return []

    def find_or_add_response(self, row, recommendations):
        return self.told[id(row)][0]

    @property
    def updated(self):
        return self.row_date or super().updated
