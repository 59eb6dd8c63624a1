"""The parts of an export: each a function from the records of one person to data."""

import re

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q, TextField
from django.http import QueryDict
from django.utils import timezone

from inquiries.actions.people import LOGIN_APPS, related_models
from inquiries.actions.personal_data.others import Own
from inquiries.actions.personal_data.traces import KEPT_WORDS, drafts_naming, lists_naming, sessions_of
from inquiries.actions.sessions import FACTORS
from inquiries.documents.content import long_date
from inquiries.imports.people_csv import HEADINGS
from inquiries.models import (
    Assessment,
    CabinetMember,
    Entry,
    Indication,
    Membership,
    Notification,
    Person,
    PersonalValue,
    ProgressUpdate,
    Response,
    SignOff,
)
from inquiries.models.history import KEPT_APART

# Told in sections of their own; whatever else points to the person is listed by itself.
TOLD = {Membership, CabinetMember, Notification, Indication, Assessment, PersonalValue}
PARTS_OF_THE_RECORD = ("invited", "left", "merged", "erased")


def account(people):
    """The person's own record, and those that were merged into it."""
    return [
        {
            "Number": person.pk,
            "Name": person.name,
            "E-mail address": person.email or "",
            "Job title": person.job_title,
            "Organisation": person.organisation,
            "Clerk": _yes(person.is_clerk),
            "Active": _yes(person.is_active),
            "Signed in last": _when(person.last_login),
            **{fact.capitalize(): _when(getattr(person, f"{fact}_at")) for fact in PARTS_OF_THE_RECORD},
        }
        for person in people
    ]


def ways_to_sign_in(people):
    """Names and dates, never secrets."""
    addresses = EmailAddress.objects.filter(user__in=people).order_by("pk")
    factors = Authenticator.objects.filter(user__in=people).order_by("pk")
    connected = SocialAccount.objects.filter(user__in=people).order_by("pk")
    return {
        "E-mail addresses": [
            {"Address": Own(a.email), "Confirmed": _yes(a.verified), "Used for signing in": _yes(a.primary)}
            for a in addresses
        ],
        "Second factors": [
            {
                "Kind": FACTORS[factor.type],
                "Called": Own(factor.data.get("name", "")),
                "Added": _when(factor.created_at),
                "Used last": _when(factor.last_used_at),
            }
            for factor in factors
        ],
        "Accounts elsewhere": [
            {
                "With": one.provider,
                "Known there as": Own(one.uid),
                "Connected": _when(one.date_joined),
                "Used last": _when(one.last_login),
                "What it told us": {name: Own(str(value)) for name, value in sorted(one.extra_data.items())},
            }
            for one in connected
        ],
        "Earlier e-mail addresses": [
            {"Before": Own(value.before), "After": Own(value.after)}
            for value in PersonalValue.objects.filter(person__in=people).order_by("pk")
        ],
    }


def sessions(people):
    """Where they are signed in, and the words that are kept for them there."""
    keys = {str(person.pk) for person in people}
    found = []
    for session in sessions_of(people):
        held = session.get_decoded()
        is_theirs = held.get(SESSION_KEY) in keys
        kept = {
            page: {name: Own(", ".join(values)) for name, values in QueryDict(sent).lists()}
            for page, sent in held.get(KEPT_WORDS, {}).items()
            if is_theirs or QueryDict(sent).get("writer") in keys
        }
        found.append({"Ends": _when(session.expire_date), "Signed in": _yes(is_theirs), "Words kept": kept})
    return found


def seats(people):
    """Seats on committees and portfolios in Cabinet."""
    return [
        {
            "Committee": str(seat.committee),
            "As": seat.get_role_display(),
            "From": _day(seat.from_date),
            "Until": _day(seat.until_date),
        }
        for seat in Membership.objects.filter(person__in=people).select_related("committee").order_by("from_date", "pk")
    ] + [
        {"Portfolio": seat.portfolio, "From": _day(seat.from_date), "Until": _day(seat.until_date)}
        for seat in CabinetMember.objects.filter(person__in=people).order_by("from_date", "pk")
    ]


