"""From the records to plain words: the one place where a progress report's content is put together."""

from collections import defaultdict
from datetime import datetime

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone

from inquiries import rules
from inquiries.choices import Decision, ExemptParagraph, OfficerView, Stage
from inquiries.documents.content import (
    AccountEntry,
    Contributor,
    Correction,
    ExemptPart,
    NumberedText,
    ReportContent,
    RequestedAction,
    Row,
)
from inquiries.models import ProgressReport, Recommendation, SignOff

NOT_RECORDED = "Not recorded"


def progress_report_content(
    report, *, updates=None, fetched=None, recommendations=None, exempt=False, after_meeting=None
):
    """The content of `report` as it is now: a ReportContent.

    `updates` limits the rows (a lead officer reads their own before publication); None takes all.
    `fetched` are all its updates `for_rows()`, from a caller who has them already: rows come in their order.
    `recommendations` are all of its inquiry, with their responses and in order, from such a caller.
    `exempt` puts the exempt words in, for the restricted pack; otherwise only the fact and the paragraph.
    `after_meeting` shows the committee's ratings; None shows them once they are confirmed.
    """
    if after_meeting is None:
        after_meeting = report.stage == Stage.ASSESSED
    if fetched is None:
        fetched = (report.updates if updates is None else updates.filter(report=report)).for_rows()
    chosen = list(fetched)
    everything = list(recommendations_of([report.inquiry_id]) if recommendations is None else recommendations)
    answered = group_by_response(everything)
    shown = in_table = {r.pk for update in chosen for r in answered[update.response_id]}
    if updates is not None:
        in_table = shown | set(
            Recommendation.objects.filter(response__updates__report=report).values_list("pk", flat=True)
        )
    return ReportContent(
        committee=report.inquiry.committee.name,
        inquiry=report.inquiry.title,
        months_on=report.months_on,
        completion=report.inquiry.completion,
        update_date=report.update_date,
        update_precision=report.update_precision,
        lead_officers=lead_officer_lines(shown, everything),
        cabinet_members=tuple(s.person.name for s in report.sign_offs.all() if s.signed_at is not None),
        rows=tuple(build_rows(chosen, exempt, after_meeting, answered)),
        account=tuple(account_entries([r for r in everything if r.pk not in in_table], everything)),
        after_meeting=after_meeting,
        draft=report.stage not in (Stage.PUBLISHED, Stage.ASSESSED),
        closed=tuple(closed_entries(report, chosen, answered)) if after_meeting else (),
    )


def progress_report_rows(updates, *, exempt=False, after_meeting=False, recommendations=None):
    """The rows alone, as Row, for `updates` fetched `for_page()`; one for each and in their order.

    With the `recommendations` of the inquiry at hand, `for_rows()` is enough.
    """
    answered = None if recommendations is None else group_by_response(recommendations)
    return tuple(build_rows(updates, exempt, after_meeting, answered))


def update_row(update):
    return next(build_rows([update], exempt=False, after_meeting=False))


def for_content():
    """Progress reports with what `progress_report_content` reads, in a fixed number of queries."""
    signers = Prefetch("sign_offs", SignOff.objects.select_related("person").order_by("pk"))
    return ProgressReport.objects.select_related("inquiry__committee", "meeting").prefetch_related(signers)


def recommendations_of(inquiries):
    """The recommendations of these inquiries with what `progress_report_content` reads, in its order."""
    every = Recommendation.objects.filter(inquiry__in=inquiries)
    return every.select_related("response__lead_officer").order_by("reference_key")


def group_by_response(recommendations):
    answered = defaultdict(list)
    for recommendation in recommendations:
        answered[recommendation.response_id].append(recommendation)
    return answered


def build_rows(updates, exempt, after_meeting, answered=None):
    introduced = set()
    for update in updates:
        response = update.response
        answers = response.recommendations.all() if answered is None else answered[response.pk]
        assessment = getattr(update, "assessment", None) if after_meeting else None
        # A draft that nobody submitted in time is not an update: its row says that none was received.
        written = update.closed_at is None and bool(update.text or update.exempt_text)
        yield Row(
            recommendations=tuple(numbered_text(r) for r in answers),
            decision=response.decision,
            response=response.answer,
            update=update.text if written else "",
            lead_officer=response.lead_officer.name if response.lead_officer else "",
            contributors=tuple(contributors_of(update, introduced)) if written else (),
            exempt=exempt_part(update, exempt) if written else None,
            officer_view=OfficerView(update.officer_view).label if written and update.officer_view else "",
            rating=assessment.rating if assessment else None,
            comment=assessment.comment if assessment else "",
            target_date=response.target_date,
            evidence=tuple(evidence_of(update)) if written else (),
            forecast_date=update.forecast_date if written else None,
            corrections=corrections_of(update) if assessment else (),
            actions=requested_actions(update, earlier=False) if after_meeting else (),
            earlier_actions=requested_actions(update, earlier=True),
        )


