"""For a person who asks: everything that is kept about them, or its erasure.

UK GDPR Article 17(1) gives the right to erasure; 17(3)(b) and (d) except what the law obliges a council to keep and
what is archived in the public interest. Reports, agendas and background papers of meetings are open to inspection for
six years (Local Government Act 1972, s.100C and s.100D), and a decision that named nobody could not be followed.
"""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.http import QueryDict
from django.template.defaultfilters import pluralize
from django.utils import timezone
from django.utils.text import capfirst

from inquiries.actions import history
from inquiries.actions.people import lock_people, login_records, open_work, related_models
from inquiries.actions.sessions import FACTORS
from inquiries.documents.content import long_date
from inquiries.imports.people_csv import HEADINGS
from inquiries.models import (
    ActionPoint,
    AgendaPack,
    Assessment,
    Attendance,
    CabinetMember,
    DeclarationOfInterest,
    Draft,
    Entry,
    EvidenceFile,
    Indication,
    ItemOutcome,
    Membership,
    MinutesEdition,
    MoreTimeRequest,
    Notification,
    OfficerReport,
    OfficerReportPicture,
    OfficerReportSignature,
    PeopleImport,
    Person,
    PersonalValue,
    ProgressUpdate,
    ReportEdition,
    ReportImport,
    Response,
    ResponseLetter,
    SignOff,
    TrackerImport,
    UpdateContributor,
)
from inquiries.models.fields import count_all, has_any
from inquiries.models.history import KEPT_APART
from inquiries.permissions import Refused, check_can
from inquiries.text import fold_name

UNSAVED_POSTS = "unsaved_posts"  # as in views/drafts.py, from where nothing can be imported here
ANOTHER_PERSON = "[another person]"
LEFT_OUT = [
    "Names and e-mail addresses of other people: they are replaced by [another person].",
    "Text that others wrote, and exempt text that the person did not write, even where the person leads or signs "
    "what it is about.",
    "Secrets: keys of passkeys and authenticator apps, recovery codes, marks of sessions.",
    "Text of other people that may mention the person in passing: it is not searched.",
]
# Nobody else reads what members note before the meeting, so not even a clerk who exports it for them.
NOTES_LEFT_OUT = (
    "What members noted for a meeting that has not begun, and notes that were not saved: only the person can export "
    "them, on the page of their account."
)
PAGES_WITH_NOTES = ("/assess/", "/assess/notes/")
PERSON_FIELDS = (
    *("name", "email", "job_title", "organisation", "director", "news_emails", "is_clerk", "is_active", "last_login"),
    *("invited_at", "left_at", "merged_at", "erased_at"),
)
# What an export shows of a record because a field of it names the person; of other records only which it is, and the
# time of an action.
SHOWN = {
    (Membership, "person"): ("committee", "role", "from_date", "until_date"),
    (CabinetMember, "person"): ("portfolio", "from_date", "until_date"),
    (ProgressUpdate, "saved_by"): ("text", "exempt_text", "officer_view", "forecast_date"),
    (ProgressUpdate, "returned_by"): ("return_note",),
    (EvidenceFile, "uploaded_by"): ("title", "original_name", "uploaded_at"),
    (OfficerReport, "saved_by"): ("title", "contact_name", "contact_job_title", "contact_telephone", "contact_email"),
    (OfficerReport, "returned_by"): ("return_note",),
    (OfficerReportSignature, "person"): ("signed_at", "evidence_note"),
    (OfficerReportSignature, "signed_by"): ("signed_at", "evidence_note"),
    (OfficerReportPicture, "uploaded_by"): ("alternative_text", "original_name", "uploaded_at"),
    (Draft, "person"): ("address", "updated_at"),
    (ResponseLetter, "sent_by"): ("addressed_to", "body", "sent_on"),
    (ActionPoint, "owner"): ("text", "due_on", "done_at", "done_note"),
    (ActionPoint, "done_by"): ("done_note",),
    (MoreTimeRequest, "asked_by"): ("wanted_until", "reason"),
    (MoreTimeRequest, "decided_by"): ("granted_until", "note"),
    (Attendance, "person"): ("present_as", "presence", "note"),
    (DeclarationOfInterest, "person"): ("item", "nature"),
    (ItemOutcome, "recorded_by"): ("text",),
    (SignOff, "person"): ("signed_at", "evidence_note"),
    (SignOff, "signed_by"): ("signed_at", "evidence_note"),
    (Indication, "recorded_by"): ("rating", "note"),
    (Assessment, "recorded_by"): ("rating", "comment"),
    (Notification, "recipient"): ("subject", "body", "queued_on", "sent_on", "opened_on"),
    (PersonalValue, "person"): ("before", "after"),
    (EmailAddress, "user"): ("email", "verified", "primary"),
    (Authenticator, "user"): ("type", "created_at", "last_used_at"),
    (SocialAccount, "user"): ("provider", "uid", "date_joined", "last_login", "extra_data"),
}
# Those of these fields that hold what the person wrote.
OWN_FIELDS = {
    "text",
    "body",
    "exempt_text",
    "return_note",
    "reason",
    "note",
    "comment",
    "before",
    "after",
    "email",
    "uid",
}
# An update is also the work of people whom another record names.
UPDATE_PARTS = {"response__lead_officer": "lead officer", "named__person": "contributor"}
READ_WITH = {
    Response: "recommendations",
    ProgressUpdate: "response__recommendations",
    Indication: "update__response__recommendations",
    Assessment: "update__response__recommendations",
    UpdateContributor: "update__response__recommendations",
    MoreTimeRequest: "update__response__recommendations",
    ActionPoint: "update__response__recommendations",
}


