"""An officer report: commissioned for an item of an agenda, written, signed, and then a paper of the item."""

from dataclasses import replace
from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from inquiries import rules
from inquiries.actions import history
from inquiries.actions.meetings import (
    add_item,
    change_item,
    has_published_agenda,
    locked_meeting,
    open_supplement,
    record_removal,
    remove_item,
    store_paper,
)
from inquiries.actions.people import check_sits_apart, lock_people
from inquiries.actions.progress import EditClash
from inquiries.actions.records import delete_files_on_rollback, merge_values, note_stored_files, save_valid
from inquiries.choices import ItemKind, SignatureRole
from inquiries.documents.content import long_date
from inquiries.documents.officer_report import TEMPLATE_SECTIONS, PictureBlock
from inquiries.documents.officer_report_content import officer_report_content, picture_bytes
from inquiries.documents.officer_report_pdf import officer_report_pdf
from inquiries.documents.report_markup import read_markup, write_markup
from inquiries.models import (
    AgendaItem,
    CabinetMember,
    Meeting,
    OfficerReport,
    OfficerReportContributor,
    OfficerReportPicture,
    OfficerReportSignature,
)
from inquiries.models.fields import checksum_of_data
from inquiries.models.meetings import clear_days
from inquiries.notifications import Message, clerks, queue_messages
from inquiries.permissions import Refused, check_can
from inquiries.preflight.checks import find_sign_off_required
from inquiries.uploads.picture import ReceivedPicture
from inquiries.uploads.process_upload import process_paper

ROLES = tuple(SignatureRole)
MOST_PICTURES = 30
CONTACT_FIELDS = ("contact_name", "contact_job_title", "contact_telephone", "contact_email")
# The fields that `save` and `submit` take.
WRITTEN_FIELDS = ("title", *CONTACT_FIELDS, "sections", "contributors")
# The fields that a clerk gives a report, and `change` changes; of the roles each is a person or None.
COMMISSIONED_FIELDS = ("title", "author", "exempt_paragraph", "text_due", "sign_off_due", *ROLES)


# --- Commissioned ---


@transaction.atomic
def commission(meeting, *, title, author, by, now, item=None, **values):
    """Ask `author` for a report for an item of the agenda; None for a new item of this title. Returns the report.

    `values` are the others of COMMISSIONED_FIELDS. Raises Refused, or ValidationError.
    """
    today = timezone.localdate(now)
    signers = {role: values.pop(role, None) for role in ROLES}
    people = lock_people([author, *signers.values()])
    meeting = locked_meeting(meeting, by=by, now=now)
    if meeting.cancelled_at is not None:
        raise Refused("This meeting has been cancelled.")
    check_people(author, signers, people, meeting, today)
    report = OfficerReport(
        title=title,
        author=author,
        sections=[{"heading": section.heading, "text": ""} for section in TEMPLATE_SECTIONS],
        contact_name=author.name,
        contact_job_title=author.job_title,
        contact_email=author.email or "",
        commissioned_at=now,
        commissioned_by=by,
        **values,
    )
    report.item = item_for(report, item, meeting, by=by, now=now)
    check_dates(report, ("text_due", "sign_off_due"), today)
    save_valid(report, exclude=["item"])
    signatures = [
        OfficerReportSignature.objects.create(report=report, role=role, person=person)
        for role, person in signers.items()
        if person
    ]
    changes = history.first_values(report, "title", "author", "item", "exempt_paragraph")
    changes |= {"text_due": (None, report.text_due_on), "sign_off_due": (None, report.sign_off_due_on)}
    changes |= {role: (None, person) for role, person in signers.items() if person}
    write_entry("commission_officer_report", report, "commissioned", by=by, now=now, changes=changes, also=signatures)
    ask_writers(fetch(report), [author], by=by, now=now)
    return fetch(report)


def item_for(report, item, meeting, *, by, now):
    if item is None:
        return add_item(meeting, title=report.title, kind=ItemKind.PAPERS, by=by, now=now)
    if item.meeting_id != meeting.pk:
        raise ValidationError({"item": "This item is of another meeting."})
    if item.kind == ItemKind.REPORT:
        raise ValidationError({"item": "This item carries a progress report. Choose another, or a new one."})
    return item if item.kind == ItemKind.PAPERS else change_item(item, kind=ItemKind.PAPERS, by=by, now=now)