def responses(people):
    """What they lead, and what they are named to sign."""
    found = (
        Response.objects.filter(Q(lead_officer__in=people) | Q(cabinet_member__in=people))
        .select_related("inquiry")
        .prefetch_related("recommendations")
        .order_by("pk")
    )
    keys = {person.pk for person in people}
    return [
        {
            "Inquiry": str(response.inquiry),
            "Recommendations": response.references,
            "As": "Lead officer" if response.lead_officer_id in keys else "Cabinet Member",
        }
        for response in found
    ]


def updates(people):
    """Progress updates that are theirs; the words only where they were the last to save or submit them."""
    keys = [person.pk for person in people]
    theirs = (
        Q(saved_by__in=keys) | Q(submitted_by__in=keys) | Q(named__person__in=keys) | Q(response__lead_officer__in=keys)
    )
    found = ProgressUpdate.objects.filter(pk__in=ProgressUpdate.objects.filter(theirs).values("pk")).for_page()
    return [_update(update, set(keys)) for update in found]


def _update(update, keys):
    told = {
        "Inquiry": str(update.report.inquiry),
        "Report": update.report.kind,
        "Recommendations": update.response.references,
        "Lead officer": _yes(update.response.lead_officer_id in keys),
        "Contributor": _yes(any(named.person_id in keys for named in update.named.all())),
        "Submitted by them": _when(update.submitted_at if update.submitted_by_id in keys else None),
    }
    if update.saved_by_id in keys:
        told |= {
            "Saved by them": _when(update.saved_at),
            "Text": Own(update.text),
            "Exempt part": Own(update.exempt_text if _wrote_what_is_exempt(update, keys) else ""),
            "Their own view": update.get_officer_view_display(),
            "Evidence": [f"{one.title}: {one.url}" for one in update.evidence.all()],
        }
    if update.returned_by_id in keys:
        told |= {"Returned by them": _when(update.returned_at), "Their note": Own(update.return_note)}
    return told


def _wrote_what_is_exempt(update, keys):
    """Whether the exempt words are theirs: who saves an update last has not written all of it."""
    if "exempt_text" in update.recorded:  # saved since the last entry
        return update.saved_by_id in keys
    for entry in Entry.objects.about(update):
        before, after = entry.changes.get("exempt_text", (None, None))
        if before != after:
            return entry.by_id in keys
    return update.saved_by_id in keys


def sign_offs(people):
    """Reports they were named to sign, and those they signed for somebody else."""
    found = SignOff.objects.filter(Q(person__in=people) | Q(signed_by__in=people)).select_related("report__inquiry")
    keys = {person.pk for person in people}
    return [
        {
            "Report": str(sign_off.report),
            "Signed": _when(sign_off.signed_at),
            "By themselves": _yes(sign_off.signed_by_id in keys and sign_off.person_id in keys),
            "On behalf of another person": _yes(sign_off.person_id not in keys),
            "Evidence": sign_off.evidence_note,
        }
        for sign_off in found.order_by("pk")
    ]


def views(people):
    """Their own indications, and the assessments they recorded for the committee."""
    about = "update__report__inquiry", "update__response"
    return [
        {
            kind: str(one.update.report),
            "Recommendations": one.update.response.references,
            "Rating": one.get_rating_display() or "",
            words: Own(getattr(one, field)),
            "Recorded": _when(one.recorded_at),
        }
        for model, kind, words, field in (
            (Indication, "Indication on", "Note", "note"),
            (Assessment, "Assessment recorded in", "Comment", "comment"),
        )
        for one in model.objects.filter(recorded_by__in=people).select_related(*about).order_by("pk")
    ]


def notifications(people):
    """What was sent, or waits to be sent, to them."""
    return [
        {
            "Subject": notification.subject,
            "Text": notification.body,
            "Written": _when(notification.queued_on),
            "Sent": _when(notification.sent_on),
        }
        for notification in Notification.objects.filter(recipient__in=people).order_by("pk")
    ]


def on_the_way_in(people):
    """Lists of people and Word reports that have been uploaded and name them."""
    return {
        "Rows of lists of people": [
            {"File": kept.file_name, **{HEADINGS[name]: Own(value) for name, value in row["values"].items()}}
            for kept, rows in lists_naming(people)
            for row in rows
        ],
        "Word reports that name them": [
            {"File": kept.file_name, "Uploaded": _when(kept.uploaded_at)} for kept in drafts_naming(people)
        ],
    }