def corrections_of(update):
    made = ((datetime.fromisoformat(row["at"]), row["reason"]) for row in update.correction_rows)
    return tuple(Correction(timezone.localdate(at), reason) for at, reason in made)


def evidence_of(update):
    """Links, and the files that a clerk has allowed to be published, as (title, web address)."""
    yield from ((link.title, link.url) for link in update.evidence_links)
    site = settings.SITE_ADDRESS.rstrip("/")
    yield from ((file.title, f"{site}{file.get_absolute_url()}") for file in update.evidence_files if file.allowed_at)


def requested_actions(update, *, earlier):
    """What the committee asked for about this response: at the meeting of this report, or at those before."""
    return tuple(
        RequestedAction(
            text=row["text"],
            owner=row["owner"],
            due_on=day_of(row["due_on"]),
            asked_on=day_of(row["asked_at"]),
            done_on=day_of(row["done_at"]) if row["done_at"] and earlier else None,
            done_note=row["done_note"] if earlier else "",
        )
        for row in update.requested_actions
        if (row["update"] != update.pk) == earlier
    )


def day_of(text):
    """The day of a date, or in this country of a moment, as JSON of the database has it."""
    moment = datetime.fromisoformat(text)
    return timezone.localdate(moment) if moment.tzinfo else moment.date()


def contributors_of(update, introduced):
    # The template gives the job title at the first mention only.
    for person in update.contributor_details:
        yield Contributor(person["name"], "" if person["pk"] in introduced else person["job_title"])
        introduced.add(person["pk"])


def exempt_part(update, with_words):
    if not update.exempt_text:
        return None
    paragraph = ExemptParagraph(update.exempt_paragraph)
    return ExemptPart(paragraph.value, paragraph.label.partition(" ")[2], update.exempt_text if with_words else "")


def numbered_text(recommendation):
    return NumberedText(recommendation.reference, recommendation.text, recommendation.reference_given)


def lead_officer_name(recommendation):
    response = recommendation.response
    return response.lead_officer.name if response and response.lead_officer else ""


def lead_officer_lines(shown, everything):
    # Who leads 2a is named for 2 where 2b was not accepted, as the template has it, but not while 2b is unanswered.
    led = [(r, lead_officer_name(r)) for r in everything if is_promised(r) or not (r.response or r.ended_as)]
    return rules.lead_officer_numbers(
        [(r.reference, name) for r, name in led if r.pk in shown],
        [(r.reference, name) for r, name in led if r.pk not in shown],
    )


def is_promised(recommendation):
    return recommendation.response is not None and recommendation.response.is_accepted


def closed_entries(report, updates, answered):
    """What the committee ended at the meeting of the report, but for what it rated implemented, as the table says."""
    ended = []
    for update in updates:
        rating = update.assessment.rating if hasattr(update, "assessment") else None
        for one in answered[update.response_id]:
            is_of_meeting = one.ended_as and report.meeting_id and one.ended_meeting_id == report.meeting_id
            if is_of_meeting and one.ended_as != rules.ending_of(rating):
                ended.append(one)
    return [entry for _, entry in grouped_entries(ended)]


def grouped_entries(recommendations):
    """Pairs (key of the first number, AccountEntry)."""
    grouped = {}
    for recommendation in recommendations:
        outcome, reason = outcome_and_reason(recommendation)
        # Several recommendations that one response answers in the same way are one line.
        key = (recommendation.response_id or -recommendation.pk, outcome, reason)
        grouped.setdefault(key, []).append(recommendation)
    return [
        (together[0].reference_key, AccountEntry(tuple(numbered_text(r) for r in together), outcome, reason))
        for (_, outcome, reason), together in grouped.items()
    ]


def account_entries(left_out, everything):
    entries = grouped_entries(left_out)
    for number in rules.missing_numbers([r.reference for r in everything if not r.reference_given]):
        entries.append((rules.natural_key(number), AccountEntry((NumberedText(number, ""),), NOT_RECORDED)))
    return [entry for _, entry in sorted(entries, key=lambda pair: pair[0])]


def outcome_and_reason(recommendation):
    if recommendation.ended_as:
        return recommendation.ending, recommendation.ended_reason
    response = recommendation.response
    if response is None:
        return "No response recorded yet", ""
    label = Decision(response.decision).label
    if rules.is_accepted(response.decision):
        return f"{label}; not part of this report", response.answer
    return label, response.answer