def check_people(author, signers, people, meeting, today):
    """Raise ValidationError where one of those named for a report cannot write, or sign it."""
    named = {"author": author, **{role: person for role, person in signers.items() if person}}
    errors = {
        name: f"{person} has left: choose another person."
        for name, person in named.items()
        if person.pk in people and not people[person.pk].is_active
    }
    member, director = signers.get(SignatureRole.CABINET_MEMBER), signers.get(SignatureRole.DIRECTOR)
    if not (member or director):
        errors[SignatureRole.DIRECTOR] = "Name the director or the Cabinet Member who signs the report, or both."
    if member and not CabinetMember.objects.on(today).filter(person=member).exists():
        errors[SignatureRole.CABINET_MEMBER] = f"{member} has no portfolio in Cabinet: choose a Cabinet Member."
    if member and member == director:
        errors[SignatureRole.DIRECTOR] = "One person signs once: leave out the director or the Cabinet Member."
    if errors:
        raise ValidationError(errors)
    check_sits_apart(list(named.values()), meeting.committee_id, today)


def check_dates(report, fields, today):
    errors = {}
    for field in fields:
        day = getattr(report, f"{field}_on")
        if day < today:
            errors[field] = f"{long_date(day)} has passed. Enter {long_date(today)} or a later date."
    if report.text_due_on > report.sign_off_due_on and "text_due" not in errors:
        errors["sign_off_due"] = f"Sign-off cannot be due before the text is, on {long_date(report.text_due_on)}."
    if errors:
        raise ValidationError(errors)


@transaction.atomic
def change(report, *, by, now, based_on=None, **values):
    """Change what a clerk has settled (COMMISSIONED_FIELDS) of a report that is not signed off.

    Another title or paragraph withdraws the signatures. Those who are newly named are notified. Raises Refused, or
    ValidationError; for `based_on` see `merge_values`.
    """
    today = timezone.localdate(now)
    check_can("administer", by, report, today)
    people = lock_people([values.get("author"), *(values.get(role) for role in ROLES)])
    report = lock(report)
    rules.check_officer_report_is_current(report)
    if report.signed_off_at is not None:
        raise Refused("This report has been signed off: reopen it before you change it.")
    recorded = {name: getattr(report, name) for name in COMMISSIONED_FIELDS if name not in ROLES} | signers_of(report)
    changed = merge_values(report, values, based_on, recorded=recorded)
    changed = {name: value for name, value in changed.items() if value != recorded[name]}
    if not changed:
        return report
    signers = signers_of(report) | {role: changed[role] for role in ROLES if role in changed}
    check_people(changed.get("author", report.author), signers, people, report.meeting, today)
    old_author = report.author
    changes = history.set_fields(report, **{name: value for name, value in changed.items() if name not in ROLES})
    check_dates(report, [name for name in ("text_due", "sign_off_due") if name in changed], today)
    if {"title", "author", "exempt_paragraph"} & changed.keys():
        report.version += 1
    save_valid(report, exclude=["item"])
    new, gone = change_signers(report, signers)
    changes |= {role: (recorded[role], signers[role]) for role in ROLES if role in changed}
    if {"title", "author", "exempt_paragraph"} & changed.keys():
        withdraw_signatures(report, by=by, now=now, why="its title, author or paragraph has changed")
    write_entry("change_officer_report", report, "changed", by=by, now=now, changes=changes, also=new, deleted=gone)
    report = fetch(report)
    if report.is_open and report.author != old_author:
        ask_writers(report, [report.author], by=by, now=now)
    if report.submitted_at is not None:
        ask_signers(report, new, by=by, now=now)
        # Who had not signed yet may be the one who is no longer named.
        complete(report, None, by=by, now=now)
    return fetch(report)


def signers_of(report):
    found = dict.fromkeys(ROLES)
    return found | {SignatureRole(signature.role): signature.person for signature in report.signatures.all()}


def change_signers(report, signers):
    """Name these people; returns the new signatures, and those that were deleted."""
    new, gone = [], []
    present = {signature.role: signature for signature in report.signatures.all()}
    for role, person in signers.items():
        before = present.get(role)
        if before and before.person != person:
            if before.signed_at is not None:
                raise Refused(f"{before.person} has already signed and stays named.")
            gone.append(before)
            OfficerReportSignature.objects.filter(pk=before.pk).delete()
        if person and (before is None or before.person != person):
            new.append(OfficerReportSignature.objects.create(report=report, role=role, person=person))
    return new, gone


