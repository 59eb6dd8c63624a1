"""After a meeting: attendance and outcomes recorded, published, corrected, withdrawn; the signed minutes received."""

from datetime import time
from itertools import chain

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import get_text_list

from inquiries import rules
from inquiries.actions import history
from inquiries.actions.exempt_check import check_nothing_stops, check_texts, search
from inquiries.actions.meetings import locked_meeting
from inquiries.actions.records import delete_files_on_rollback, keep_received, merge_values, save_valid
from inquiries.choices import Presence, PresentAs
from inquiries.documents.content import long_date
from inquiries.documents.exempt_search import texts_of_data, texts_of_pdf
from inquiries.documents.minutes import minutes_from_json, printed_texts
from inquiries.documents.recorded_minutes import items_of, recorded_minutes
from inquiries.models import (
    ItemOutcome,
    Minutes,
    MinutesEdition,
    Person,
    ProgressReport,
    SignedMinutes,
)
from inquiries.models.fields import checksum_of_data
from inquiries.permissions import Refused
from inquiries.serialization import to_plain_data

SMALL_HOURS_END = time(6)
ATTENDANCE_FIELDS = ("person_id", "name", "present_as", "presence", "substitute_for_id", "note", "position")


def held_meeting(meeting, *, by, now):
    meeting = locked_meeting(meeting, by=by, now=now)
    rules.check_was_held(meeting, now)
    return meeting


# --- Who was there -----------------------------------------------------------------------------------


def attendance_values(meeting):
    """What is recorded, by the names of the form's fields: `presence_12` and `note_12` of a member, `substitute_1`
    with `substitute_for_1`, `officers` and `other_officers`, `declarer_1` with `nature_1`, and so on."""
    recorded = getattr(meeting, "minutes", None)
    values = {
        "started": recorded.started if recorded else None,
        "ended": recorded.ended if recorded else None,
        "officers": [],
        "guests": [],
        "other_officers": [],
        "other_guests": [],
    }
    substitutes = 0
    for row in meeting.attendance.select_related("person", "substitute_for"):
        if row.present_as == PresentAs.MEMBER:
            values |= {f"presence_{row.person_id}": row.presence, f"note_{row.person_id}": row.note}
        elif row.present_as == PresentAs.SUBSTITUTE:
            substitutes += 1
            values |= {
                f"substitute_{substitutes}": row.person.name if row.person_id else row.name,
                f"substitute_for_{substitutes}": row.substitute_for,
            }
        else:
            kind = "officers" if row.present_as == PresentAs.OFFICER else "guests"
            values[kind if row.person_id else f"other_{kind}"].append(row.person or row.name)
    for number, one in enumerate(meeting.declarations.select_related("person", "item"), start=1):
        values |= {
            f"declarer_{number}": one.person,
            f"declared_item_{number}": one.item,
            f"nature_{number}": one.nature,
        }
    return values | {name: "\n".join(values[name]) for name in ("other_officers", "other_guests")}


@transaction.atomic
def record_attendance(meeting, *, by, now, based_on=None, **values):
    """Record when a meeting began and ended, who was there, and what they declared; `values` as `attendance_values`.

    Raises Refused, ValidationError, or FieldsChanged (see `merge_values`).
    """
    meeting = held_meeting(meeting, by=by, now=now)
    recorded = attendance_values(meeting)
    before = described(meeting)
    empty = dict.fromkeys(values, "")
    merged = empty | recorded | merge_values(meeting, values, based_on, recorded=empty | recorded)
    minutes = getattr(meeting, "minutes", None) or Minutes(meeting=meeting)
    minutes.started, minutes.ended = merged["started"] or None, merged["ended"] or None
    # A meeting that goes on after midnight ends in the small hours.
    if minutes.started and minutes.ended and SMALL_HOURS_END < minutes.ended < minutes.started:
        raise ValidationError({"ended": "The meeting cannot have ended before it began."})
    minutes.attendance_at, minutes.attendance_by = now, by
    save_valid(minutes)
    rows = list(attendance_rows(merged))
    deleted = replace_rows(meeting.attendance, rows, ("present_as", "person_id", "name"), ATTENDANCE_FIELDS)
    declared = list(declaration_rows(merged))
    deleted += replace_rows(meeting.declarations, declared, ("position",), ("person_id", "item_id", "nature"))
    after = described(meeting)
    history.write(
        "record_attendance",
        meeting,
        "recorded who attended the meeting",
        by=by,
        now=now,
        changes={name: (before[name], after[name]) for name in after},
        also=[minutes, *meeting.attendance.all(), *meeting.declarations.all()],
        deleted=deleted,
    )
    return minutes