class OwnText(str):
    """What the person wrote, or what is about nobody else: not redacted."""

    __slots__ = ()


# Export


@transaction.atomic
def export_person(person, *, by, now):
    """Everything kept about `person`, as a dictionary that `json.dumps` takes. The history records the export.

    Asked for a record that was merged into another one, it is everything about both. Raises Refused.
    """
    check_can("export_person", by, person, timezone.localdate(now))
    person = person.merged_into or person
    people = with_merged_records(person)
    is_own = by.pk == person.pk
    sections = {
        "Account": [{"Number": one.pk} | show_fields(one, PERSON_FIELDS) for one in people],
        **related_sections(people, set() if is_own else indications_hidden_from(by, people, now), is_own),
        "Sessions": show_sessions(people, is_own),
        "Unfinished lists of people": [
            {
                "File": kept.file_name,
                **{HEADINGS.get(name, name): OwnText(text) for name, text in row["values"].items()},
            }
            for kept, rows in lists_naming(people)
            for row in rows
        ],
        "Word reports and trackers that name them": [
            {"File": kept.file_name, "Uploaded": show_value(kept.uploaded_at)} for kept in imports_naming(people)
        ],
        "History: what they did": own_history(people),
        "History: what others did": history_by_others(people),
    }
    # Without the name: history cannot be changed, and an export is often followed by an erasure.
    whose = "their own personal data" if is_own else "what is kept about this person"
    history.write("export_person", person, f"exported {whose}", by=by, now=now)
    return {
        "What this is": (
            f"Everything that the scrutiny service of {settings.COUNCIL_NAME} keeps about {person}, on "
            f"{show_value(now)}."
        ),
        "What is left out": LEFT_OUT if is_own else [*LEFT_OUT, NOTES_LEFT_OUT],
    } | redact_third_parties(sections, people)


def with_merged_records(person):
    """The person and the records that were merged into theirs: what applies to one applies to all."""
    return [person, *person.merged_from.order_by("pk")]


def indications_hidden_from(by, people, now):
    own = Indication.objects.filter(recorded_by__in=people)
    return set(own.values_list("pk", flat=True)) - set(own.visible_to(by, now).values_list("pk", flat=True))


def related_sections(people, hidden_indications, is_own):
    naming = {}
    for related in related_models():
        model = related.model
        parts = {name: str(model._meta.get_field(name).verbose_name) for name in related.fields}
        if model is ProgressUpdate:
            parts |= UPDATE_PARTS
        for path, part in parts.items():
            naming[model, path, part] = model._default_manager.filter(**{f"{path}__in": people})
    counts = count_all(naming)  # most name nobody, and to read each with what it belongs to takes time
    sections = {}
    for (model, path, part), records in naming.items():
        if not counts[model, path, part]:
            continue
        rows = sections.setdefault(capfirst(str(model._meta.verbose_name_plural)), {})
        records = records.select_related().order_by("pk")
        for record in records.prefetch_related(*([READ_WITH[model]] if model in READ_WITH else [])):
            row = rows.setdefault(record.pk, {"Record": label_of(record), "As": []})
            row["As"] += [part] if part not in row["As"] else []
            has_notes = isinstance(record, Draft) and record.address.endswith(PAGES_WITH_NOTES) and not is_own
            if not has_notes and not (model is Indication and record.pk in hidden_indications):
                row |= show_record(record, path, people)
    return {name: list(rows.values()) for name, rows in sections.items()}