def move(report, *, meeting, note="", text_due=None, sign_off_due=None, by, now):
    """Put the report off to another meeting of its committee, on whose agenda it gets an item.

    Its deadlines are worked out from that meeting, unless others are given. Sign-offs stay, since the text does; the
    paper of a signed report is set again, with its new date. What the old agenda says: see `leave_agenda`. Those who
    write and sign it are notified. Raises Refused, ValidationError, or PdfFailed.
    """
    check_can("administer", by, report, timezone.localdate(now))
    report = fetch(report)
    rules.check_officer_report_can_move(report, meeting)
    version, paper = report.version, None
    if report.signed_off_at is not None:
        # Set before anything is locked, because that takes seconds.
        report.item.meeting = meeting
        paper = make_paper(report, now)
    dates = {"text_due": text_due, "sign_off_due": sign_off_due}
    return store_move(report, meeting, paper, version, note.strip(), dates, by=by, now=now)


@delete_files_on_rollback()
@transaction.atomic
def store_move(report, meeting, paper, version, note, dates, *, by, now):
    old_item = AgendaItem.objects.get(pk=report.item_id)
    # In the order of their keys, so that two that move at once do not wait for each other.
    locked = Meeting.objects.select_for_update().in_bulk({meeting.pk, old_item.meeting_id})
    meeting, old_meeting = locked[meeting.pk], locked[old_item.meeting_id]
    report = lock(report)
    rules.check_officer_report_can_move(report, meeting)
    if version != report.version or (paper is None) != (report.signed_off_at is None):
        raise Refused("The report has just changed. Look at it again.")
    old_item, old_paper, was = report.item, report.document, (report.text_due_on, report.sign_off_due_on)
    item = next_item(old_item, meeting, by=by, now=now)
    changes = history.set_fields(report, item=item, return_due_on=None, **dates)
    del changes["return_due_on"]
    changes |= {"text_due": (was[0], report.text_due_on), "sign_off_due": (was[1], report.sign_off_due_on)}
    if report.signed_off_at is None:
        check_dates(report, [name for name, day in dates.items() if day], timezone.localdate(now))
    report.document = None
    if paper is not None:
        report.document = store_report_paper(report, item, paper, by=by, now=now)
        changes |= {"document": (old_paper, report.document)}
    report.save()
    leave_agenda(report, old_item, old_meeting, old_paper, by=by, now=now)
    changes |= {"meeting": (str(old_meeting), str(meeting))}
    did = f"moved to the meeting on {long_date(meeting.day)}"
    write_entry("move_officer_report", report, did, by=by, now=now, changes=changes, note=note)
    grant_waiting_time(report, by=by, now=now)
    report = fetch(report)
    people = dict.fromkeys([*report.writers, *(one.person for one in report.signatures.all())])
    key, context = f"{report.pk}:{now.isoformat()}", {"officer_report": report, "before": old_meeting, "note": note}
    messages = [Message(person, "officer_report_moved", key, context, by) for person in people if person != by]
    queue_messages(messages, now=now)
    return report


def next_item(old_item, meeting, *, by, now):
    """The item of the agenda of `meeting` with the title of `old_item`: one that is there, or a new one."""
    items = list(meeting.items.on_agenda().order_by("number"))
    for item in items:
        if item.title.casefold() == old_item.title.casefold() and item.kind != ItemKind.REPORT:
            return item if item.kind == ItemKind.PAPERS else change_item(item, kind=ItemKind.PAPERS, by=by, now=now)
    ends = {title.casefold() for title in rules.USUAL_END}
    number = next((item.number for item in items if item.title.casefold() in ends), None)
    return add_item(meeting, number=number, title=old_item.title, kind=ItemKind.PAPERS, by=by, now=now)