def attendance_rows(values):
    """The fields of each Attendance, in their order."""
    seen = {}

    def row(field, present_as, *, person=None, name="", **more):
        name = name.strip()
        if person is None and "," not in name:
            found = list(Person.objects.present().named(name)[:2])
            person = found[0].pk if len(found) == 1 else None
        if person in seen:
            raise ValidationError({field: f"{seen[person]} is named twice: take one of the two out."})
        if person is not None:
            seen[person] = Person.objects.get(pk=person).name
        plain = {"presence": Presence.PRESENT, "substitute_for_id": None, "note": ""}
        named = {"person_id": person, "name": "" if person else name, "present_as": present_as}
        return plain | named | more

    rows = []
    for field, presence in values.items():
        if field.startswith("presence_") and presence:
            key = int(field.removeprefix("presence_"))
            note = values.get(f"note_{key}", "")
            rows.append(row(field, PresentAs.MEMBER, person=key, presence=presence, note=note))
    for number in numbers_of(values, "substitute_for_"):
        field = f"substitute_{number}"
        absent = values[f"substitute_for_{number}"]
        if values.get(field):
            if absent and values.get(f"presence_{absent.pk}") == Presence.PRESENT:
                raise ValidationError({f"substitute_for_{number}": f"{absent} was present: nobody stood in for them."})
            instead = {"substitute_for_id": absent.pk if absent else None}
            rows.append(row(field, PresentAs.SUBSTITUTE, name=values[field], **instead))
    for kind, present_as in (("officers", PresentAs.OFFICER), ("guests", PresentAs.GUEST)):
        rows += [row(kind, present_as, person=person.pk) for person in values[kind]]
        lines = [line for line in values[f"other_{kind}"].splitlines() if line.strip()]
        rows += [row(f"other_{kind}", present_as, name=line) for line in lines]
    return [one | {"position": position} for position, one in enumerate(rows, start=1)]


def declaration_rows(values):
    position = 0
    for number in numbers_of(values, "declarer_"):
        person, nature = values[f"declarer_{number}"], values.get(f"nature_{number}", "")
        item = values.get(f"declared_item_{number}") or None
        if not (person or nature or item):
            continue
        if not person:
            raise ValidationError({f"declarer_{number}": "Choose who declared the interest."})
        if not nature:
            raise ValidationError({f"nature_{number}": f"Say what interest {person} declared."})
        position += 1
        yield {"person_id": person.pk, "item_id": item.pk if item else None, "nature": nature, "position": position}


def numbers_of(values, prefix):
    return sorted(int(name.removeprefix(prefix)) for name in values if name.startswith(prefix))


def replace_rows(manager, wanted, keys, fields):
    """Make the rows of a meeting those that are `wanted`: equal ones stay. Returns those that are deleted."""
    present = {tuple(getattr(row, key) for key in keys): row for row in manager.all()}
    kept = {tuple(values[key] for key in keys): values for values in wanted}
    deleted = [row for key, row in present.items() if key not in kept]
    manager.filter(pk__in=[row.pk for row in deleted]).delete()
    for key, values in kept.items():
        row = present.get(key) or manager.model(meeting=manager.instance)
        if row._state.adding or any(getattr(row, name) != values[name] for name in fields):
            for name, value in values.items():
                setattr(row, name, value)
            save_valid(row)
    return deleted


def described(meeting):
    """Attendance and declarations in words, for the history."""
    content = recorded_minutes(meeting, items=[])
    lists = ("present", "apologies", "absent", "officers", "guests", "declarations")
    words = {name: [str(one) for one in getattr(content, name)] for name in lists}
    return words | {"started": content.started, "ended": content.ended}


# --- What was decided --------------------------------------------------------------------------------