def label_of(record):
    match record:
        case Response():
            return f"Response to {record.references} of {record.inquiry}"
        case ProgressUpdate():
            return f"{record.report}: {record.response.references}"
        case Indication() | Assessment() | UpdateContributor() | ActionPoint():
            return label_of(record.update)
        case MoreTimeRequest():
            return label_of(record.subject)
        case SignOff() | OfficerReportSignature():
            return str(record.report)
        case EmailAddress() | PersonalValue() | SocialAccount() | Notification():
            return str(record._meta.verbose_name)
    return str(record)


def show_record(record, path, people):
    names = SHOWN.get((type(record), path), ())
    if path.endswith("_by") and hasattr(record, time := f"{path.removesuffix('_by')}_at"):
        names = (*names, time)
    if "exempt_text" in names and not wrote_exempt_text(record, {person.pk for person in people}):
        names = [name for name in names if name != "exempt_text"]
    shown = show_fields(record, names)
    if isinstance(record, Authenticator):
        shown |= {"Type": FACTORS[record.type], "Name": OwnText(record.data.get("name", ""))}
    if isinstance(record, Draft):
        shown["Text"] = {name: OwnText(", ".join(values)) for name, values in record.data.items()}
    if isinstance(record, OfficerReport) and path == "saved_by":
        shown["Text"] = {section["heading"]: OwnText(section["text"]) for section in record.sections}
    if isinstance(record, ProgressUpdate) and path == "saved_by":
        shown["Evidence"] = [OwnText(f"{one.title}: {one.url}") for one in record.evidence.all()]
    return shown


def show_fields(record, names):
    shown = {}
    for name in names:
        column = record._meta.get_field(name)
        value = show_value(getattr(record, f"get_{name}_display")() if column.choices else getattr(record, name))
        # An e-mail to the person was written by others.
        is_own = name in OWN_FIELDS and not isinstance(record, Notification)
        shown[capfirst(str(column.verbose_name))] = OwnText(value) if is_own else value
    return shown


def show_value(value):
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{long_date(timezone.localdate(value))} at {timezone.localtime(value):%H:%M}"
        case date():
            return long_date(value)
        case dict():
            return {name: OwnText(str(part)) for name, part in sorted(value.items())}
    return str(value)


def wrote_exempt_text(update, keys):
    """Whether the exempt text is theirs: the person who saves an update last has not written all of it."""
    for entry in Entry.objects.about(update):
        before, after = entry.changes.get("exempt_text", (None, None))
        if before != after:
            return entry.by_id in keys
    return update.saved_by_id in keys


def show_sessions(people, is_own):
    return [
        {
            "Ends": show_value(session.expire_date),
            "Signed in": show_value(is_signed_in),
            "Drafts": {
                page: {name: OwnText(", ".join(values)) for name, values in posted.lists()}
                for page, posted in drafts.items()
                if is_own or not page.endswith(PAGES_WITH_NOTES)
            },
        }
        for session, is_signed_in, drafts in sessions_of(people)
    ]


def own_history(people):
    """The history of what they did. Of another person's record only that there was something."""
    keys = {person.pk for person in people}
    shown = []
    for entry in Entry.objects.filter(by_id__in=keys).order_by("at", "pk").iterator():
        if entry.subject_type == "person" and entry.subject_id not in keys:
            verb = entry.verb.replace("_", " ")
            shown.append(show_entry(entry) | {"What": f"{verb}: the record of another person", "About": ""})
            continue
        # What was there before, and what they only submitted, may be the text of others.
        written = {
            name: OwnText(show_change(after)) if is_text_field(entry, name) else show_change(after)
            for name, (before, after) in entry.changes.items()
            if before != after
        }
        shown.append(show_entry(entry) | {"Note": OwnText(entry.note), "Written": written})
    return shown


