"""Drafts: what a person has typed and not saved. They are no record, so nothing here writes history."""

from inquiries.models import Draft

LONGEST_DRAFT = 200_000  # characters of one form
# Of no use, or no business of the form, when it is shown again.
NOT_KEPT = ("csrfmiddlewaretoken", "writer", "action")


class DraftTooLong(Exception):
    """The form holds more than LONGEST_DRAFT characters."""


def save_draft(person, address, posted, *, now):
    """Keep what `person` posted (a QueryDict) at an address, in place of an earlier draft. Raises DraftTooLong."""
    # PostgreSQL stores no null character.
    data = {
        name: [value.replace("\0", "") for value in values] for name, values in posted.lists() if name not in NOT_KEPT
    }
    if sum(len(value) for values in data.values() for value in values) > LONGEST_DRAFT:
        raise DraftTooLong
    version = posted.get("version", "")
    draft = Draft(
        person=person,
        address=address,
        data=data,
        based_on_version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None,
        updated_at=now,
    )
    # One statement: two tabs that save at once must not meet an error.
    Draft.objects.bulk_create(
        [draft],
        update_conflicts=True,
        unique_fields=["person", "address"],
        update_fields=["data", "based_on_version", "updated_at"],
    )


def delete_draft(person, address):
    Draft.objects.filter(person=person, address=address).delete()


def delete_old_drafts(before):
    """Delete the drafts that nobody has touched since that moment. Returns how many."""
    return Draft.objects.filter(updated_at__lt=before).delete()[0]