def leave_agenda(report, item, meeting, paper, *, by, now):
    """Take a report that was moved off its old agenda.

    Of a meeting that has begun or was cancelled nothing changes. Once an agenda is published its item stays, and says
    when the committee takes it; so does an item with something else.
    """
    if meeting.cancelled_at is not None or rules.has_begun(meeting, now) or item.removed_at is not None:
        return
    if paper is not None and paper.removed_at is None:
        record_removal(paper, by=by, now=now)
    others = OfficerReport.objects.filter(item=item, cancelled_at__isnull=True).exclude(pk=report.pk)
    if others.exists() or item.documents.on_agenda().exists():
        return
    item.meeting = meeting
    if has_published_agenda(meeting):
        subtitle = f"Deferred to the meeting on {long_date(report.meeting.day)}"
        change_item(item, kind=ItemKind.NOTHING, to_follow=False, subtitle=subtitle, by=by, now=now)
    else:
        remove_item(item, by=by, now=now)


def grant_waiting_time(report, *, by, now):
    """More time that was asked for is granted where the new date gives it."""
    for request in report.more_time_requests.filter(decided_at__isnull=True, wanted_until__lte=report.text_due_on):
        note = "The report was moved to a later meeting."
        changes = history.set_fields(
            request, decided_at=now, decided_by=by, granted_until=report.text_due_on, note=note
        )
        request.save()
        did = f"granted more time for the officer report “{report}” by moving it"
        history.write("grant_more_time", request, did, by=by, now=now, changes=changes)


@transaction.atomic
def cancel(report, *, by, now):
    """The report is not wanted any more; if it was signed, its paper is taken off the agenda. Raises Refused."""
    check_can("administer", by, report, timezone.localdate(now))
    locked_meeting(report.meeting, by=by, now=now)
    report = lock(report)
    rules.check_officer_report_is_current(report)
    changes = history.set_fields(report, cancelled_at=now, cancelled_by=by)
    report.save(update_fields=["cancelled_at", "cancelled_by"])
    if report.document and report.document.removed_at is None:
        record_removal(report.document, by=by, now=now)
    write_entry("cancel_officer_report", report, "cancelled", by=by, now=now, changes=changes)
    return report


# --- Written ---


@transaction.atomic
def save(report, *, version, by, now, note="", **fields):
    """Save the given WRITTEN_FIELDS and leave the others as they are. Returns the report.

    `sections` are (heading, text) pairs. `version` is the one on which the edit was based. A changed text withdraws
    signatures. Raises EditClash where a person has saved since, Refused, or ValidationError.
    """
    report, changes = change_fields(report, fields, version=version, by=by, now=now)
    if changes or report.version != version:
        store(report)
    if changes:
        behalf = represented_author(by, report)
        write_entry("save_officer_report", report, "changed", by=by, now=now, changes=changes, note=note, behalf=behalf)
        withdraw_signatures(report, by=by, now=now, why="the report has changed")
    return fetch(report)


@transaction.atomic
def submit(report, *, version, by, now, **fields):
    """Save the given fields as `save` does, and ask those who are named to sign. Raises as `save` does."""
    report, changes = change_fields(report, fields, version=version, by=by, now=now)
    if problems := missing_parts(report):
        raise ValidationError(problems)
    report.submitted_at, report.submitted_by = now, by
    store(report)
    changes |= {"submitted_at": (None, now)}
    behalf = represented_author(by, report)
    write_entry("submit_officer_report", report, "submitted", by=by, now=now, changes=changes, behalf=behalf)
    if changes.keys() - {"submitted_at"}:
        withdraw_signatures(report, by=by, now=now, why="the report has changed")
    report = fetch(report)
    ask_signers(report, [one for one in report.signatures.all() if one.signed_at is None], by=by, now=now)
    return report


def change_fields(report, fields, *, version, by, now):
    """(the locked report with these fields set, their changes for the history)."""
    if unknown := fields.keys() - set(WRITTEN_FIELDS):
        raise TypeError(f"An officer report has no {', '.join(sorted(unknown))}.")
    joining = [person for person in fields.get("contributors", ()) if person not in report.contributor_names]
    people = lock_people(joining) if joining else {}
    report = lock(report)
    check_can("write_officer_report", by, report, timezone.localdate(now))
    if version != report.version:
        raise EditClash(report)
    plain = {name: fields[name] for name in ("title", *CONTACT_FIELDS) if name in fields}
    changes = history.set_fields(report, **plain)
    if "sections" in fields:
        changes |= change_sections(report, fields["sections"])
    if "contributors" in fields:
        changes["contributors"] = change_contributors(report, list(fields["contributors"]), people, by=by, now=now)
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    if changes or report.saved_at is None:
        report.version += 1
        report.saved_at, report.saved_by = now, by
    return report, changes


