"""Everything that is kept about a person, as data with headings in words; other people's data left out."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.personal_data.others import without_others
from inquiries.actions.personal_data.sections import SECTIONS
from inquiries.actions.personal_data.traces import records_of
from inquiries.documents.content import long_date
from inquiries.permissions import check_can

LEFT_OUT = [
    "Names and e-mail addresses of other people: they stand as [another person].",
    "Texts that others wrote, and exempt words that the person did not write, even where the person leads or signs "
    "what they are about.",
    "Secrets: keys of passkeys and authenticator apps, recovery codes, marks of sessions.",
    "Words of other people that may mention the person in passing: they are not searched.",
]


@transaction.atomic
def export_person(person, *, by, now):
    """Everything kept about `person`, as a dictionary that `json.dumps` takes. The deed itself is on record.

    Asked for a record that was merged into another one, it is everything about whom both are.
    For a clerk, and for the person themselves. Raises Refused for everybody else.
    """
    check_can("export_person", by, person, timezone.localdate(now))
    person = person.merged_into or person
    people = records_of(person)
    data = {
        "What this is": (
            f"Everything that the scrutiny service of {settings.COUNCIL_NAME} keeps about {person}, on "
            f"{long_date(timezone.localdate(now))} at {timezone.localtime(now):%H:%M}."
        ),
        "What is left out": LEFT_OUT,
    }
    clean = without_others(people)
    data |= {heading: clean(gather(people)) for heading, gather in SECTIONS.items()}
    # Without the name: history cannot be changed, and who asks to see their data often asks for erasure next.
    whose = "their own personal data" if by.pk == person.pk else "what is kept about this person"
    history.write("export_person", person, f"exported {whose}", by=by, now=now)
    return data