def outcome_values(meeting, items):
    """What is recorded of the `items_of` a meeting, by the names of the form's fields: `first_number`, and of an item
    `outcome_12`, `exempt_12` and `paragraph_12`."""
    recorded = getattr(meeting, "minutes", None)
    values = {"first_number": recorded.first_number if recorded else ""}
    for item in items:
        outcome = getattr(item, "outcome", None) or ItemOutcome()
        values |= {
            f"outcome_{item.pk}": outcome.text,
            f"exempt_{item.pk}": outcome.exempt_text,
            f"paragraph_{item.pk}": outcome.exempt_paragraph,
        }
    return values


@transaction.atomic
def record_outcomes(meeting, *, by, now, based_on=None, **values):
    """Record what was decided of each item, and the number of the first minute; `values` as `outcome_values`.

    Raises Refused, ValidationError, or FieldsChanged (see `merge_values`).
    """
    meeting = held_meeting(meeting, by=by, now=now)
    items = items_of(meeting)
    recorded = outcome_values(meeting, items)
    values = {name: value for name, value in values.items() if name in recorded}
    merged = recorded | merge_values(meeting, values, based_on, recorded=recorded)
    minutes = getattr(meeting, "minutes", None) or Minutes(meeting=meeting)
    changes = history.set_fields(minutes, first_number=merged["first_number"])
    if minutes._state.adding or changes["first_number"][0] != minutes.first_number:
        save_valid(minutes)
        sentence = "recorded how the minutes are numbered" if minutes.first_number else "began the minutes"
        history.write("number_minutes", meeting, sentence, by=by, now=now, changes=changes, also=[minutes])
    for item in items:
        record_outcome(
            item,
            text=merged[f"outcome_{item.pk}"].strip(),
            exempt_text=merged[f"exempt_{item.pk}"].strip(),
            exempt_paragraph=merged[f"paragraph_{item.pk}"] or None,
            by=by,
            now=now,
        )
    return minutes


def record_outcome(item, *, by, now, **fields):
    before = getattr(item, "outcome", None)
    outcome = before or ItemOutcome(item=item)
    if fields["exempt_text"] and fields["exempt_paragraph"] is None:
        message = f"Name the paragraph of Schedule 12A under which this part of item {item.number} is exempt."
        raise ValidationError({f"paragraph_{item.pk}": message})
    if not fields["exempt_text"]:
        fields["exempt_paragraph"] = None
    changes = history.set_fields(outcome, **fields)
    if all(old == new for old, new in changes.values()):
        return
    about = {"by": by, "now": now, "changes": changes, "inquiry": item.report.inquiry if item.report_id else None}
    sentence = f"recorded the outcome of item “{item}”"
    if not (outcome.text or outcome.exempt_text):
        history.write("record_outcome", item, sentence, deleted=[outcome], **about)
        outcome.delete()
        return
    outcome.recorded_at, outcome.recorded_by = now, by
    save_valid(outcome)
    history.write("record_outcome", item, sentence, also=[outcome], **about)


# --- Published, corrected, withdrawn -----------------------------------------------------------------


def minutes_version(content):
    """A text that is the same for the same minutes."""
    return checksum_of_data(to_plain_data(content))


def published_content(meeting):
    """The MinutesContent of what the public reads now, or None."""
    edition = MinutesEdition.objects.filter(meeting=meeting).order_by("number").last()
    return minutes_from_json(edition.content) if edition and edition.withdrawn_at is None else None


def publication_obstacles(meeting, content):
    """Why what is recorded cannot be published yet, in sentences."""
    found = [] if content.minutes else ["The agenda has no items, so there is nothing to publish."]
    missing = [str(one.number) for one in content.minutes if not (one.outcome or one.exempt)]
    if missing:
        item = "item" if len(missing) == 1 else "items"
        found.append(f"Record the outcome of {item} {get_text_list(missing, 'and')} first.")
    if not content.is_attendance_recorded:
        found.append("Record who attended first.")
    waiting = ProgressReport.objects.filter(
        agenda_items__meeting=meeting,
        agenda_items__removed_at__isnull=True,
        meeting=meeting,
        assessed_at__isnull=True,
        updates__assessment__rating__isnull=False,
    )
    # An outcome may name the ratings, which are public once they are confirmed.
    for report in waiting.select_related("inquiry").distinct():
        found.append(f"The assessments of “{report.inquiry}” are recorded and not confirmed: confirm them first.")
    return found


