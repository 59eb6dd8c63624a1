"""A Word progress report becomes records, all of it or nothing; before that, what is new, differs or is in the way."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import slugify

from inquiries import rules
from inquiries.actions import history
from inquiries.actions.assessments import record_confirmation
from inquiries.actions.endings import end_recommendation
from inquiries.actions.inquiries import (
    add_recommendation,
    free_slug,
    lock_inquiry,
    reword_recommendation,
)
from inquiries.actions.people import lock_people
from inquiries.actions.progress import lock_report, name_contributors, replace_evidence
from inquiries.actions.publication import publish
from inquiries.actions.records import save_valid
from inquiries.actions.responses import change_target_date, correct_response, record_response
from inquiries.choices import Decision, Ending, FactPrecision, Stage
from inquiries.dates import find_date
from inquiries.documents.content import long_date
from inquiries.documents.typst_runner import PdfFailed
from inquiries.imports.draft import Doubt, DraftDate, DraftReport, recheck
from inquiries.imports.reader import REASON_LABEL, read_progress_report
from inquiries.imports.references import short
from inquiries.models import (
    Assessment,
    Committee,
    Inquiry,
    Person,
    ProgressReport,
    ProgressUpdate,
    Recommendation,
    ReportImport,
    Response,
    SignOff,
)
from inquiries.models.fields import KnownMoment
from inquiries.notifications import defer_jobs
from inquiries.permissions import Refused, check_can
from inquiries.text import fold_name, single_line

# The stages that an imported report may have. Further on, it is published like any other.
IMPORT_STAGES = (Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF, Stage.SIGNED_OFF)
ONE_FORM = str.maketrans("‘’“”‐‑–—", "''\"\"----")
CONFIRM_IMPORT = "confirm_import"  # the job that records a long report (inquiries/jobs.py)
ROWS_AT_ONCE = 40  # a longer report is recorded by the worker
CHOICES = "choices"  # the key beside the draft's own
NO_PROGRESS_RECORDED = (
    "It is recorded as not accepted, so it cannot have a progress update. Take the document's decision, or empty the "
    "update, with its contributors, view and evidence, the rating and the comment."
)
CONFIRMED_ALREADY = "This document has been imported already. Nothing was changed."
NO_PROGRESS = (
    "Only what has been accepted, at least in part, can have a progress update. Correct the decision, or empty the "
    "update, with its contributors, view and evidence, the rating and the comment."
)


RECORDED, DOCUMENT = "recorded", "document"


@dataclass(frozen=True)
class Difference:
    """What the document says otherwise than what is recorded. `choice` is RECORDED, DOCUMENT, or empty."""

    reference: str
    field: str  # text of a recommendation; decision, response, lead_officer or target_date of its response
    title: str
    recorded: str
    document: str
    choice: str = ""

    @property
    def key(self):
        # Another one as soon as either text changes: then it is asked again.
        return hashlib.sha256(
            "\0".join([self.reference, self.field, self.recorded, self.document]).encode()
        ).hexdigest()[:8]

    @property
    def name(self):
        return f"{self.title} of {self.reference}"

    @property
    def message(self):
        return (
            f"{self.name} differs. Recorded: “{short(self.recorded, 200)}”. In the document: "
            f"“{short(self.document, 200)}”. Choose one."
        )


@dataclass
class ImportCheck:
    """What is to be known before a draft is recorded: all that is doubtful of it, and whom and what it names.

    `doubts` begins with the draft's own; `inquiry` is the one it would be added to, or None.
    """

    doubts: list[Doubt]
    committee: Committee | None
    inquiry: Inquiry | None
    known_people: list[str]
    new_people: list[str]
    differences: list[Difference]

    @property
    def to_settle(self):
        return [doubt for doubt in self.doubts if doubt.must_settle]


def check_import(draft, committee, *, stage=None, published=False, differences=None, settled=()):
    """`differences` is {key of a Difference: RECORDED or DOCUMENT}, `settled` the keys of doubts that are confirmed."""
    inquiry = known_inquiry(committee, draft.inquiry)
    known, new, several = people_in(draft)
    differing = find_differences(draft, inquiry, differences or {}) if inquiry else []
    doubts = [
        *draft.doubts,
        *check_target(draft, committee, inquiry, stage_of_draft(draft) if stage is None else stage, published),
        *check_rows(draft, several),
        *(check_recorded(draft, inquiry, differing) if inquiry else ()),
    ]
    doubts = [doubt for doubt in doubts if not (doubt.can_confirm and doubt.key in settled)]
    return ImportCheck(doubts, committee, inquiry, known, new, differing)


def check_recorded(draft, inquiry, differing):
    for one in differing:
        if not one.choice:
            yield Doubt(one.message, field=f"difference_{one.key}", must_settle=True)
    taken = {rules.natural_key(one.reference) for one in differing if (one.field, one.choice) == ("decision", DOCUMENT)}
    answered = Recommendation.objects.filter(inquiry=inquiry, response__isnull=False).select_related("response")
    refused = {r.reference_key for r in answered if not r.response.is_accepted} - taken
    for number, row in enumerate(draft.rows):
        if has_progress(row) and not refused.isdisjoint(map(rules.natural_key, row.references)):
            yield Doubt(NO_PROGRESS_RECORDED, row=number, field="update", must_settle=True)
    yield from check_outcomes(draft, inquiry)
    completion = Inquiry(
        completed_on=draft.completed_on,
        completed_precision=draft.completed_precision,
        completed_body=draft.completed_body,
    ).completion
    if completion and plain_text(completion) != plain_text(inquiry.completion):
        recorded = inquiry.completion or "not recorded"
        message = f"The inquiry's completion is {recorded}; the document says {completion}. What is recorded stays."
        yield Doubt(message, field="completion")
    for report in inquiry.progress_reports.exclude(months_on=draft.months_on):
        if has_same_updates(draft, report):
            message = (
                f"The updates are word for word those of the report {report.months_on} months on. Is it another "
                "report? Correct the months, or confirm."
            )
            yield Doubt(message, field="months_on", must_settle=True, can_confirm=True)


def check_target(draft, committee, inquiry, stage, published):
    found = []
    if committee is None:
        if draft.committee:
            message = f"No committee called “{draft.committee}” is recorded. Choose one, or add it in the admin first."
        else:
            message = "Choose the committee."
        found.append((message, "committee"))
    if not draft.inquiry.strip():
        found.append(("Enter the title of the inquiry.", "inquiry"))
    if inquiry and inquiry.progress_reports.filter(months_on=draft.months_on).exists():
        message = f"“{inquiry}” already has a progress report for {draft.months_on} months on."
        found.append((message, "months_on"))
    if draft.rows and not any(row.decision is None or rules.is_accepted(row.decision) for row in draft.rows):
        message = "There is no accepted recommendation to import: only those have progress to report."
        found.append((message, "rows"))
    if stage not in IMPORT_STAGES:
        found.append(("An imported report is being collected, awaits sign-off, or has been signed off.", "stage"))
    if stage == Stage.SIGNED_OFF and not draft.cabinet_members:
        message = "A report that has been signed off needs the name of the Cabinet Member who did so."
        found.append((message, "cabinet_members"))
    if published and draft.update_date is None:
        found.append(("Give the date of this update: a report is published with it.", "update_date"))
    for name, dated in (("signed_on", draft.signed_on), ("published_on", draft.published_on)):
        if dated and draft.completed_on and dated.day < draft.completed_on:
            found.append(("This date is before the completion of the inquiry report.", name))
    if published and stage != Stage.SIGNED_OFF:
        found.append(("Only a report that has been signed off can be published.", "published"))
    return [Doubt(message, field=about, must_settle=True) for message, about in found]


def check_rows(draft, several):
    for number, row in enumerate(draft.rows):
        if row.decision and not rules.is_accepted(row.decision) and has_progress(row):
            yield Doubt(NO_PROGRESS, row=number, field="update", must_settle=True)
        for name, about in [(row.lead_officer, "lead_officer"), *((c.name, "contributors") for c in row.contributors)]:
            if name in several:
                yield Doubt(f"There are several people called {name}.", number, about, must_settle=True)
    for name in draft.cabinet_members:
        if name in several:
            yield Doubt(f"There are several people called {name}.", field="cabinet_members", must_settle=True)
    for end in draft.ends:
        if starting_with(Ending, end.outcome) is None and starting_with(Decision, end.outcome) is None:
            numbers = ", ".join(r.reference for r in end.recommendations)
            message = f"“{end.outcome}” is no known outcome, so {numbers} would stay without an answer."
            yield Doubt(message, field="ends", must_settle=True)


def read_import(data, *, filename):
    """The draft of a Word file. In a bracket at the end of an update, people who are recorded count as its authors."""
    draft = read_progress_report(data, filename=filename)
    recorded = people_by_name(person.name for row in draft.rows for person in row.possible_contributors)
    for row in draft.rows:
        possible = row.possible_contributors
        if possible and all(len(recorded[fold_name(person.name)]) == 1 for person in possible):
            row.take_contributors()
    recheck(draft)
    return draft


def people_by_name(names):
    found = defaultdict(list)
    for person in Person.objects.present().named(*names).order_by("pk"):
        found[fold_name(person.name)].append(person)
    return found


def names_in(draft):
    named = [name for row in draft.rows for name in (row.lead_officer, *(c.name for c in row.contributors))]
    return list(dict.fromkeys(single_line(name) for name in (*named, *draft.cabinet_members) if name.strip()))


def check_outcomes(draft, inquiry):
    recommendations = Recommendation.objects.filter(inquiry=inquiry).select_related("response")
    known = {r.reference_key: r for r in recommendations} if draft.ends else {}
    for end in draft.ends:
        stated = starting_with(Ending, end.outcome) or starting_with(Decision, end.outcome)
        for one in end.recommendations:
            recorded = known.get(rules.natural_key(one.reference))
            if recorded is None or not (recorded.ended_as or recorded.response):
                continue
            outcome = recorded.ending if recorded.ended_as else recorded.response.get_decision_display()
            if stated is None or stated.value not in (
                recorded.ended_as,
                recorded.response and recorded.response.decision,
            ):
                message = (
                    f"{recorded.reference} is recorded as “{outcome}”; the document says “{end.outcome}”. To take "
                    "that, change the record first; to keep what is recorded, confirm."
                )
                yield Doubt(message, field="ends", must_settle=True, can_confirm=True)


def people_in(draft):
    """Everybody whom the draft names as ([already recorded], [new], [names that several people bear]), by name."""
    names = {fold_name(name): name for name in sorted(names_in(draft), key=str.casefold)}
    recorded = people_by_name(names.values())
    return (
        [name for key, name in names.items() if len(recorded[key]) == 1],
        [name for key, name in names.items() if not recorded[key]],
        [name for key, name in names.items() if len(recorded[key]) > 1],
    )


def named_committee(draft):
    return Committee.objects.filter(name__iexact=draft.committee).first() if draft.committee else None


def known_inquiry(committee, title):
    if committee is None:
        return None
    return Inquiry.objects.filter(committee=committee).titled(title).first()


def find_differences(draft, inquiry, choices):
    """Where the draft disagrees with what `inquiry` already has; `choices` is {key: RECORDED or DOCUMENT}."""
    recommendations = Recommendation.objects.filter(inquiry=inquiry).select_related("response__lead_officer")
    known = {r.reference_key: r for r in recommendations}
    found = []
    for row in (*draft.rows, *draft.ends):
        for one in row.recommendations:
            recorded = known.get(rules.natural_key(one.reference))
            if recorded is None:
                continue
            values = [("text", "The wording", recorded.text, one.text)]
            if recorded.response and hasattr(row, "decision") and one is row.recommendations[0]:
                values += response_values(row, recorded.response)
            found += [
                Difference(recorded.reference, *value)
                for value in values
                if value[-1] and plain_text(value[-2]) != plain_text(value[-1])
            ]
    return [replace(one, choice=choices.get(one.key, choices.get("all", ""))) for one in found]


def response_values(row, response):
    """Field, title, what is recorded and what the row says, of each field of a response."""
    decisions = [Decision(value).label if value else "" for value in (response.decision, row.decision)]
    officer = response.lead_officer.name if response.lead_officer else ""
    dates = [long_date(day) if day else "" for day in (response.target_date, row.target_date)]
    answer = Response(text=row.response, reason=row.reason).answer
    return [
        ("decision", "The decision", *decisions),
        ("response", "The response", response.answer, answer),
        *(
            [("lead_officer", "The lead officer", officer, row.lead_officer)]
            if fold_name(officer) != fold_name(row.lead_officer)
            else []
        ),
        ("target_date", "The target date", *dates),
    ]


def plain_text(text):
    """A text as it is compared: whatever its blanks, case, quotation marks and dashes."""
    return " ".join(text.translate(ONE_FORM).split()).casefold().strip(" .")


def has_same_updates(draft, report):
    """Whether most updates of the draft are word for word those of this report."""
    recorded = {plain_text(text) for text in report.updates.values_list("text", flat=True)} - {""}
    own = [plain_text(row.update) for row in draft.rows if row.update.strip()]
    return bool(own) and sum(text in recorded for text in own) * 5 >= len(own) * 4


def has_progress(row):
    texts = (row.update, row.exempt_text, row.comment, row.officer_view, row.evidence, row.contributors)
    return row.rating is not None or row.forecast_date is not None or any(texts)


def starting_with(choices, text):
    """The value whose label is `text`, but for a date or what our own exports add; else None."""
    plain = re.sub(r"\s+", " ", text).strip(" .").lower()
    dated = find_date(plain)
    if dated:
        plain = dated.rest.strip(" ,;()")
    plain = re.sub(r" (?:on|in)$", "", plain.removesuffix("; not part of this report"))
    return next((choice for choice in choices if plain == choice.label.lower()), None)


def stage_of_draft(draft):
    return Stage.SIGNED_OFF if draft.signed_off and draft.cabinet_members else Stage.COMMISSIONED


@transaction.atomic
def keep_import(draft, *, file_name, checksum, by, now):
    check_can("administer", by, None, timezone.localdate(now))
    kept = ReportImport.objects.create(
        file_name=file_name[:255], checksum=checksum, draft=draft.to_json(), uploaded_at=now, uploaded_by=by
    )
    changes = history.first_values(kept, "file_name", "checksum")
    history.write("keep_import", kept, f"uploaded {kept.file_name} for import", by=by, now=now, changes=changes)
    return kept


def draft_of(report_import):
    return DraftReport.from_json({name: value for name, value in report_import.draft.items() if name != CHOICES})


def choices_of(report_import):
    return report_import.draft.get(CHOICES, {})


@transaction.atomic
def correct_import(report_import, draft, *, choices=None, by, now):
    check_can("administer", by, report_import, timezone.localdate(now))
    report_import = lock_import(report_import)
    report_import.draft = draft.to_json() | ({CHOICES: choices} if choices else {})
    report_import.save(update_fields=["draft"])
    sentence = f"corrected what was read from {report_import.file_name}"
    history.write("correct_import", report_import, sentence, by=by, now=now)
    return report_import


@transaction.atomic
def start_import(report_import, *, by, now):
    """Have the worker record a long report; the page of the import shows how many rows are done."""
    check_can("administer", by, report_import, timezone.localdate(now))
    report_import = lock_import(report_import)
    report_import.started_at, report_import.started_by = now, by
    report_import.rows_done, report_import.failure = 0, ""
    report_import.save()
    sentence = f"started the import of {report_import.file_name}"
    history.write("start_import", report_import, sentence, by=by, now=now)
    defer_jobs(CONFIRM_IMPORT, [{"report_import": report_import.pk}])
    return report_import


def run_import(pk, *, now):
    """What the worker does with an import that was started; done a second time, nothing. A failure is left in it."""
    report_import = ReportImport.objects.select_related("started_by").get(pk=pk)
    if report_import.started_at is None or report_import.confirmed_at is not None:
        return
    failure = "Something went wrong. Try again; if it happens again, contact the people who run this system."
    draft = draft_of(report_import)
    target = {"committee": named_committee(draft), "title": draft.inquiry, **choices_of(report_import)}
    try:
        with rows_counted(pk) as count:
            confirm_import(report_import, draft, by=report_import.started_by, now=now, on_row=count, **target)
        failure = ""
    except ValidationError as error:
        failure = " ".join(error.messages)
    except (Refused, PdfFailed) as error:
        failure = str(error)
    finally:
        # Confirmed, it says when it was started for good; failed, it can be corrected and started again.
        if failure:
            ReportImport.objects.filter(pk=pk).update(started_at=None, started_by=None, failure=failure)


@contextmanager
def rows_counted(pk, model=ReportImport):
    """A function that stores how many rows are done, at once: by a connection of its own, outside the transaction."""
    apart = connection.copy()
    statement = f"UPDATE {model._meta.db_table} SET rows_done = %s WHERE id = %s"  # noqa: S608

    def count(done):
        with apart.cursor() as cursor:
            cursor.execute(statement, [done, pk])

    try:
        yield count
    finally:
        apart.close()


def lock_import(report_import):
    """The import, locked. Raises Refused where it has been confirmed, or is being recorded."""
    report_import = ReportImport.objects.select_for_update(of=("self",)).get(pk=report_import.pk)
    if report_import.confirmed_at is not None:
        raise Refused(CONFIRMED_ALREADY)
    if report_import.started_at is not None:
        raise Refused("This import is being recorded. Wait until it is done.")
    return report_import


@transaction.atomic
def confirm_import(report_import, draft, *, by, now, **target):
    """Record the report, once; `target` as for `import_progress_report`, but without the file's name.

    With `on_row`, which is called with the number of rows that are recorded, the import must have been started.
    """
    is_started = target.get("on_row") is not None
    check_can("administer", by, report_import, timezone.localdate(now))
    # Not locked while the rows are counted from outside: the committee is, and a second import waits for it.
    Committee.objects.select_for_update(no_key=True).get(pk=target["committee"].pk)
    report_import = ReportImport.objects.get(pk=report_import.pk) if is_started else lock_import(report_import)
    if report_import.confirmed_at is not None:
        raise Refused(CONFIRMED_ALREADY)
    report = import_progress_report(draft, file_name=report_import.file_name, by=by, now=now, **target)
    report_import.draft, report_import.rows_done = draft.to_json(), len(draft.rows)
    changes = history.set_fields(report_import, report=report, confirmed_at=now, confirmed_by=by)
    report_import.save()
    sentence = f"confirmed the import of {report_import.file_name}"
    changes |= history.first_values(report_import, "checksum")
    history.write("confirm_import", report_import, sentence, by=by, now=now, changes=changes, inquiry=report.inquiry)
    return report


@transaction.atomic
def import_progress_report(draft, *, by, now, **target):
    """Record the report that `draft` describes: the fields of ReportImporter. Returns the ProgressReport.

    Recommendations and responses that the inquiry already has stay as they are. Raises Refused or ValidationError
    with sentences for the clerk, and then nothing has changed.
    """
    check_can("administer", by, target["committee"], timezone.localdate(now))
    return ReportImporter(draft, by=by, now=now, **target).run()


@dataclass
class ReportImporter:
    """Records a draft on the inquiry `title` of `committee`, which is made if need be.

    `stage` is one of IMPORT_STAGES, or None to go by the document. With `published` the report is published too, and
    its ratings confirmed where it has any; with `announce` the committee and the lead officers are notified of that.
    """

    draft: DraftReport
    committee: Committee
    title: str
    file_name: str
    by: Person
    now: datetime
    stage: Stage | None = None
    published: bool = False
    differences: dict[str, str] | None = None
    settled: Sequence[str] = ()
    announce: bool = True
    on_row: Callable[[int], None] | None = None

    def run(self):
        draft = self.draft
        self.stage = stage_of_draft(draft) if self.stage is None else Stage(self.stage)
        # Two imports at the same moment must not both make the inquiry, or the report.
        Committee.objects.select_for_update(no_key=True).get(pk=self.committee.pk)
        draft.inquiry = self.title
        recheck(draft)
        chosen = {"differences": self.differences, "settled": self.settled}
        check = check_import(draft, self.committee, stage=self.stage, published=self.published, **chosen)
        if check.to_settle:
            raise Refused(" ".join(draft.sentence_of(doubt) for doubt in check.to_settle))
        self.taken = {(rules.natural_key(d.reference), d.field) for d in check.differences if d.choice == DOCUMENT}
        self.inquiry = self.find_or_add_inquiry()
        self.people = people_by_name(names_in(draft))
        lock_people(person for name in names_in(draft) for person in self.people[fold_name(name)])
        return self.record()

    def record(self):
        draft, report = self.draft, self.add_report()
        self.report = report
        for number, row in enumerate(draft.rows, 1):
            try:
                self.import_row(row)
                if self.on_row:
                    self.on_row(number)
            except ValidationError as error:
                raise Refused(f"{', '.join(row.references)}: {' '.join(error.messages)}") from error
        for end in draft.ends:
            try:
                self.import_end(end)
            except ValidationError as error:
                numbers = ", ".join(one.reference for one in end.recommendations)
                raise Refused(f"{numbers}: {' '.join(error.messages)}") from error
        self.add_sign_offs()
        sign_offs = report.sign_offs.all()
        changes = history.first_values(report, "months_on", "update_date") | {
            "stage": (None, self.stage.value),
            "cabinet_members": ([], [str(sign_off.person) for sign_off in sign_offs]),
        }
        today = long_date(timezone.localdate(self.now))
        sentence = f"imported the {report.kind.lower()} from {self.file_name}, imported on {today}"
        self.write_history("import_progress_report", report, sentence, changes, also=sign_offs)
        if self.published:
            by = {"by": self.by, "now": self.now, "announce": self.announce}
            publish(report, on=self.moment_of(draft.published_on), **by)
            if any(row.rating is not None or row.comment for row in draft.rows):
                known = self.moment_of(draft.assessed_on)
                on = timezone.localdate(known.at)
                record_confirmation(lock_report(report), on=on, changes={}, known=known, **by)
            report.refresh_from_db()
        return report

    @property
    def updated(self):
        day = self.draft.update_date
        return DraftDate(day, self.draft.update_precision) if day else None

    def moment_of(self, dated):
        """When something was done that the document reports: never the moment of the import."""
        precision = FactPrecision(dated.precision) if dated else FactPrecision.UNKNOWN
        day = dated.day if dated else self.draft.update_date
        at = timezone.make_aware(datetime.combine(day, time(12))) if day else self.now
        return KnownMoment(at, precision)

    def write_history(self, verb, record, sentence, changes, also=()):
        facts = {"changes": changes, "inquiry": self.inquiry, "also": also}
        history.write(verb, record, sentence, by=self.by, now=self.now, **facts)

    def find_or_add_inquiry(self):
        title = single_line(self.title)
        found = known_inquiry(self.committee, title)
        if found is not None:
            lock_inquiry(found)
            return found
        inquiry = Inquiry(
            committee=self.committee,
            title=title,
            slug=free_slug(slugify(title)),
            completed_on=self.draft.completed_on,
            completed_precision=self.draft.completed_precision,
            completed_body=self.draft.completed_body,
        )
        save_valid(inquiry)
        sentence = f"added the inquiry “{inquiry}”"
        changes = history.first_values(inquiry, "committee", "title", "slug", "completed_on", "completed_body")
        history.write("added", inquiry, sentence, by=self.by, now=self.now, changes=changes, inquiry=inquiry)
        return inquiry

    def add_report(self):
        report = ProgressReport(
            inquiry=self.inquiry,
            months_on=self.draft.months_on,
            update_date=self.draft.update_date,
            update_precision=self.draft.update_precision,
            commissioned_at=self.now,
            commissioned_by=self.by,
        )
        if self.stage != Stage.COMMISSIONED:
            known = self.moment_of(self.updated)
            report.collected_at, report.collected_precision, report.collected_by = known.at, known.precision, self.by
        return save_valid(report)

    def find_or_add_recommendations(self, drafts):
        known = {r.reference_key: r for r in self.inquiry.recommendations.select_related("response")}
        by = {"by": self.by, "now": self.now}
        found = []
        for draft in drafts:
            key = rules.natural_key(draft.reference)
            if key not in known:
                given = {"reference": draft.reference, "text": draft.text, "reference_given": draft.given}
                found.append(add_recommendation(self.inquiry, **given, **by))
            elif (key, "text") in self.taken:
                reason = f"As in {self.file_name}, which was imported."
                found.append(reword_recommendation(known[key], text=draft.text, reason=reason, **by))
            else:
                found.append(known[key])
        return found

    def import_row(self, row):
        response = self.find_or_add_response(row, self.find_or_add_recommendations(row.recommendations))
        if not response.is_accepted:
            if has_progress(row):
                raise Refused(NO_PROGRESS_RECORDED)
            return
        update = ProgressUpdate(
            report=self.report,
            response=response,
            text=row.update,
            exempt_text=row.exempt_text,
            exempt_paragraph=row.exempt_paragraph if row.exempt_text else None,
            officer_view=row.officer_view,
            forecast_date=row.forecast_date,
            version=1,
            saved_at=self.now,
            saved_by=self.by,
        )
        if self.stage != Stage.COMMISSIONED:
            if row.update or row.exempt_text:
                known = self.moment_of(self.updated)
                update.submitted_at, update.submitted_precision, update.submitted_by = (
                    known.at,
                    known.precision,
                    self.by,
                )
            else:
                update.closed_at, update.closed_by = self.now, self.by
        save_valid(update)
        people = list(dict.fromkeys(self.find_or_add_person(c.name, c.job_title) for c in row.contributors))
        if people:
            name_contributors(update, people)
        if row.evidence:
            replace_evidence(update, row.evidence)
        texts = ("text", "exempt_text", "exempt_paragraph", "officer_view", "forecast_date")
        changes = history.first_values(update, *texts, "submitted_at", "closed_at") | {
            "contributors": ([], [str(person) for person in people]),
            "evidence": ([], [list(link) for link in row.evidence]),
        }
        sentence = f"imported the progress update on {response.references}"
        self.write_history("import_update", update, sentence, changes)
        if row.rating is not None or row.comment:
            assessment = Assessment.objects.create(
                update=update, rating=row.rating, comment=row.comment, recorded_at=self.now, recorded_by=self.by
            )
            changes = history.first_values(assessment, "rating", "comment")
            sentence = f"imported the assessment of {response.references}"
            self.write_history("import_assessment", assessment, sentence, changes)

    def find_or_add_response(self, row, recommendations):
        existing = {r.response_id for r in recommendations}
        if existing == {None}:
            return record_response(
                self.inquiry,
                recommendations=recommendations,
                decision=row.decision,
                text=row.response,
                reason=row.reason,
                lead_officer=self.find_or_add_person(row.lead_officer) if row.lead_officer else None,
                target_date=row.target_date,
                by=self.by,
                now=self.now,
            )
        if len(existing) > 1:
            numbers = ", ".join(r.reference for r in recommendations)
            raise Refused(f"{numbers} are in one row here, but are already recorded with separate responses.")
        response = recommendations[0].response
        if response.recommendations.count() != len(recommendations):
            raise Refused(f"The recorded response to {response.references} answers other numbers than this row does.")
        return self.correct_response(response, row, recommendations[0].reference_key)

    def correct_response(self, response, row, key):
        by = {"by": self.by, "now": self.now}
        values = {"text": row.response, "reason": row.reason} if (key, "response") in self.taken else {}
        if (key, "decision") in self.taken:
            values["decision"] = row.decision
            if rules.needs_reason(row.decision) and not response.reason:
                values.setdefault("reason", row.reason)
        if (key, "lead_officer") in self.taken:
            values["lead_officer"] = self.find_or_add_person(row.lead_officer)
        note = f"As in {self.file_name}, which was imported."
        if values:
            response = correct_response(response, note=note, despite_progress=True, **values, **by)
        if (key, "target_date") in self.taken:
            response = change_target_date(response, target_date=row.target_date, reason=note, **by)
        return response

    def import_end(self, end):
        fresh = [
            r for r in self.find_or_add_recommendations(end.recommendations) if r.response_id is None and not r.ended_as
        ]
        if not fresh:
            return
        sentence = f"As stated in {self.file_name}: {end.outcome}"
        ending = starting_with(Ending, end.outcome)
        decision = starting_with(Decision, end.outcome)
        if ending is not None:
            dated = find_date(end.outcome)
            for recommendation in fresh:
                end_recommendation(
                    recommendation,
                    ending=ending,
                    reason=end.reason or sentence,
                    on=dated.day if dated else self.draft.update_date or timezone.localdate(self.now),
                    precision=FactPrecision(dated.precision) if dated else FactPrecision.UNKNOWN,
                    by=self.by,
                    now=self.now,
                )
        elif decision is not None:
            text, label, reason = end.reason.partition(REASON_LABEL)
            if not label and decision != Decision.ACCEPTED:
                text, reason = "", end.reason or sentence
            record_response(
                self.inquiry,
                recommendations=fresh,
                decision=decision,
                text=text,
                reason=reason,
                by=self.by,
                now=self.now,
            )

    def add_sign_offs(self):
        is_signed = self.stage == Stage.SIGNED_OFF
        for name in self.draft.cabinet_members:
            sign_off = SignOff(report=self.report, person=self.find_or_add_person(name))
            if is_signed:
                signed = self.moment_of(self.draft.signed_on)
                sign_off.signed_at, sign_off.signed_precision, sign_off.signed_by = signed.at, signed.precision, self.by
                today = long_date(timezone.localdate(self.now))
                source = f"in {self.file_name}, imported on {today}."
                if self.draft.signed_off:
                    sign_off.evidence_note = f"Named as having signed off this update {source}"
                else:
                    sign_off.evidence_note = f"Stated by {self.by}; named, but not as having signed, {source}"
            save_valid(sign_off)
            if is_signed:
                sentence = f"recorded the sign-off of {sign_off.person} from {self.file_name}"
                changes = history.first_values(sign_off, "signed_at", "evidence_note")
                self.write_history("sign_off", sign_off, sentence, changes)
        if is_signed:
            signed = self.moment_of(self.draft.signed_on)
            self.report.signed_off_at, self.report.signed_off_by = signed.at, self.by
            self.report.signed_off_precision = signed.precision
            self.report.save(update_fields=["signed_off_at", "signed_off_precision", "signed_off_by"])

    def find_or_add_person(self, name, job_title=""):
        """The one person with this name; made, without e-mail address, where there is none.

        A job title is filled in where it was missing. Raises Refused when several people bear the name.
        """
        name = single_line(name)
        found = self.people[fold_name(name)]
        if len(found) > 1:
            raise Refused(f"There are several people called {name}. Merge or rename them first.")
        if not found:
            person = Person(name=name, job_title=job_title)
            person.set_unusable_password()
            save_valid(person)
            found.append(person)
            changes = history.first_values(person, "name", "job_title")
            sentence = f"added the person “{name}” from an imported report"
            history.write("added", person, sentence, by=self.by, now=self.now, changes=changes)
            return person
        person = found[0]
        if job_title and not person.job_title:
            changes = history.set_fields(person, job_title=job_title)
            save_valid(person, update_fields=["job_title"])
            sentence = f"added the job title of {name}"
            history.write("changed", person, sentence, by=self.by, now=self.now, changes=changes)
        return person
