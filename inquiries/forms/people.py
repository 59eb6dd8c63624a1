"""A person chosen by typing: a council has thousands, too many for a list on each page."""

from django import forms
from django.core.exceptions import ValidationError

from inquiries.govuk import PersonInput
from inquiries.models import Person

MOST_MATCHES = 10
LONGEST_TEXT = 400
LONGEST_KEY = 18  # digits of a primary key


def label_of_match(person):
    return person.title_and_name if person.email else f"{person.title_and_name} (no e-mail address)"


class PersonField(forms.Field):
    """Cleans to a Person of the queryset `people`, or None. `known` are people whom the page has fetched already.

    Where the text matches several people they are listed as radio buttons below it, at most MOST_MATCHES.
    """

    widget = PersonInput
    default_error_messages = {
        "required": "Choose a person",
        "nobody": "Nobody who can be chosen here matches “%(text)s”",
        "several": "Several people match “%(text)s”: choose one of them",
        "too_many": "More than 10 people match “%(text)s”: choose one of them, or type more of the name",
    }

    def __init__(self, *, people=None, known=(), **kwargs):
        super().__init__(**kwargs)
        self.people = Person.objects.present() if people is None else people
        self.known = {str(person.pk): person for person in known}

    def clean(self, value):
        text, key = ((part or "").strip() for part in value or ("", ""))
        text = text[:LONGEST_TEXT].replace("\0", "")
        if not text:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        return self.chosen(text, key) or self.only_match(text)

    def chosen(self, text, key):
        """Who was chosen from a list; None where the text has been changed to another name since."""
        if not (key.isascii() and key.isdigit() and len(key) <= LONGEST_KEY):
            return None
        known = self.known.get(key)
        if known and known.title_and_name == text:
            return known
        return self.people.matching(text).filter(pk=key).first()

    def only_match(self, text):
        found = list(self.people.matching(text).by_name()[: MOST_MATCHES + 1])
        named = [
            person for person in found if text.casefold() in (person.name.casefold(), person.title_and_name.casefold())
        ]
        if len(found) == 1 or len(named) == 1:
            return (named or found)[0]
        self.widget.matches = [(person.pk, label_of_match(person)) for person in found[:MOST_MATCHES]]
        problem = "too_many" if len(found) > MOST_MATCHES else "several" if found else "nobody"
        raise ValidationError(self.error_messages[problem].replace("%(text)s", text), code=problem)

    def has_changed(self, initial, data):
        return list(self.widget.decompress(initial)) != list(data or ("", ""))