@transaction.atomic
def publish_minutes(meeting, *, seen, by, now, reason=""):
    """Publish attendance and outcomes as they are recorded now, in place of what was published before.

    `seen` is the `minutes_version` of what the person looked at; `reason` says what a correction corrects. Returns
    the MinutesEdition. Raises Refused (ExemptTextFound, where exempt words were found) or ValidationError.
    """
    meeting = held_meeting(meeting, by=by, now=now)
    content = recorded_minutes(meeting)
    if obstacles := publication_obstacles(meeting, content):
        raise Refused(" ".join(obstacles))
    if seen != minutes_version(content):
        raise Refused("The minutes have just been changed. Look at them again, then publish them.")
    if content == published_content(meeting):
        raise Refused("This is published already, and nothing has changed since.")
    data = to_plain_data(content)
    texts = chain(printed_texts(content), texts_of_data(data | {"reason of the correction": reason}))
    check_nothing_stops(search(texts, meetings=[meeting]))
    number = MinutesEdition.objects.filter(meeting=meeting).count() + 1
    if number > 1 and not reason.strip():
        raise ValidationError({"reason": "Say what is corrected, and why."})
    edition = MinutesEdition(meeting=meeting, number=number, content=data, reason=reason if number > 1 else "")
    edition.published_at, edition.published_by = now, by
    save_valid(edition)
    changes = history.first_values(edition, "number", "reason") | {"content_checksum": ("", checksum_of_data(data))}
    did = "published what was decided" if number == 1 else "published a correction of what was decided"
    history.write("publish_minutes", meeting, did, by=by, now=now, changes=changes, note=edition.reason, also=[edition])
    return edition


@delete_files_on_rollback()
@transaction.atomic
def add_signed_minutes(meeting, received, *, signed_meeting, by, now):
    """Keep and publish the minutes that were agreed and signed; `received` is what the check of uploads returns.

    Returns the SignedMinutes. Raises Refused (ExemptTextFound, where exempt words were found) or ValidationError.
    """
    meeting = held_meeting(meeting, by=by, now=now)
    if signed_meeting is not None:
        if signed_meeting.committee_id != meeting.committee_id or signed_meeting.start <= meeting.start:
            raise ValidationError({"signed_meeting": "Choose a later meeting of this committee."})
        rules.check_was_held(signed_meeting, now)
    signed = SignedMinutes(meeting=meeting, signed_meeting=signed_meeting)
    keep_received(signed, received, by=by, now=now)
    save_valid(signed)
    check_nothing_stops(search(texts_of_pdf(received.pdf), meetings=[meeting]))
    when = f", signed on {long_date(signed_meeting.day)}" if signed_meeting else ""
    history.write(
        "add_signed_minutes",
        meeting,
        f"published the signed minutes{when}",
        by=by,
        now=now,
        changes=history.first_values(signed, "original_name", "file", "checksum", "page_count", "signed_meeting"),
        also=[signed],
    )
    return signed


@transaction.atomic
def withdraw_minutes(published, *, reason, by, now):
    """Take back a MinutesEdition or SignedMinutes: only clerks read it any more. Raises Refused or ValidationError."""
    meeting = locked_meeting(published.meeting, by=by, now=now)
    published = type(published).objects.get(pk=published.pk)
    if published.withdrawn_at is not None:
        raise Refused("This has been withdrawn already.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why it is withdrawn."})
    check_texts({"reason": reason}, meetings=[meeting])
    changes = history.set_fields(published, withdrawn_at=now, withdrawn_by=by, withdrawn_reason=reason.strip())
    save_valid(published, update_fields=list(changes), exclude=["file"])
    what = "the signed minutes" if isinstance(published, SignedMinutes) else f"draft minutes {published.number}"
    sentence = f"withdrew {what} of the meeting"
    history.write("withdraw_minutes", meeting, sentence, by=by, now=now, changes=changes, note=reason, also=[published])
    return published
