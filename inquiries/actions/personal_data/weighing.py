"""What would go and what would stay if somebody were erased, and what stands in the way. Read, never written.

UK GDPR Article 17(1) gives the right; 17(3)(b) and (d) except what the law obliges a council to keep and what is
archived in the public interest. Reports, agendas and background papers of meetings are open to inspection for six
years (Local Government Act 1972, s.100C and s.100D), and a decision that named nobody could not be followed.
"""

from dataclasses import dataclass, field

from django.db.models import Q
from django.template.defaultfilters import pluralize
from django.utils import timezone

from inquiries.actions.counting import count_all
from inquiries.actions.people import login_records, open_work
from inquiries.actions.personal_data.traces import (
    drafts_naming,
    lists_naming,
    places_in_words,
    public_rows,
    records_of,
    sessions_of,
)
from inquiries.models import CabinetMember, Entry, Indication, Membership, Notification, PersonalValue
from inquiries.permissions import Refused

WORK = {
    "responses": "they lead responses that still come back in reports",
    "contributions": "they are named as contributors to open updates",
    "sign_offs": "they are named to sign reports off",
    "plans": "they have planned the publication of an agenda pack",
}


@dataclass
class Weighed:
    """`obstacles` stand in the way; `goes` and `stays` are sentences; `name_after` is what the record says then."""

    obstacles: list[str] = field(default_factory=list)
    goes: list[str] = field(default_factory=list)
    stays: list[str] = field(default_factory=list)
    public: list[str] = field(default_factory=list)
    name_after: str = ""

    @property
    def keeps_name(self):
        """Whether the public record names them, so that the name stays."""
        return bool(self.public)


def obstacles(person, today):
    """Why this person cannot be erased yet, as parts of a sentence; empty where nothing stands in the way."""
    if person.erased_at is not None:
        return ["they have been erased already"]
    if person.merged_into is not None:
        return [f"their record has been merged into that of {person.merged_into}: erase that one"]
    found = ["they are a clerk"] if person.is_clerk else []
    held = Q(until_date__isnull=True) | Q(until_date__gte=today)
    seats = {
        "they sit on a committee": Membership.objects.filter(held, person=person),
        "they hold a portfolio in Cabinet": CabinetMember.objects.filter(held, person=person),
    }
    found += [words for words, count in count_all(seats).items() if count]
    return found + [WORK[kind] for kind in open_work(person).kinds]


def check_can_be_erased(person, today):
    """Raise Refused, with the reason, where the person still has something to do here."""
    if found := obstacles(person, today):
        raise Refused(f"{person} cannot be erased yet: {'; '.join(found)}.")


def weigh(person, now):
    """What erasing `person` would do, as Weighed."""
    people = records_of(person)
    public = public_rows(people)
    counts = count_all(public | _counted(people))
    weighed = Weighed(obstacles=obstacles(person, timezone.localdate(now)))
    weighed.public = places_in_words({words: counts[words] for words in public})
    weighed.name_after = person.name if weighed.keeps_name else f"Erased person {person.pk}"
    drafts = drafts_naming(people)
    weighed.goes = [words for count, words in _goes(people, drafts, weighed, counts) if count]
    weighed.stays = [words for count, words in _stays(drafts, weighed, counts[Entry]) if count]
    return weighed


def _counted(people):
    """What there may be many of, each model's rows under its name."""
    keys = [one.pk for one in people]
    about = Q(subject_type="person", subject_id__in=keys) | Q(on_behalf_of__in=[one.name for one in people])
    return {
        Notification: Notification.objects.filter(recipient__in=keys),
        Indication: Indication.objects.filter(recorded_by__in=keys),
        PersonalValue: PersonalValue.objects.filter(person__in=keys),
        Entry: Entry.objects.filter(about | Q(by_id__in=keys)),
        **{("account", place): rows for place, rows in enumerate(login_records(people))},
    }


def _goes(people, drafts, weighed, counts):
    notifications, indications, earlier = (counts[model] for model in (Notification, Indication, PersonalValue))
    accounts = sum(count for name, count in counts.items() if isinstance(name, tuple))
    sessions, rows = len(sessions_of(people)), sum(len(rows) for _, rows in lists_naming(people))
    finished = sum(kept.confirmed_at is not None for kept in drafts)
    yield not weighed.keeps_name, f"The name on the record: it becomes “{weighed.name_after}”, without job title."
    yield any(one.email for one in people), "The e-mail address. Nobody can sign in as this person again."
    yield any(one.organisation for one in people), "The organisation."
    yield (
        accounts,
        f"{accounts} record{pluralize(accounts)} of ways to sign in: addresses, passkeys and the like.",
    )
    yield sessions, f"{sessions} open session{pluralize(sessions)}, and words kept in {pluralize(sessions, 'it,them')}."
    yield earlier, f"{earlier} e-mail address{pluralize(earlier, 'es')} that the history shows apart from its entries."
    yield (
        notifications,
        f"{notifications} notification{pluralize(notifications)} to them, "
        f"with {pluralize(notifications, 'its,their')} text.",
    )
    yield (
        indications,
        f"{indications} indication{pluralize(indications)} of their own view before a meeting. They were never "
        "published, and once the committee has judged they serve no purpose.",
    )
    yield rows, f"{rows} row{pluralize(rows)} of lists of people that nobody has recorded yet."
    yield finished, f"The uploaded words of {finished} finished import{pluralize(finished)} that name them."


def _stays(drafts, weighed, entries):
    unfinished = sum(kept.confirmed_at is None for kept in drafts)
    yield (
        weighed.keeps_name,
        "The name and the job title, because the public record names them. The law has councils keep that record and "
        "show it for six years (UK GDPR Article 17(3)(b) and (d); Local Government Act 1972, section 100C).",
    )
    yield (
        entries,
        f"{entries} entr{pluralize(entries, 'y,ies')} of the history, with the name as it was: evidence of who did "
        "what, which nobody can change. Only clerks, and those who may see the records they are about, read them.",
    )
    yield (
        True,
        "Texts of progress updates, assessments and papers: they are the council's own words, whoever wrote them. "
        "Words of others may also name them; such words are not searched.",
    )
    yield (
        unfinished,
        f"{unfinished} Word report{pluralize(unfinished)} on {pluralize(unfinished, 'its,their')} way in that "
        f"{pluralize(unfinished, 'names,name')} them: deleted unless recorded within 30 days.",
    )
