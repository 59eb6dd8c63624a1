"""A Word progress report becomes records, all of it or nothing; before that, what is new, differs or is in the way."""

import re

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.text import slugify

from inquiries import rules
from inquiries.actions import history
from inquiries.actions.assessments import confirm_assessments
from inquiries.actions.inquiries import add_recommendation, end_recommendation, free_slug, lock_inquiry
from inquiries.actions.people import lock_people
from inquiries.actions.progress import name_contributors, replace_evidence
from inquiries.actions.publication import publish
from inquiries.actions.records import save_valid
from inquiries.actions.responses import record_response
from inquiries.choices import Decision, Ending, Stage
from inquiries.dates import find_date
from inquiries.imports.draft import Doubt, DraftReport
from inquiries.models import (
    Assessment,
    Committee,
    Inquiry,
    Person,
    ProgressReport,
    ProgressUpdate,
    Recommendation,
    ReportImport,
    SignOff,
)
from inquiries.permissions import Refused, check_can

# Where an imported report may stand. Further on, it is published like any other.
IMPORT_STAGES = (Stage.COMMISSIONED, Stage.AWAITING_SIGN_OFF, Stage.SIGNED_OFF)
CHOICES = "choices"  # the key beside the draft's own
CONFIRMED_ALREADY = "This document has been imported already. Nothing was changed."
NO_PROGRESS = (
    "Only what has been accepted, at least in part, can have a progress update. Correct the decision, or empty the "
    "update and the rating."
)


def people_with_name(name):
    return Person.objects.present().filter(name__iexact=" ".join(name.split())).order_by("pk")


def names_in(draft):
    named = [name for row in draft.rows for name in (row.lead_officer, *(c.name for c in row.contributors))]
    return list(dict.fromkeys(" ".join(name.split()) for name in (*named, *draft.cabinet_members) if name.strip()))


def people_in(draft):
    """Everybody whom the draft names as ([already recorded], [new], [names that several people bear]), by name."""
    names = {name.lower(): name for name in names_in(draft)}
    count = dict.fromkeys(names, 0)
    recorded = Person.objects.present().annotate(key=Lower("name")).filter(key__in=list(names))
    for person in recorded.only("name"):
        count[person.name.lower()] = count.get(person.name.lower(), 0) + 1
    in_order = sorted(names, key=str.casefold)
    return (
        [names[key] for key in in_order if count[key] == 1],
        [names[key] for key in in_order if not count[key]],
        [names[key] for key in in_order if count[key] > 1],
    )


def known_inquiry(committee, title):
    if committee is None:
        return None
    return Inquiry.objects.filter(committee=committee, title__iexact=" ".join(title.split())).first()


def named_committee(draft):
    return Committee.objects.filter(name__iexact=draft.committee).first() if draft.committee else None


def import_doubts(draft, several=(), inquiry=None):
    """What stands in the way of recording this draft as it is, as a list of Doubt.

    `several` are the names that several people bear (see `people_in`); `inquiry` is the one it is added to.
    """
    found = []
    if inquiry and inquiry.progress_reports.filter(months_on=draft.months_on).exists():
        message = f"“{inquiry}” already has a progress report for {draft.months_on} months on."
        found.append(Doubt(message, field="months_on", must_settle=True))
    for number, row in enumerate(draft.rows):
        if row.decision and not rules.is_accepted(row.decision) and has_progress(row):
            found.append(Doubt(NO_PROGRESS, row=number, field="update", must_settle=True))
        for name, about in [(row.lead_officer, "lead_officer"), *((c.name, "contributors") for c in row.contributors)]:
            if name in several:
                found.append(Doubt(f"There are several people called {name}.", number, about, must_settle=True))
    for name in draft.cabinet_members:
        if name in several:
            message = f"There are several people called {name}."
            found.append(Doubt(message, field="cabinet_members", must_settle=True))
    for end in draft.ends:
        if starting_with(Ending, end.outcome) is None and starting_with(Decision, end.outcome) is None:
            numbers = ", ".join(r.reference for r in end.recommendations)
            found.append(
                Doubt(f"“{end.outcome}” is no known outcome, so {numbers} would stay without an answer.", field="ends")
            )
    return found


def differences(draft, inquiry):
    """Where the draft disagrees with what `inquiry` already has: sentences for the preview; recorded words stay."""
    recommendations = Recommendation.objects.filter(inquiry=inquiry).select_related("response__lead_officer")
    known = {r.reference_key: r for r in recommendations}
    found = []
    for row in (*draft.rows, *draft.ends):
        for recommendation in row.recommendations:
            recorded = known.get(rules.natural_key(recommendation.reference))
            if recorded is None:
                continue
            if recommendation.text and plain_text(recorded.text) != plain_text(recommendation.text):
                found.append(
                    f"The wording of {recorded.reference} differs from the one recorded. The recorded wording stays."
                )
            if recorded.response and hasattr(row, "decision"):
                found += response_differences(row, recorded)
    return found