def history_by_others(people):
    keys = {person.pk for person in people}
    others = {name.casefold() for name in Person.objects.exclude(pk__in=keys).values_list("name", flat=True)}
    # A name of several words that nobody else bears is found in the text of entries, too.
    names = [person.name for person in people if " " in person.name and person.name.casefold() not in others]
    wanted = Q(subject_type="person", subject_id__in=keys)
    for name in names:
        wanted |= Q(on_behalf_of=name) | Q(sentence__contains=name) | Q(note__contains=name)
        wanted |= Q(subject_label__contains=name)
    # "Ann Lee" is also part of "Joann Leeson".
    whole_name = whole_words(names)
    shown = []
    for entry in Entry.objects.filter(wanted).exclude(by_id__in=keys).order_by("at", "pk").iterator():
        if entry.subject_type == "person" and entry.subject_id in keys:
            changes = {name: [show_change(old), show_change(new)] for name, (old, new) in entry.changes.items()}
            shown.append(show_entry(entry) | {"Changes": changes})
        elif whole_name.search("\n".join((entry.on_behalf_of, entry.sentence, entry.note, entry.subject_label))):
            shown.append(show_entry(entry))
    return shown


def whole_words(texts):
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, texts))})(?!\w)", re.IGNORECASE)


def show_entry(entry):
    return {
        "When": show_value(entry.at),
        "Who": entry.by_name,
        "What": entry.sentence,
        "About": entry.subject_label,
        "On behalf of": entry.on_behalf_of,
    }


def is_text_field(entry, name):
    try:
        return isinstance(apps.get_model("inquiries", entry.subject_type)._meta.get_field(name), TextField)
    except (LookupError, FieldDoesNotExist):
        return False


def show_change(value):
    return "(see earlier e-mail addresses)" if value == KEPT_APART else show_value(value)


def redact_third_parties(data, people):
    """`data` without the names and e-mail addresses of everybody but `people`.

    Those too that the history alone still knows, of people who were erased or have another name now. Names of
    one word are left: they are words of the language as often as not.
    """
    keys = {person.pk for person in people}
    own = {person.name.casefold() for person in people} | {p.email.casefold() for p in people if p.email}
    others = Person.objects.exclude(pk__in=keys).values_list("name", "email")
    earlier = Entry.objects.filter(subject_type="person").exclude(subject_id__in=keys).values_list("subject_label")
    actors = Entry.objects.filter(by_id__isnull=False).exclude(by_id__in=keys).values_list("by_name")
    found = {text for row in (*others, *earlier.distinct(), *actors.distinct()) for text in row if text}
    names = [text for text in found if (" " in text or "@" in text) and text.casefold() not in own]
    # The longest first: one name may be part of another.
    pattern = whole_words(sorted(names, key=len, reverse=True))

    def redact(value):
        match value:
            case dict():
                return {key: redact(part) for key, part in value.items()}
            case list():
                return [redact(part) for part in value]
            case OwnText():
                return str(value)
            case str() if names:
                return pattern.sub(ANOTHER_PERSON, value)
        return value

    return redact(data)


# Where else a person is found


def sessions_of(people):
    """Their sessions as (session, whether they are signed in, {page: what they posted there})."""
    keys = {str(person.pk) for person in people}
    emails = [json.dumps(person.email.casefold())[1:-1] for person in people if person.email]
    found = []
    for session in Session.objects.iterator():
        data = session.get_decoded()
        posts = {page: QueryDict(posted) for page, posted in data.pop(UNSAVED_POSTS, {}).items()}
        drafts = {page: posted for page, posted in posts.items() if posted.get("writer") in keys}
        is_signed_in = data.get(SESSION_KEY) in keys
        # A code has been requested for the address: nobody is signed in yet.
        text = "" if SESSION_KEY in data else json.dumps(data, default=str).casefold()
        if is_signed_in or drafts or any(email in text for email in emails):
            found.append((session, is_signed_in, drafts))
    return found


def lists_naming(people):
    emails = {person.email.lower() for person in people if person.email}
    for value in PersonalValue.objects.filter(person__in=people):
        emails |= {address.lower() for address in (value.before, value.after) if address}
    names = {fold_name(person.name) for person in people}

    def is_theirs(values):
        if email := values.get("email", "").lower():
            return email in emails
        return fold_name(values.get("name", "")) in names

    found = []
    for kept in PeopleImport.objects.filter(confirmed_at__isnull=True):
        rows = [row for row in (kept.rows or {}).get("rows", ()) if is_theirs(row["values"])]
        if rows:
            found.append((kept, rows))
    return found


