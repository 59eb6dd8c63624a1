"""Where somebody stands beside the records that point to them: sessions, lists on their way in, printed words."""

import json

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.http import QueryDict

from inquiries.actions.counting import count_all
from inquiries.models import (
    AgendaPack,
    CabinetMember,
    Membership,
    PeopleImport,
    PersonalValue,
    ReportEdition,
    ReportImport,
    Response,
    SignOff,
    UpdateContributor,
)

KEPT_WORDS = "kept_words"  # as in views/kept_words.py, from where nothing can be imported here


def records_of(person):
    """The person and the records that were merged into theirs: what is asked of one is asked of all."""
    return [person, *person.merged_from.order_by("pk")]


def sessions_of(people):
    """The sessions in which one of `people` is signed in or signing in, or that keep words of theirs: a list."""
    keys = {str(person.pk) for person in people}
    emails = [json.dumps(person.email.casefold())[1:-1] for person in people if person.email]
    found = []
    for session in Session.objects.iterator():
        held = session.get_decoded()
        writers = {QueryDict(sent).get("writer") for sent in held.get(KEPT_WORDS, {}).values()}
        if held.get(SESSION_KEY) in keys or writers & keys or _is_signing_in(held, emails):
            found.append(session)
    return found


def _is_signing_in(held, emails):
    """Whether a session in which nobody is signed in speaks of one of `emails`: a code has been asked for it."""
    if SESSION_KEY in held:
        return False
    words = json.dumps({name: value for name, value in held.items() if name != KEPT_WORDS}, default=str).casefold()
    return any(email in words for email in emails)


def lists_naming(people):
    """[(PeopleImport, the rows that name one of `people`)] of the lists that have not been recorded."""
    emails = {person.email.lower() for person in people if person.email}
    for value in PersonalValue.objects.filter(person__in=people):
        emails |= {address.lower() for address in (value.before, value.after) if address}
    names = {person.name.casefold() for person in people}
    found = []
    for kept in PeopleImport.objects.filter(confirmed_at__isnull=True):
        rows = [row for row in (kept.rows or {}).get("rows", ()) if _names(row["values"], emails, names)]
        if rows:
            found.append((kept, rows))
    return found


def _names(values, emails, names):
    if email := values.get("email", "").lower():
        return email in emails
    return values.get("name", "").casefold() in names


def drafts_naming(people):
    """The imports of Word reports, finished or not, whose words name one of `people`."""
    return [kept for kept in ReportImport.objects.exclude(draft={}) if any(_stands_in(kept.draft, p) for p in people)]


def public_places(people):
    """Where the public record names one of `people`, as a list of sentences; empty where it never did."""
    return places_in_words(count_all(public_rows(people)))


def public_rows(people):
    """The records by which the public record names one of `people`: {in words: a queryset}."""
    keys = [person.pk for person in people]
    packs = AgendaPack.objects.filter(published_at__isnull=False)
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
        "published edition{} of reports in which the name is printed": _printed_in(ReportEdition.objects.all(), people),
        "published agenda pack{} in which the name is printed": _printed_in(packs, people),
    }


def places_in_words(counts):
    """The sentences of {in words: how many}, as `public_rows` names them."""
    return [f"{count} {words.format('' if count == 1 else 's')}" for words, count in counts.items() if count]


def _printed_in(rows, people):
    wanted = Q(pk__in=[])
    for name in {person.name for person in people}:
        # One database keeps letters beyond A to Z as they are, the other as JSON escapes them.
        for written in {name, json.dumps(name)[1:-1], json.dumps(name, ensure_ascii=False)[1:-1]}:
            wanted |= Q(words__contains=written)
    return rows.annotate(words=Cast("content", TextField())).filter(wanted)


def _stands_in(data, person):
    words = json.dumps(data, ensure_ascii=False).casefold()
    return json.dumps(person.name, ensure_ascii=False)[1:-1].casefold() in words