def change_sections(report, pairs):
    before = {section["heading"]: section["text"] for section in report.sections}
    after = {heading.strip(): text.replace("\r\n", "\n").strip() for heading, text in pairs}
    report.sections = [{"heading": heading, "text": text} for heading, text in after.items()]
    return {heading: (before.get(heading, ""), after.get(heading, "")) for heading in {**before, **after}}


def change_contributors(report, people, rows, *, by, now):
    before = report.contributor_names
    if people != before:
        check_can("name_report_contributors", by, report, timezone.localdate(now))
        if left := next((one for one in people if one.pk in rows and not rows[one.pk].is_active), None):
            raise Refused(f"{left} has left and can no longer be named.")
        joining = [person for person in people if person not in before]
        check_sits_apart(joining, report.meeting.committee_id, timezone.localdate(now))
        report.named.all().delete()
        OfficerReportContributor.objects.bulk_create(
            OfficerReportContributor(report=report, person=person, position=position)
            for position, person in enumerate(people, start=1)
        )
        ask_writers(report, joining, by=by, now=now)
    return [str(person) for person in before], [str(person) for person in people]


def missing_parts(report):
    """What keeps a report from being submitted: {field of the form: sentence}."""
    problems = {}
    needed = {section.heading for section in TEMPLATE_SECTIONS if section.is_needed}
    names = set(report.pictures.current().values_list("name", flat=True))
    for number, section in enumerate(report.sections, start=1):
        heading, text = section["heading"], section["text"]
        field = f"text_{number}"
        if heading in needed and not text.strip():
            problems[field] = f"Write the section “{heading}”. Where there is nothing to say, say so."
        elif found := find_sign_off_required(f"{heading}\n\n{text}"):
            problems[field] = f"Remove “{found}”: who signs is asked here, and printed when they have."
        elif faults := read_markup(text, names).faults:
            problems[field] = list(faults)
    for field in ("title", *CONTACT_FIELDS):
        if found := find_sign_off_required(getattr(report, field)):
            problems[field] = f"Remove “{found}”: who signs is asked here, and printed when they have."
    if not report.contact_name:
        problems["contact_name"] = "Enter the contact officer: people ask them about the report."
    if not (report.contact_telephone or report.contact_email):
        problems["contact_telephone"] = "Enter a telephone number or an e-mail address of the contact officer."
    return problems


def store(report):
    fields = ("title", *CONTACT_FIELDS, "sections", "version", "saved_at", "saved_by", "submitted_at", "submitted_by")
    save_valid(report, exclude=["item"], update_fields=fields)


@delete_files_on_rollback()
@transaction.atomic
def add_picture(report, received, *, alternative_text, by, now):
    """Keep a picture for the text; `received` is what `process_picture` returns. Returns the OfficerReportPicture."""
    report = lock(report)
    check_can("write_officer_report", by, report, timezone.localdate(now))
    if report.pictures.current().count() >= MOST_PICTURES:
        raise ValidationError(f"A report can have at most {MOST_PICTURES} pictures. Remove one first.")
    picture = OfficerReportPicture(
        report=report,
        name=f"picture-{report.pictures.count() + 1}.{received.extension}",
        alternative_text=alternative_text,
        original_name=received.original_name,
        checksum=received.checksum,
        width=received.width,
        height=received.height,
        uploaded_at=now,
        uploaded_by=by,
    )
    picture.file.save(f"{received.checksum[:32]}.{received.extension}", ContentFile(received.data), save=False)
    note_stored_files(picture.file)
    save_valid(picture, exclude=["report"])
    changes = history.first_values(picture, "name", "alternative_text", "original_name", "file", "checksum")
    write_picture_entry("add_report_picture", picture, "added", by=by, now=now, changes=changes)
    return picture


@transaction.atomic
def remove_picture(picture, *, by, now):
    """Take a picture away; the text must not name it any more. Raises Refused."""
    report = lock(picture.report)
    check_can("write_officer_report", by, report, timezone.localdate(now))
    picture = report.pictures.get(pk=picture.pk)
    if picture.removed_at is not None:
        raise Refused("This picture has been removed already.")
    changes = history.set_fields(picture, removed_at=now, removed_by=by)
    picture.save(update_fields=["removed_at", "removed_by"])
    write_picture_entry("remove_report_picture", picture, "removed", by=by, now=now, changes=changes)
    return picture