def imports_naming(people):
    """The imports of Word reports, finished or not, and of trackers under way, whose text names one of `people`."""
    names = [json.dumps(person.name, ensure_ascii=False)[1:-1].casefold() for person in people]
    texts = [(kept, kept.draft) for kept in ReportImport.objects.exclude(draft={}).order_by("pk")]
    texts += [(kept, kept.sheets) for kept in TrackerImport.objects.filter(confirmed_at__isnull=True).order_by("pk")]
    return [
        kept for kept, text in texts if any(name in json.dumps(text, ensure_ascii=False).casefold() for name in names)
    ]


def public_records(people):
    keys = [person.pk for person in people]
    return {
        "seat{} on committees, which are open to public inspection": Membership.objects.filter(person__in=keys),
        "portfolio{} in Cabinet": CabinetMember.objects.filter(person__in=keys),
        "response{} to published inquiries, as lead officer": Response.objects.filter(
            lead_officer__in=keys, inquiry__published_at__isnull=False
        ),
        "progress update{} in published reports, as contributor": UpdateContributor.objects.filter(
            person__in=keys, update__report__editions__isnull=False
        ),
        "sign-off{} of published reports": SignOff.objects.filter(person__in=keys, report__editions__isnull=False),
    }


def editions_naming(people):
    """What was published with one of their names in its text. Slow: all that was ever published is read."""
    printed = Q(pk__in=[])
    for name in {person.name for person in people}:
        printed |= Q(printed__contains=json.dumps(name, ensure_ascii=False)[1:-1])
    editions, packs, minutes = (
        model.objects.annotate(printed=Cast("content", TextField())).filter(printed)
        for model in (ReportEdition, AgendaPack, MinutesEdition)
    )
    return {
        "published edition{} of reports in which the name is printed": editions,
        "published agenda pack{} in which the name is printed": packs.filter(published_at__isnull=False),
        "published edition{} of minutes in which the name is printed": minutes,
    }


# Erasure


NAME_KEPT = "The name was kept, because the public record names the person."


@dataclass
class ErasurePreview:
    """What erasing would do: `goes` and `public` are sentences, `obstacles` parts of one.

    What stays is said on the page: so many `entries` of the history, and `imports` of files on their way in.
    """

    obstacles: list[str]
    goes: list[str]
    entries: int
    imports: int
    # Where the public record names the person.
    public: list[str]
    name_after: str


@transaction.atomic
def erase_person(person, *, by, now):
    """Erase what is kept about a person and the records merged into theirs, as `erasure_preview` says it.

    Nobody can sign in as them afterwards. What has been published stays as it is, byte for byte. Raises Refused while
    they are a clerk, hold a seat or have open work; then nothing has changed.
    """
    check_can("erase_person", by, person, timezone.localdate(now))
    person = lock_people([person, by])[person.pk]
    preview = erasure_preview(person, now)
    if preview.obstacles:
        raise Refused(f"{person} cannot be erased yet: {'; '.join(preview.obstacles)}.")
    people = list(lock_people(with_merged_records(person)).values())
    for kept, named in lists_naming(people):
        kept.rows = kept.rows | {"rows": [row for row in kept.rows["rows"] if row not in named]}
        kept.save(update_fields=["rows"])
    for kept in imports_naming(people):
        # An unfinished import is the work of a clerk.
        if kept.confirmed_at is not None:
            kept.draft = {}
            kept.save(update_fields=["draft"])
    for session, *_ in sessions_of(people):
        session.delete()
    personal = personal_records(people)
    indications = list(personal[Indication])
    for rows in (*login_records(people), *personal.values()):
        rows.delete()
    for one in people:
        one.email = one.last_login = None
        one.organisation = one.refused_address = ""
        one.director = None
        one.is_active = False
        if not preview.public:
            one.name, one.job_title = f"Erased person {one.pk}", ""
        one.set_unusable_password()
        one.erased_at, one.erased_by = now, by
        # Not as a change with its history, which would keep the old values.
        one.save()
    person = next(one for one in people if one.pk == person.pk)
    name_kept = [NAME_KEPT] if preview.public else []
    note = " ".join([*preview.goes, *name_kept])
    sentence = f"erased the personal data of {person}"
    history.write("erase_person", person, sentence, by=by, now=now, note=note, also=people, deleted=indications)
    return person