def response_differences(row, recorded):
    response = recorded.response
    officer = response.lead_officer.name if response.lead_officer else "nobody"
    if row.decision and row.decision != response.decision:
        decision = response.get_decision_display().lower()
        yield f"{recorded.reference} is recorded as {decision}. That stays."
    if row.lead_officer and row.lead_officer.lower() != officer.lower():
        yield f"The recorded lead officer of {recorded.reference} is {officer}, not {row.lead_officer}. That stays."
    if row.response and plain_text(row.response) not in plain_text(f"{response.text} {response.reason}"):
        yield f"The response to {recorded.reference} differs from the one recorded. The recorded response stays."


def plain_text(text):
    return re.sub(r"\W+", " ", text).strip().lower()


def has_progress(row):
    return bool(row.update or row.exempt_text or row.rating is not None)


def starting_with(choices, text):
    """The value whose label begins `text`; the longest label wins ("Accepted in part" before "Accepted")."""
    plain = re.sub(r"\s+", " ", text).strip().lower()
    fitting = [c for c in choices if plain.startswith(c.label.lower())]
    return max(fitting, key=lambda c: len(c.label)) if fitting else None


def stage_of_draft(draft):
    return Stage.SIGNED_OFF if draft.cabinet_members else Stage.COMMISSIONED


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
    report_import = ReportImport.objects.select_for_update(of=("self",)).get(pk=report_import.pk)
    if report_import.confirmed_at is not None:
        raise Refused(CONFIRMED_ALREADY)
    report_import.draft = draft.to_json() | ({CHOICES: choices} if choices else {})
    report_import.save(update_fields=["draft"])
    sentence = f"corrected what was read from {report_import.file_name}"
    history.write("correct_import", report_import, sentence, by=by, now=now)
    return report_import


@transaction.atomic
def confirm_import(report_import, draft, *, committee, title, stage, published, by, now):
    check_can("administer", by, report_import, timezone.localdate(now))
    report_import = ReportImport.objects.select_for_update(of=("self",)).get(pk=report_import.pk)
    if report_import.confirmed_at is not None:
        raise Refused(CONFIRMED_ALREADY)
    report = import_progress_report(
        draft,
        committee=committee,
        title=title,
        file_name=report_import.file_name,
        stage=stage,
        published=published,
        by=by,
        now=now,
    )
    report_import.draft = draft.to_json()
    changes = history.set_fields(report_import, report=report, confirmed_at=now, confirmed_by=by)
    report_import.save()
    sentence = f"confirmed the import of {report_import.file_name}"
    changes |= history.first_values(report_import, "checksum")
    history.write("confirm_import", report_import, sentence, by=by, now=now, changes=changes, inquiry=report.inquiry)
    return report


@transaction.atomic
def import_progress_report(draft, *, committee, title, file_name, by, now, stage=None, published=False):
    """Record the report that `draft` describes, on the inquiry `title` of `committee`, which is made if need be.

    `stage` is one of IMPORT_STAGES, or None to go by the document. With `published` the report is published too,
    and its ratings confirmed where it has any. Recommendations and responses that the inquiry already has stay
    as they are. Returns the ProgressReport. Raises Refused or ValidationError with sentences for the clerk, and
    then nothing has changed.
    """
    check_can("administer", by, committee, timezone.localdate(now))
    stage = stage_of_draft(draft) if stage is None else Stage(stage)
    check_draft(draft, stage, published)
    # Two imports at the same moment must not both make the inquiry, or the report.
    Committee.objects.select_for_update(no_key=True).get(pk=committee.pk)
    inquiry = find_or_add_inquiry(draft, committee, title, by=by, now=now)
    if inquiry.progress_reports.filter(months_on=draft.months_on).exists():
        raise Refused(f"“{inquiry}” already has a progress report for {draft.months_on} months on.")
    lock_people(person for name in names_in(draft) for person in people_with_name(name))
    report = add_report(draft, inquiry, stage, by=by, now=now)
    for row in draft.rows:
        try:
            import_row(row, report, stage, by=by, now=now)
        except ValidationError as error:
            raise Refused(f"{', '.join(row.references)}: {' '.join(error.messages)}") from error
    for end in draft.ends:
        import_end(end, inquiry, file_name, by=by, now=now)
    add_sign_offs(draft, report, stage, file_name, by=by, now=now)
    history.write(
        "import_progress_report",
        report,
        f"imported the {report.kind.lower()} from {file_name}",
        by=by,
        now=now,
        changes=history.first_values(report, "months_on", "update_date")
        | {"stage": (None, stage.value), "cabinet_members": ([], [str(s.person) for s in report.sign_offs.all()])},
        inquiry=inquiry,
        also=report.sign_offs.all(),
    )
    if published:
        publish(report, by=by, now=now)
        if any(row.rating is not None for row in draft.rows):
            confirm_assessments(report, by=by, now=now)
        report.refresh_from_db()
    return report