def write_picture_entry(verb, picture, did, *, by, **entry):
    sentence = f"{did} {picture.name} of the officer report “{picture.report}”"
    behalf = represented_author(by, picture.report)
    history.write(verb, picture, sentence, by=by, on_behalf_of=behalf, **entry)


@delete_files_on_rollback()
@transaction.atomic
def accept_word(report, read, *, version, file_name, by, now):
    """Take what an uploaded Word file says (a ReadOfficerReport) in place of what is recorded, as `save` does.

    Its sections and pictures, and of its head what is filled in but for names; pictures that no text names any more
    are removed.
    """
    names, pictures = {}, {}
    for name, data in read.pictures.items():
        known = ReceivedPicture.of(data, f"{file_name}: {name}")
        alternative = next(filter(None, alternatives(read.sections, name)), "A picture")
        pictures[name] = add_picture(report, known, alternative_text=alternative[:500], by=by, now=now)
        names[name] = pictures[name].name
    sections = [
        (section.heading, write_markup([renamed_picture(block, names) for block in section.blocks]))
        for section in read.sections
    ]
    contact = {name: getattr(read.contact, name.removeprefix("contact_")) for name in CONTACT_FIELDS}
    head = {name: value for name, value in ({"title": read.title} | contact).items() if value}
    note = f"From the Word file “{file_name}”."
    report = save(report, version=version, sections=sections, **head, note=note, by=by, now=now)
    text = "\n".join(section["text"] for section in report.sections)
    for picture in report.pictures.current():
        if picture.name not in text:
            remove_picture(picture, by=by, now=now)
    return report


def alternatives(sections, name):
    blocks = (block for section in sections for block in section.blocks if isinstance(block, PictureBlock))
    return (block.alternative for block in blocks if block.name == name)


def renamed_picture(block, names):
    if isinstance(block, PictureBlock) and block.name in names:
        return replace(block, name=names[block.name])
    return block


# --- Signed, or sent back ---


@transaction.atomic
def return_report(report, *, note, by, now):
    """Send the report back to be written again. Raises Refused without a note."""
    report = lock(report)
    check_can("return_officer_report", by, report, timezone.localdate(now))
    if not note.strip():
        raise Refused("Say what you would like changed.")
    for signature in report.signatures.all():
        if signature.person == by and signature.signed_at is not None:
            withdraw_signature(signature, by=by, now=now, why="they returned the report")
    return open_again(report, note.strip(), "return_officer_report", "returned", by=by, now=now)


@transaction.atomic
def reopen(report, *, reason, by, now):
    """A clerk opens a submitted or signed report again; its signatures are withdrawn. Raises Refused.

    Its paper stays on the agenda until the next version is signed, but cannot be published.
    """
    report = lock(report)
    check_can("reopen_officer_report", by, report, timezone.localdate(now))
    if not reason.strip():
        raise Refused("Say why the report is reopened.")
    withdraw_signatures(report, by=by, now=now, why="the report was reopened")
    return open_again(report, reason.strip(), "reopen_officer_report", "reopened", by=by, now=now)


def open_again(report, note, verb, did, *, by, now):
    due = rules.return_due(timezone.localdate(now), report.sign_off_due_on, clear_days())
    changes = history.set_fields(
        report, submitted_at=None, submitted_by=None, signed_off_at=None, signed_off_by=None, return_due_on=due
    )
    changes = {name: changes[name] for name in ("submitted_at", "signed_off_at", "return_due_on")}
    report.returned_at, report.returned_by, report.return_note = now, by, note
    report.save()
    write_entry(verb, report, did, by=by, now=now, changes=changes, note=note)
    report = fetch(report)
    people = [person for person in report.writers if person.email and person.is_active] or clerks()
    key = f"{report.pk}:{now.isoformat()}"
    queue_messages(
        [Message(person, "officer_report_returned", key, {"officer_report": report}, by) for person in people], now=now
    )
    return report


def sign(signature, *, by, now, seen=None):
    """The person named signs. `seen` is the version of the report that they read (None: not asked).

    With the last signature the report becomes a paper of its item. Raises EditClash where the text has changed since,
    Refused, or PdfFailed.
    """
    return record_signature("sign_officer_report", signature, evidence_note="", seen=seen, by=by, now=now)