def deeds(people):
    """The history of what they did. Of another person's record only that there was something."""
    keys = {person.pk for person in people}
    return [
        _entry(entry, keys, told=entry.subject_type != "person" or _is_of(entry, keys), own=True)
        for entry in Entry.objects.filter(by_id__in=keys).order_by("at", "pk").iterator()
    ]


def told_about(people):
    """The history of what others did to their record or their seats, on their behalf, or naming them."""
    keys, names = [person.pk for person in people], [person.name for person in _unmistakable(people)]
    theirs = Q(subject_type="person", subject_id__in=keys)
    naming = Q(pk__in=[])
    for name in names:
        naming |= Q(on_behalf_of=name) | Q(sentence__contains=name) | Q(note__contains=name)
        naming |= Q(subject_label__contains=name)
    found = Entry.objects.filter(theirs | naming).exclude(by_id__in=keys).order_by("at", "pk")
    # "Ann Lee" also stands in "Joann Leeson", and one of the databases does not mind the case.
    whole = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")
    return [
        _entry(entry, keys, told=True)
        for entry in found.iterator()
        if _is_of(entry, keys)
        or whole.search(f"{entry.on_behalf_of}\n{entry.sentence}\n{entry.note}\n{entry.subject_label}")
    ]


def _is_of(entry, keys):
    return entry.subject_type == "person" and entry.subject_id in keys


def _unmistakable(people):
    """Those who are found by their name: it has several words, and nobody else bears it."""
    others = Person.objects.exclude(pk__in=[person.pk for person in people]).values_list("name", flat=True)
    taken = {name.casefold() for name in others}
    return [person for person in people if " " in person.name and person.name.casefold() not in taken]


def _entry(entry, keys, *, told, own=False):
    kept = {"When": _when(entry.at), "Who": entry.by_name}
    if not told:
        return kept | {"What": f"{entry.verb.replace('_', ' ')}: the record of another person"}
    kept |= {"What": entry.sentence, "About": entry.subject_label, "On behalf of": entry.on_behalf_of}
    if own:
        kept["Note"] = Own(entry.note)
        # What was there before, and what they only submitted, may be somebody else's words.
        kept["Written"] = {
            name: Own(_value(after)) if _is_text(entry, name) else _value(after)
            for name, (before, after) in entry.changes.items()
            if before != after
        }
    elif _is_of(entry, keys):
        kept["Changes"] = {name: [_value(old), _value(new)] for name, (old, new) in entry.changes.items()}
    return kept


def _is_text(entry, name):
    """Whether a field holds words that somebody wrote, rather than the name of a person, say."""
    try:
        return isinstance(apps.get_model("inquiries", entry.subject_type)._meta.get_field(name), TextField)
    except (LookupError, FieldDoesNotExist):
        return False


def _value(value):
    return "" if value is None else "(see earlier e-mail addresses)" if value == KEPT_APART else str(value)


def everything_else(people):
    """Every other record that names them as who did something, by kind."""
    found = []
    for pointing in related_models():
        if pointing.model in TOLD or pointing.model._meta.app_label in LOGIN_APPS:
            continue
        for name in pointing.fields:
            rows = pointing.model._default_manager.filter(**{f"{name}__in": people}).order_by("pk")
            found += [
                {
                    "Kind": str(pointing.model._meta.verbose_name),
                    "As": str(pointing.model._meta.get_field(name).verbose_name),
                    "Record": str(row),
                }
                for row in rows
            ]
    return found


def _when(moment):
    return f"{long_date(timezone.localdate(moment))} at {timezone.localtime(moment):%H:%M}" if moment else ""


def _day(day):
    return long_date(day) if day else ""


def _yes(value):
    return "yes" if value else "no"


SECTIONS = {
    "Account": account,
    "Ways to sign in": ways_to_sign_in,
    "Sessions": sessions,
    "Seats and portfolios": seats,
    "Responses": responses,
    "Progress updates": updates,
    "Sign-offs": sign_offs,
    "Indications and assessments": views,
    "Notifications": notifications,
    "Files on their way in": on_the_way_in,
    "History: what they did": deeds,
    "History: what others did": told_about,
    "Other records that name them": everything_else,
}