def check_draft(draft, stage, published):
    if stage not in IMPORT_STAGES:
        raise Refused("An imported report is being collected, awaits sign-off, or has been signed off.")
    if draft.months_on is None:
        raise Refused("Say how many months on this report is: the document leaves it undecided.")
    if not any(rules.is_accepted(row.decision or Decision.ACCEPTED) for row in draft.rows):
        raise Refused("There is no accepted recommendation to import: only those have progress to report.")
    if stage == Stage.SIGNED_OFF and not draft.cabinet_members:
        raise Refused("A report that has been signed off needs the name of the Cabinet Member who did so.")
    if published and stage != Stage.SIGNED_OFF:
        raise Refused("Only a report that has been signed off can be published.")
    keys = [rules.natural_key(r.reference) for part in (*draft.rows, *draft.ends) for r in part.recommendations]
    if twice := {key for key in keys if keys.count(key) > 1}:
        numbers = sorted(
            {
                r.reference
                for part in (*draft.rows, *draft.ends)
                for r in part.recommendations
                if rules.natural_key(r.reference) in twice
            }
        )
        raise Refused(f"These numbers stand more than once: {', '.join(numbers)}.")


def find_or_add_inquiry(draft, committee, title, *, by, now):
    title = " ".join(title.split())
    found = known_inquiry(committee, title)
    if found is not None:
        lock_inquiry(found)
        return found
    inquiry = Inquiry(
        committee=committee,
        title=title,
        slug=free_slug(slugify(title)),
        completed_on=draft.completed_on,
        completed_precision=draft.completed_precision,
        completed_body=draft.completed_body,
    )
    save_valid(inquiry)
    sentence = f"added the inquiry “{inquiry}”"
    changes = history.first_values(inquiry, "committee", "title", "slug", "completed_on", "completed_body")
    history.write("added", inquiry, sentence, by=by, now=now, changes=changes, inquiry=inquiry)
    return inquiry


def add_report(draft, inquiry, stage, *, by, now):
    report = ProgressReport(
        inquiry=inquiry,
        months_on=draft.months_on,
        update_date=draft.update_date,
        commissioned_at=now,
        commissioned_by=by,
    )
    if stage != Stage.COMMISSIONED:
        report.collected_at, report.collected_by = now, by
    save_valid(report)
    return report


def find_or_add_recommendations(drafts, inquiry, *, by, now):
    known = {r.reference_key: r for r in inquiry.recommendations.select_related("response")}
    return [
        known.get(rules.natural_key(d.reference))
        or add_recommendation(inquiry, reference=d.reference, text=d.text, reference_given=d.given, by=by, now=now)
        for d in drafts
    ]


def import_row(row, report, stage, *, by, now):
    recommendations = find_or_add_recommendations(row.recommendations, report.inquiry, by=by, now=now)
    response = find_or_add_response(row, recommendations, report.inquiry, by=by, now=now)
    if not response.is_accepted:
        if has_progress(row):
            raise Refused(f"{', '.join(row.references)}: {NO_PROGRESS}")
        return
    done, has_text = stage != Stage.COMMISSIONED, bool(row.update or row.exempt_text)
    update = ProgressUpdate(
        report=report,
        response=response,
        text=row.update,
        exempt_text=row.exempt_text,
        exempt_paragraph=row.exempt_paragraph if row.exempt_text else None,
        officer_view=row.officer_view,
        version=1,
        saved_at=now,
        saved_by=by,
    )
    if done and has_text:
        update.submitted_at, update.submitted_by = now, by
    elif done:
        update.closed_at, update.closed_by = now, by
    save_valid(update)
    people = [person_named(c.name, c.job_title, by=by, now=now) for c in row.contributors]
    name_contributors(update, dict.fromkeys(people))
    replace_evidence(update, row.evidence)
    named, links = [str(person) for person in dict.fromkeys(people)], [list(link) for link in row.evidence]
    history.write(
        "import_update",
        update,
        f"imported the progress update on {response.references}",
        by=by,
        now=now,
        changes=history.first_values(
            update, "text", "exempt_text", "exempt_paragraph", "officer_view", "submitted_at", "closed_at"
        )
        | {"contributors": ([], named), "evidence": ([], links)},
        inquiry=report.inquiry,
    )
    if row.rating is not None or row.comment:
        import_assessment(row, update, by=by, now=now)