def record_sign_off(signature, *, evidence_note, by, now):
    """A clerk records the sign-off of another person, with a note of how it is known. Raises Refused without one."""
    if not evidence_note.strip():
        raise Refused("Note how their agreement is known: an e-mail of 3 November, say.")
    note = evidence_note.strip()
    return record_signature("record_report_signature", signature, evidence_note=note, seen=None, by=by, now=now)


def record_signature(right, signature, *, evidence_note, seen, by, now):
    signature = OfficerReportSignature.objects.select_related("person").get(pk=signature.pk)
    signature.report = report = fetch(signature.report)
    check_can(right, by, signature, timezone.localdate(now))
    if seen is not None and seen != report.version:
        raise EditClash(report)
    # Set before anything is locked, because that takes seconds.
    others = [one for one in report.signatures.all() if one.pk != signature.pk]
    paper = make_paper(report, now, signature) if all(one.signed_at for one in others) else None
    return store_signature(right, signature, paper, report.version, evidence_note, by=by, now=now)


@delete_files_on_rollback()
@transaction.atomic
def store_signature(right, signature, paper, version, evidence_note, *, by, now):
    Meeting.objects.select_for_update().get(pk=signature.report.item.meeting_id)
    report = lock(signature.report)
    signature = OfficerReportSignature.objects.select_related("person").get(pk=signature.pk)
    signature.report = report
    check_can(right, by, signature, timezone.localdate(now))
    if version != report.version:
        raise EditClash(report)
    changes = history.set_fields(signature, signed_at=now, signed_by=by, evidence_note=evidence_note)
    signature.signed_checksum = text_checksum(report)
    signature.save()
    did = "signed" if by == signature.person else f"recorded the sign-off of {signature.person} of"
    history.write(
        "sign_officer_report",
        signature,
        f"{did} the officer report “{report}”",
        by=by,
        now=now,
        changes=changes,
        note=evidence_note,
        on_behalf_of=signature.person,
    )
    complete(fetch(report), paper, by=by, now=now)
    return signature


def make_paper(report, now, pending=None):
    """The PDF of the report, checked as an upload is: a ReceivedPaper. `pending` is a signature about to be given."""
    content = officer_report_content(report, signed_on=timezone.localdate(now), pending=pending)
    pdf = officer_report_pdf(content, picture_bytes(report), in_pack=True)
    return process_paper(BytesIO(pdf), f"{report.title}.pdf")


def text_checksum(report):
    """SHA-256 of what a signature is given for: what was written, not for which meeting nor who signs."""
    pictures = [[one.name, one.alternative_text, one.checksum] for one in report.pictures.current()]
    contact = [getattr(report, name) for name in CONTACT_FIELDS]
    return checksum_of_data([report.title, report.exempt_paragraph, contact, report.sections, pictures])


def store_report_paper(report, item, paper, *, by, now, **place):
    fields = {"title": report.title, "exempt_paragraph": report.exempt_paragraph, "contact": report.contact}
    return store_paper(item, paper, **fields, **place, by=by, now=now)


def complete(report, paper, *, by, now):
    """When all who are named have signed, the report is a paper of its item, in place of an earlier one."""
    signatures = report.signatures.all()
    if report.submitted_at is None or not signatures or not all(one.signed_at for one in signatures):
        return
    text = text_checksum(report)
    if other := next((one for one in signatures if one.signed_checksum != text), None):
        raise Refused(f"{other.person} signed another text than this. Reopen the report, so that they are asked again.")
    paper = paper or make_paper(report, now)
    old = report.document if report.document and report.document.removed_at is None else None
    place = {"supplement": open_supplement(report.meeting), "position": None}
    if old is not None:
        record_removal(old, by=by, now=now)
        place = {"supplement": old.supplement, "position": old.position}
    document = store_report_paper(report, report.item, paper, by=by, now=now, **place)
    changes = history.set_fields(report, signed_off_at=now, signed_off_by=by, document=document)
    report.save(update_fields=["signed_off_at", "signed_off_by", "document"])
    write_entry("complete_officer_report", report, "completed the sign-off of", by=by, now=now, changes=changes)
    people = dict.fromkeys([*clerks(), *(person for person in report.writers if person != by)])
    key, context = f"{report.pk}:{now.isoformat()}", {"officer_report": report}
    queue_messages([Message(person, "officer_report_signed", key, context) for person in people], now=now)


