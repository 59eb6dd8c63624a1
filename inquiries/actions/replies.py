"""Replies in Word: the form of a person's updates, what an uploaded one would change, and saving what is accepted."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from inquiries.actions.progress import save_update, submit_update
from inquiries.choices import Decision, OfficerView, Rating
from inquiries.differences import differences
from inquiries.documents.content import NumberedText, asked_at
from inquiries.documents.progress_report import requested_actions
from inquiries.documents.reply_form import UPLOAD_LINE, ReplyForm, ReplyFormRow, reply_form_docx
from inquiries.emails import site_address
from inquiries.imports import Unreadable
from inquiries.imports.answers import evidence_in
from inquiries.imports.docx_text import Para
from inquiries.imports.reply_form import CODE, MOST_OTHERS, TOO_MANY_OTHERS, ReplyRow, read_document, text_as_read
from inquiries.models import Person
from inquiries.permissions import RIGHTS, Refused, check_can

NO_FORM = (
    "This is not a reply form that was downloaded here, or its code has been removed. Download the form, copy your "
    "text into its yellow fields, and upload that."
)
WRONG_CODE = "The code of this form has been changed, or it comes from another system. Download the form again."
OTHER_REPORT = "This form is of another progress report ({}). Open that report and upload it there."
NOT_YOURS = (
    "This form is of updates that other people write. Ask them, or the clerk, to upload it. You can download a form of "
    "your own updates."
)
NO_ROWS = (
    "None of the fields of this form are left in the file. Download the form again, and write in its yellow fields."
)
LOST = "The fields of {} are not in the file: nothing of it changes."


# --- The form ---


def make_reply_form(report, updates, *, person, now):
    """The form of these updates (fetched `for_page` and `with_last_time`) as a Word file.

    `person` is whose updates they are; None where they are all of a report.
    """
    return form_of(report, updates, person, code=make_code(report, updates, person, now), day=timezone.localdate(now))


def form_of(report, updates, person, *, code, day):
    inquiry = report.inquiry
    path = reverse("officer:upload_reply", args=[inquiry.slug, report.months_on])
    return reply_form_docx(
        ReplyForm(
            committee=inquiry.committee.name,
            inquiry=inquiry.title,
            kind=report.kind,
            person=person.name if person else "",
            due_on=min((update.due_on for update in updates if update.due_on), default=None),
            update_date=day,
            address=f"{site_address()}{path}",
            code=code,
            rows=tuple(form_row(update, person) for update in updates),
        )
    )


def form_row(update, person):
    response = update.response
    return ReplyFormRow(
        key=update.pk,
        references=response.references,
        recommendations=tuple(
            NumberedText(one.reference, one.text, one.reference_given) for one in response.recommendations.all()
        ),
        decision=Decision(response.decision).label,
        response=response.answer,
        target_date=response.target_date,
        last_time=last_time(update, person),
        earlier_actions=requested_actions(update, earlier=True),
        return_note=update.return_note if update.is_returned else "",
        has_exempt_part=bool(update.exempt_text),
        text=update.text,
        officer_view=update.get_officer_view_display(),
        forecast_date=update.forecast_date,
        links=recorded_links(update),
    )


def last_time(update, person):
    """(heading, text) of what was written in the report before, for those who may read it; else None."""
    last = update.last_time
    # Only its lead officer, of those who are sent forms, reads an update before it is published.
    if last is None or not (last.report.published_at or person in (None, update.response.lead_officer)):
        return None
    parts = [last.text if last.text and not last.closed_at else "No update was received."]
    if assessment := last.confirmed_assessment:
        rating = Rating(assessment.rating).label if assessment.rating else str(assessment)
        parts += [f"The committee: {rating}", assessment.comment]
    return f"Last time, {last.report.months_on} months on", "\n\n".join(part for part in parts if part)


def recorded_links(update):
    return tuple((link.title, link.url) for link in update.evidence_links)


# --- Its code ---


@dataclass(frozen=True)
class FormCode:
    """Which form it is. `versions` is {key of an update: (its version, the digest of what the form held)}."""

    report: int
    person: int | None
    day: date
    versions: dict[int, tuple[int, str]]


def signer():
    return signing.Signer(salt="inquiries.reply_form")


def make_code(report, updates, person, now):
    rows = [f"{update.pk}-{update.version}-{digest_of(*as_read(update))}" for update in updates]
    day = timezone.localdate(now)
    return signer().sign(".".join([str(report.pk), str(person.pk if person else 0), f"{day:%Y%m%d}", *rows]))


def read_code(code):
    """Raises Unreadable."""
    if not code:
        raise Unreadable(NO_FORM)
    try:
        report, person, day, *rows = signer().unsign(code).split(".")
    except signing.BadSignature:
        raise Unreadable(WRONG_CODE) from None
    versions = {int(key): (int(version), digest) for key, version, digest in (row.split("-") for row in rows)}
    return FormCode(int(report), int(person) or None, datetime.strptime(day, "%Y%m%d").date(), versions)


def as_read(update):
    """What is recorded, as it comes back from a form in which nobody wrote: text, view, forecast date, links."""
    links = [evidence_in(Para(link_line(*pair))) or pair for pair in recorded_links(update)]
    forecast = update.forecast_date.isoformat() if update.forecast_date else ""
    return text_as_read(update.text), update.officer_view, forecast, links


def link_line(title, address):
    return text_as_read(address if title == address else f"{title}: {address}")


def digest_of(text, view, forecast, links):
    return hashlib.sha256(repr((text, view, forecast, [tuple(link) for link in links])).encode()).hexdigest()[:8]


# --- An uploaded form ---


@dataclass
class RepliedUpdate:
    """One update of an uploaded form. `fields` are those of `save_update` that the form would change.

    `untouched` says that nobody wrote in its fields; `is_stale` that what is recorded has changed since the download;
    `closed` why it can no longer be written.
    """

    update: object
    row: ReplyRow
    fields: dict
    untouched: bool
    is_stale: bool
    closed: str
    is_emptied: bool

    @property
    def can_be_taken(self):
        return bool(self.fields) and not self.closed

    @property
    def name(self):
        return str(self.update.pk)

    @property
    def view_label(self):
        return OfficerView(self.fields["officer_view"]).label

    @property
    def sides(self):
        return differences(self.update.text, self.fields.get("text", self.update.text))


def check_reply(reply, report, updates, *, by, now):
    """The reply without what is not this person's to write, and without the words of the form itself.

    `updates` are all of the report, fetched as for `make_reply_form`. Raises Unreadable.
    """
    code = read_code(reply.code)
    if code.report != report.pk:
        raise Unreadable(OTHER_REPORT.format(reply.title.removeprefix("Reply form: ") or "without a title"))
    of_form = [update for update in updates if update.pk in code.versions]
    by_references = {update.response.references: update.pk for update in of_form}
    known = {update.pk for update in of_form}
    rows, others = {}, list(reply.others)
    for row in reply.rows:
        key = row.key or by_references.get(row.references)
        if key in known and key not in rows:
            rows[key] = replace(row, key=key)
        else:
            others += [row.text] if row.text else []
    if not rows:
        raise Unreadable(NO_ROWS)
    theirs = {update.pk for update in of_form if RIGHTS["write_update"].belongs_to(by, update, timezone.localdate(now))}
    if not theirs & rows.keys():
        raise Unreadable(NOT_YOURS)
    person = Person.objects.filter(pk=code.person).first() if code.person else None
    own = set(read_document(form_of(report, of_form, person, code=reply.code, day=code.day)).others)
    lost = [update.response.numbers for update in of_form if update.pk in theirs - rows.keys()]
    # The day and the address may be others by now, and an action may have been done since.
    asked = (action for update in of_form for action in requested_actions(update, earlier=True))
    ours = (UPLOAD_LINE, *(f"{asked_at(action.asked_on)} {action.wanted}" for action in asked))
    others = [text for text in others if text not in own and not CODE.search(text) and not text.startswith(ours)]
    notes = [*reply.notes, *map(LOST.format, lost), *([TOO_MANY_OTHERS] if len(others) > MOST_OTHERS else [])]
    rows = [row for key, row in rows.items() if key in theirs]
    return replace(reply, notes=notes, rows=rows, others=others[:MOST_OTHERS])


def replied_updates(reply, updates, *, by, now):
    """What each row of a checked reply means today, as [RepliedUpdate] in the order of `updates`."""
    code = read_code(reply.code)
    rows = {row.key: row for row in reply.rows}
    today = timezone.localdate(now)
    return [
        replied_update(update, rows[update.pk], *code.versions[update.pk], by, today)
        for update in updates
        if update.pk in rows and RIGHTS["write_update"].belongs_to(by, update, today)
    ]


def replied_update(update, row, version, digest, by, today):
    text, view, forecast, links = as_read(update)
    untouched = digest_of(row.text, row.officer_view, row.forecast_date, row.links or []) == digest
    fields = {}
    if row.text is not None and row.text != text:
        fields["text"] = row.text
    # A form cannot take a view or a date back: where there is none, the field was lost or left alone.
    if row.officer_view and row.officer_view != view:
        fields["officer_view"] = row.officer_view
    if row.forecast_date and row.forecast_date != forecast:
        fields["forecast_date"] = date.fromisoformat(row.forecast_date)
    if row.links is not None and row.links != links:
        fields["evidence"] = row.links
    try:
        check_can("write_update", by, update, today)
        closed = ""
    except Refused as refused:
        closed = str(refused)
    return RepliedUpdate(
        update=update,
        row=row,
        fields={} if untouched else fields,
        untouched=untouched,
        is_stale=update.version != version and digest_of(text, view, forecast, links) != digest,
        closed=closed,
        is_emptied=fields.get("text") == "" and bool(text),
    )


@transaction.atomic
def accept_replies(accepted, *, file_name, by, now, submit=False):
    """Save, and submit, what a person accepts of a reply: (update, the values that `save_update` takes) each.

    All of it or nothing. Raises EditClash, Refused or ValidationError.
    """
    for update, values in accepted:
        saved = save_update(update, by=by, now=now, note=f"From the reply form “{file_name}”.", **values)
        if submit:
            submit_update(saved, version=saved.version, by=by, now=now)