def import_assessment(row, update, *, by, now):
    assessment = Assessment.objects.create(
        update=update, rating=row.rating, comment=row.comment, recorded_at=now, recorded_by=by
    )
    sentence = f"imported the assessment of {update.response.references}"
    changes = history.first_values(assessment, "rating", "comment")
    history.write(
        "import_assessment", assessment, sentence, by=by, now=now, changes=changes, inquiry=update.report.inquiry
    )


def find_or_add_response(row, recommendations, inquiry, *, by, now):
    existing = {r.response_id for r in recommendations}
    if existing == {None}:
        decision = row.decision or Decision.ACCEPTED
        text, reason = row.response, row.reason
        if rules.needs_reason(decision) and not reason:
            # The document gives one text as Cabinet's answer: it is all the reason there is.
            text, reason = "", text
        lead_officer = person_named(row.lead_officer, by=by, now=now) if row.lead_officer else None
        return record_response(
            inquiry,
            recommendations=recommendations,
            decision=decision,
            text=text,
            reason=reason,
            lead_officer=lead_officer,
            target_date=row.target_date,
            by=by,
            now=now,
        )
    if len(existing) > 1:
        numbers = ", ".join(r.reference for r in recommendations)
        raise Refused(f"{numbers} stand in one row here, but are already recorded with separate responses.")
    response = recommendations[0].response
    if response.recommendations.count() != len(recommendations):
        raise Refused(f"The recorded response to {response.references} answers other numbers than this row does.")
    return response


def import_end(end, inquiry, file_name, *, by, now):
    recommendations = find_or_add_recommendations(end.recommendations, inquiry, by=by, now=now)
    fresh = [r for r in recommendations if r.response_id is None and not r.ended_as]
    if not fresh:
        return
    sentence = f"As stated in {file_name}: {end.outcome}"
    ending = starting_with(Ending, end.outcome)
    decision = starting_with(Decision, end.outcome)
    if ending is not None:
        dated = find_date(end.outcome)
        for recommendation in fresh:
            end_recommendation(
                recommendation,
                ending=ending,
                reason=end.reason or sentence,
                on=dated.day if dated else timezone.localdate(now),
                by=by,
                now=now,
            )
    elif decision is not None:
        accepted = decision == Decision.ACCEPTED
        record_response(
            inquiry,
            recommendations=fresh,
            decision=decision,
            text=end.reason if accepted else "",
            reason="" if accepted else end.reason or sentence,
            by=by,
            now=now,
        )


def add_sign_offs(draft, report, stage, file_name, *, by, now):
    for name in draft.cabinet_members:
        sign_off = SignOff(report=report, person=person_named(name, by=by, now=now))
        if stage == Stage.SIGNED_OFF:
            sign_off.signed_at, sign_off.signed_by = now, by
            sign_off.evidence_note = f"Named as having signed off this update in {file_name}."
        save_valid(sign_off)
        if sign_off.signed_at:
            sentence = f"recorded the sign-off of {sign_off.person} from {file_name}"
            changes = history.first_values(sign_off, "signed_at", "evidence_note")
            history.write("sign_off", sign_off, sentence, by=by, now=now, changes=changes, inquiry=report.inquiry)
    if stage == Stage.SIGNED_OFF:
        report.signed_off_at, report.signed_off_by = now, by
        report.save(update_fields=["signed_off_at", "signed_off_by"])


def person_named(name, job_title="", *, by, now):
    """The one person with this name; made, without e-mail address, where there is none.

    A job title is filled in where it was missing. Raises Refused when several people bear the name.
    """
    name = " ".join(name.split())
    found = list(people_with_name(name)[:2])
    if len(found) > 1:
        raise Refused(f"There are several people called {name}. Merge or rename them first.")
    if not found:
        person = Person(name=name, job_title=job_title)
        person.set_unusable_password()
        save_valid(person)
        sentence, changes = (
            f"added the person “{name}” from an imported report",
            history.first_values(person, "name", "job_title"),
        )
        history.write("added", person, sentence, by=by, now=now, changes=changes)
        return person
    person = found[0]
    if job_title and not person.job_title:
        changes = history.set_fields(person, job_title=job_title)
        save_valid(person, update_fields=["job_title"])
        history.write("changed", person, f"added the job title of {name}", by=by, now=now, changes=changes)
    return person