def withdraw_signatures(report, *, by, now, why):
    for signature in report.signatures.filter(signed_at__isnull=False).select_related("person"):
        withdraw_signature(signature, by=by, now=now, why=why)


def withdraw_signature(signature, *, by, now, why):
    """Take back one signature, and notify the person unless they did it themselves; `why` completes "because ..."."""
    changes = history.set_fields(signature, signed_at=None, signed_by=None, evidence_note="")
    signature.signed_checksum = ""
    signature.save()
    history.write(
        "withdraw_report_signature",
        signature,
        f"caused the sign-off of {signature.person} to be withdrawn: {why}",
        by=by,
        now=now,
        changes=changes,
    )
    if by != signature.person:
        context = {"officer_report": signature.report, "why": why}
        key = f"{signature.pk}:{now.isoformat()}"
        queue_messages([Message(signature.person, "report_signature_withdrawn", key, context, by)], now=now)


# --- A person leaves: for `handover`, which has checked the permission and notifies who takes over ---


def hand_over_report(report, taker, *, by, now):
    report = lock(report)
    left = report.author
    changes = history.set_fields(report, author=taker, version=report.version + 1)
    if report.contact_name == left.name:
        contact = {"contact_job_title": taker.job_title, "contact_telephone": "", "contact_email": taker.email or ""}
        changes |= history.set_fields(report, contact_name=taker.name, **contact)
    report.save()
    # Who takes over need not be named beside themselves.
    report.named.filter(person=taker).delete()
    del changes["version"]
    write_entry("hand_over", report, f"handed over to {taker}", by=by, now=now, changes=changes)
    withdraw_signatures(report, by=by, now=now, why="the report has another author")


def hand_over_signature(signature, taker, *, by, now):
    """Returns whether there is something to sign for `taker`, who may sign the report anyway."""
    report = lock(signature.report)
    sentence = f"handed the sign-off of the officer report “{report}” over to {taker}"
    changes = {"person": (signature.person, taker)}
    if any(one.person == taker for one in report.signatures.all()):
        history.write("hand_over", signature, sentence, by=by, now=now, changes=changes, deleted=[signature])
        signature.delete()
        complete(fetch(report), None, by=by, now=now)
        return False
    signature.person = taker
    signature.save(update_fields=["person"])
    history.write("hand_over", signature, sentence, by=by, now=now, changes=changes)
    return True


def remove_contributor(person, *, by, now):
    """Of the reports that are still being written: their authors write on."""
    for report in OfficerReport.objects.open().filter(named__person=person).order_by("pk"):
        report = lock(report)
        before = [str(one) for one in report.contributor_names]
        report.named.filter(person=person).delete()
        OfficerReport.objects.filter(pk=report.pk).update(version=report.version + 1)
        report = fetch(report)
        changes = {"contributors": (before, [str(one) for one in report.contributor_names])}
        write_entry("hand_over", report, f"took {person} from the contributors of", by=by, now=now, changes=changes)


# --- Shared ---


def ask_writers(report, people, *, by, now):
    key = f"{report.pk}:{report.version}"
    queue_messages(
        [Message(person, "officer_report_wanted", key, {"officer_report": report}, by) for person in people], now=now
    )


def ask_signers(report, signatures, *, by, now):
    key = f"{report.pk}:{now.isoformat()}"
    messages = [
        Message(
            one.person,
            "officer_report_to_sign",
            key,
            {"officer_report": report},
            by,
            (f"report_signature:{one.pk}",),
        )
        for one in signatures
    ]
    queue_messages(messages, now=now)


def fetch(report):
    return OfficerReport.objects.for_page().select_related("document").get(pk=report.pk)


def lock(report):
    OfficerReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    return fetch(report)


def represented_author(by, report):
    """The author where another person than those who write the report does it for them; else None."""
    return None if by in report.writers else report.author


def write_entry(verb, report, did, *, behalf=None, **entry):
    """`did` is what was done to the report: "changed"."""
    history.write(verb, report, f"{did} the officer report “{report}”", on_behalf_of=behalf, **entry)