def personal_records(people):
    return {
        Notification: Notification.objects.filter(recipient__in=people),
        Indication: Indication.objects.filter(recorded_by__in=people),
        PersonalValue: PersonalValue.objects.filter(person__in=people),
        Draft: Draft.objects.filter(person__in=people),
    }


def erasure_obstacles(person, today):
    if person.erased_at is not None:
        return ["they have been erased already"]
    if person.merged_into is not None:
        return [f"their record has been merged into that of {person.merged_into}: erase that one"]
    current = Q(until_date__isnull=True) | Q(until_date__gte=today)
    seats = {model: model.objects.filter(current, person=person) for model in (Membership, CabinetMember)}
    has = has_any(seats | {OfficerReport: OfficerReport.objects.open().filter(named__person=person)})
    kinds = open_work(person).kinds
    reasons = {
        "they are a clerk": person.is_clerk,
        "they sit on a committee": has[Membership],
        "they hold a portfolio in Cabinet": has[CabinetMember],
        "they lead responses that still come back in reports": "responses" in kinds,
        "they are named as contributors to open updates": "contributions" in kinds,
        "they are named to sign reports off": "sign_offs" in kinds,
        "they write officer reports": "officer_reports" in kinds,
        "they are named as contributors to open officer reports": has[OfficerReport],
        "they are named to sign officer reports off": "report_signatures" in kinds,
        "they have planned the publication of an agenda pack": "plans" in kinds,
    }
    return [reason for reason, applies in reasons.items() if applies]


def erasure_preview(person, now, *, search_editions=True):
    """An ErasurePreview; where there are obstacles, of them alone.

    Without `search_editions` it says nothing about the text of what was published: that takes a second at a council
    with tens of thousands of editions.
    """
    if obstacles := erasure_obstacles(person, timezone.localdate(now)):
        return ErasurePreview(obstacles, [], 0, 0, [], person.name)
    people = with_merged_records(person)
    keys = [one.pk for one in people]
    about = Q(subject_type="person", subject_id__in=keys) | Q(on_behalf_of__in=[one.name for one in people])
    public = public_records(people) | (editions_naming(people) if search_editions else {})
    login = dict(enumerate(login_records(people)))
    entries = Entry.objects.filter(about | Q(by_id__in=keys))
    counts = count_all(public | login | personal_records(people) | {Entry: entries})
    places = [f"{counts[label]} {label.format(pluralize(counts[label]))}" for label in public if counts[label]]
    name_after = person.name if places else f"Erased person {person.pk}"
    imports = [kept.confirmed_at is not None for kept in imports_naming(people)]
    finished, unfinished = imports.count(True), imports.count(False)
    goes = {
        f"The name on the record: it becomes “{name_after}”, without job title.": not places and search_editions,
        f"The name on the record, which becomes “{name_after}”, and the job title, unless a published report, agenda "
        "pack or minutes print the name: they are searched for it when you erase.": not places and not search_editions,
        "The e-mail address. Nobody can sign in as this person again.": any(one.email for one in people),
        "The organisation.": any(one.organisation for one in people),
        "{} record{} of ways to sign in: addresses, passkeys and the like.": sum(counts[number] for number in login),
        "{} open session{}.": len(sessions_of(people)),
        "{} text{} that they typed and did not save.": counts[Draft],
        "{} earlier e-mail address{es}.": counts[PersonalValue],
        "{} notification{} to them, with the text.": counts[Notification],
        "{} indication{} of their own view before a meeting. They were never published, and once the committee has "
        "judged they serve no purpose.": counts[Indication],
        "{} row{} of lists of people that nobody has recorded yet.": sum(len(rows) for _, rows in lists_naming(people)),
        "The uploaded text of {} finished import{} that name them.": finished,
    }
    return ErasurePreview(
        obstacles=[],
        goes=[with_count(sentence, count) for sentence, count in goes.items() if count],
        entries=counts[Entry],
        imports=unfinished,
        public=places,
        name_after=name_after,
    )


def with_count(sentence, count):
    return sentence.format(count, pluralize(count), es=pluralize(count, "es"))
