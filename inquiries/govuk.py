"""Forms in the GOV.UK Design System's dress: the classes, hints, errors and summary links each field needs.

`GovukForm` is mixed into every form a person meets; `templates/govuk/` prints its fields. The pack dresses
other libraries' forms too (signing in), through `dressed`.
"""

from collections import namedtuple
from datetime import date

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.boundfield import BoundField
from django.utils.functional import cached_property
from django.utils.html import format_html

from inquiries.choices import TO_BE_ASSESSED, DatePrecision, Rating
from inquiries.dates import month_number
from inquiries.models import Person
from inquiries.text import fold_name, has_visible_text

PARTS = ("day", "month", "year")
MOST_MATCHES = 10
LONGEST_PERSON_TEXT = 400
LONGEST_KEY = 18  # digits of a primary key
GENERIC_REQUIRED = forms.Field.default_error_messages["required"]
NEEDS_NO_ARTICLE = {"the", "a", "an", "your", "any", "what", "how", "why", "when", "where", "who", "which"}
SIGN = (
    '<span class="scrutiny-rating scrutiny-rating--{}">'
    '<span class="scrutiny-rating__symbol" aria-hidden="true">{}</span> {}</span>'
)
Problem = namedtuple("Problem", "message href")  # one line of the error summary; href is "" where nothing takes focus
KnownDate = namedtuple("KnownDate", "day precision")  # a date, and whether its day is known


class GovukBoundField(BoundField):
    @cached_property
    def kind(self):
        """Which part of the template prints this field."""
        widget = self.field.widget
        if widget.is_hidden:
            return "hidden"
        if isinstance(widget, DatePartsInput):
            return "date"
        if isinstance(widget, PersonInput):
            return "person"
        if isinstance(widget, forms.CheckboxSelectMultiple):
            return "checkboxes"
        if isinstance(widget, forms.RadioSelect):
            return "radios"
        if isinstance(widget, forms.CheckboxInput):
            return "checkbox"
        if isinstance(widget, forms.Textarea):
            return "textarea"
        if isinstance(widget, forms.Select):
            return "select"
        if isinstance(widget, forms.FileInput):
            return "file"
        return "input"

    @property
    def grouped(self):
        return self.kind in {"date", "checkboxes", "radios"}

    @property
    def small(self):
        return getattr(self.field.widget, "small", False)

    @property
    def inline(self):
        return getattr(self.field.widget, "inline", False)

    @property
    def maximum(self):
        return getattr(self.field.widget, "maximum", None) if self.kind == "textarea" else None

    @property
    def first_input_id(self):
        """The id that the error summary links to: the first radio, the wrong part of a date, the field itself."""
        if self.kind == "hidden":
            return ""
        if self.kind == "date":
            wrong = self.wrong_parts
            return next(part["id"] for part in self.parts if part["name"] in wrong or not wrong)
        if self.grouped:
            options = self.subwidgets
            return options[0].id_for_label if options else ""
        return self.id_for_label

    @property
    def error_texts(self):
        return [plain_message(message, self.field, self.label) for message in self.errors]

    @property
    def wrong_parts(self):
        """The parts of a date that its errors are about; empty where they are about the whole date."""
        found = set()
        for error in self.form.errors.as_data().get(self.name, ()):
            found.update((error.params or {}).get("wrong_parts", ()))
        return found

    @property
    def parts(self):
        widget = self.field.widget
        values = widget.decompress(self.value()) if not isinstance(self.value(), list) else self.value()
        wrong = self.wrong_parts
        found = []
        for index, name in enumerate(PARTS):
            part_id = f"{self.auto_id}_{name}"
            classes = ["govuk-input", "govuk-date-input__input", f"govuk-input--width-{4 if name == 'year' else 2}"]
            if self.errors and (name in wrong or not wrong):
                classes.append("govuk-input--error")
            attrs = {"class": " ".join(classes), "id": part_id, "inputmode": "numeric"}
            if self.field.disabled:
                attrs["disabled"] = True
            html = widget.widgets[index].render(f"{self.html_name}_{name}", values[index], attrs, self.form.renderer)
            found.append({"name": name, "label": name.capitalize(), "id": part_id, "html": html})
        return found

    @property
    def options(self):
        hints = getattr(self.field.widget, "hints", {})
        found = []
        for option in self.subwidgets:
            hint = hints.get(str(option.data["value"]), "")
            if hint:
                option.data["attrs"]["aria-describedby"] = f"{option.id_for_label}_hint"
            found.append({"html": option.tag(), "label": option.choice_label, "id": option.id_for_label, "hint": hint})
        return found

    @property
    def person(self):
        text, key = self.field.widget.decompress(self.value())
        return {"text": text, "key": key, "matches": self.field.widget.matches, "key_name": f"{self.html_name}_key"}

    @property
    def described_by(self):
        """The ids of what explains the field: count, hint, error."""
        found = [f"{self.auto_id}-info"] if self.maximum else []
        if self.help_text:
            found.append(f"{self.auto_id}_helptext")
        if self.errors:
            found.append(f"{self.auto_id}_error")
        return " ".join(found)

    def build_widget_attrs(self, attrs, widget=None):
        """Django's attributes, with the design system's classes and without those it leaves out."""
        attrs = super().build_widget_attrs(attrs, widget)
        if (widget or self.field.widget).is_hidden:
            return attrs
        # Not allowed on a radio, and read aloud twice beside an error that the field is already described by.
        attrs.pop("aria-invalid", None)
        attrs.pop("required", None)
        kind = self.kind
        if kind in {"date", "hidden"}:
            return attrs
        attrs["class"] = self._classes(kind)
        if not self.grouped and self.described_by:
            attrs["aria-describedby"] = self.described_by
        if self.maximum:
            # The counter counts past the end and says by how much; maxlength would cut silently.
            self.field.widget.attrs.pop("maxlength", None)
        return attrs

    def _classes(self, kind):
        stem = {"checkbox": "govuk-checkboxes__input", "file": "govuk-file-upload"}.get(kind, f"govuk-{kind}")
        if kind in {"checkboxes", "radios"}:
            return f"govuk-{kind}__input"
        classes = [stem]
        if self.errors and kind != "checkbox":
            classes.append(f"{stem}--error")
        if self.maximum:
            classes.append("govuk-js-character-count")
        own = self.field.widget.attrs.get("class", "").split()
        return " ".join([*classes, *(name for name in own if name not in classes)])


class Textarea(forms.Textarea):
    """A textarea that counts: `maximum` is the most characters, `rows` its height."""

    def __init__(self, attrs=None, *, rows=5, maximum=None):
        super().__init__({"rows": rows, **(attrs or {})})
        self.attrs.pop("cols", None)
        self.maximum = maximum


class TextField(forms.CharField):
    """A text of several lines, each break one character, as the counter on the page counts it.

    What holds nothing that is seen is empty.
    """

    widget = Textarea

    def to_python(self, value):
        text = super().to_python(value).replace("\r\n", "\n").replace("\r", "\n")
        return text if has_visible_text(text) else ""


class _Options:
    def __init__(self, attrs=None, choices=(), *, hints=None, inline=False, small=False):
        super().__init__(attrs, choices)
        self.hints = {str(value): hint for value, hint in (hints or {}).items()}
        self.inline = inline
        self.small = small


class Radios(_Options, forms.RadioSelect):
    """Radio buttons; `hints` says more about a value, `inline` and `small` are the design system's variants."""


class Checkboxes(_Options, forms.CheckboxSelectMultiple):
    """Checkboxes of which several may be ticked; `hints`, `inline`, `small` as in Radios."""


class SmallCheckbox(forms.CheckboxInput):
    small = True


class DatePartsInput(forms.MultiWidget):
    """Day, month and year as three inputs named `<name>_day`, `<name>_month`, `<name>_year`."""

    use_fieldset = True

    def __init__(self, attrs=None):
        super().__init__({f"{name}": forms.TextInput() for name in PARTS}, attrs)

    def decompress(self, value):
        """[day, month, year] from a date, a KnownDate or nothing."""
        if not value:
            return ["", "", ""]
        day = value.day if isinstance(value, KnownDate) else value
        hidden = isinstance(value, KnownDate) and value.precision == DatePrecision.MONTH
        return ["" if hidden else day.day, day.month, day.year]

    def id_for_label(self, id_):
        return f"{id_}_day" if id_ else id_


class PersonInput(forms.MultiWidget):
    """A person as the text typed, `<name>`, and the key of who was chosen from those it matches, `<name>_key`.

    `matches` are (key, label) of several people who match; then one of them is to be chosen.
    """

    def __init__(self, attrs=None):
        super().__init__({"": forms.TextInput(), "key": forms.HiddenInput()}, attrs)
        self.matches = []

    def decompress(self, value):
        if isinstance(value, list | tuple):
            return ["" if part is None else part for part in value]
        return [value.title_and_name, str(value.pk)] if value else ["", ""]

    def id_for_label(self, id_):
        return id_

    def value_omitted_from_data(self, data, files, name):
        # Without script the key comes only where one of several was chosen.
        return name not in data


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
        text = text[:LONGEST_PERSON_TEXT].replace("\0", "")
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
        named = [one for one in found if fold_name(text) in (fold_name(one.name), fold_name(one.title_and_name))]
        if len(found) == 1 or len(named) == 1:
            return (named or found)[0]
        self.widget.matches = [(person.pk, label_of_match(person)) for person in found[:MOST_MATCHES]]
        problem = "too_many" if len(found) > MOST_MATCHES else "several" if found else "nobody"
        raise ValidationError(self.error_messages[problem].replace("%(text)s", text), code=problem)

    def has_changed(self, initial, data):
        return list(self.widget.decompress(initial)) != list(data or ("", ""))


class DateParts(forms.Field):
    """A date typed as day, month and year; a month may be a number or a word.

    Cleans to a date or None. With `day_optional=True` it cleans to a KnownDate, whose `precision` says whether
    the day was given. Errors say which part is missing or wrong.
    """

    widget = DatePartsInput

    def __init__(self, *, day_optional=False, earliest=date(1900, 1, 1), latest=date(2199, 12, 31), **kwargs):
        self.day_optional = day_optional
        self.earliest = earliest
        self.latest = latest
        super().__init__(**kwargs)

    def clean(self, value):
        typed = dict(zip(PARTS, ((part or "").strip() for part in value or ["", "", ""]), strict=True))
        if not any(typed.values()):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        optional = {"day"} if self.day_optional else set()
        missing = [name for name in PARTS if not typed[name] and name not in optional]
        if missing:
            raise _date_error("The date must include a " + " and a ".join(missing), missing)
        known = self._date(typed)
        if not self.earliest <= known <= self.latest:
            raise _date_error(f"The year must be between {self.earliest.year} and {self.latest.year}", ["year"])
        self.run_validators(known)
        if self.day_optional:
            return KnownDate(known, DatePrecision.DAY if typed["day"] else DatePrecision.MONTH)
        return known

    def has_changed(self, initial, data):
        try:
            return self.clean(data) != (initial or None)
        except ValidationError:
            return True

    def _date(self, typed):
        month = _month(typed["month"])
        if month is None:
            raise _date_error("The month must be a number from 1 to 12, or its name", ["month"])
        if not _is_number(typed["year"], 4):
            raise _date_error("The year must have 4 numbers, like 2026", ["year"])
        day = typed["day"] or "1"
        if not _is_number(day, 1, 2):
            raise _date_error("The day must be a number from 1 to 31", ["day"])
        try:
            return date(int(typed["year"]), month, int(day))
        except ValueError:
            raise _date_error("There is no such day in that month", ["day"]) from None


class RatingField(forms.TypedChoiceField):
    """The committee's four ratings as radios, each with symbol and words, or left "to be assessed".

    Cleans to a Rating, or None.
    """

    def __init__(self, **kwargs):
        signs = [(r.value, format_html(SIGN, r.colour, r.symbol, r.label)) for r in Rating]
        hints = {rating.value: rating.guidance for rating in Rating}
        kwargs.setdefault("widget", Radios(hints=hints, small=True))
        choices = [*signs, ("", TO_BE_ASSESSED.capitalize())]
        super().__init__(choices=choices, coerce=lambda value: Rating(int(value)), empty_value=None, **kwargs)


class GovukForm:
    """Mixed into every form (before forms.Form or forms.ModelForm): plain messages, no browser bubbles.

    `error_focus` may name the field that errors about the whole form lead to.
    """

    bound_field_class: type[BoundField] | None = GovukBoundField
    use_required_attribute = False
    error_focus = ""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if field.error_messages.get("required") == GENERIC_REQUIRED:
                field.error_messages["required"] = _required_message(field, field.label or name.replace("_", " "))

    def error_summary(self):
        """Every error as Problem(message, href), in the order of the fields."""
        return error_summary(self)


def error_summary(form):
    """The errors of a form, a formset, or a list of them, as a list of Problem(message, href).

    Each href leads to an input that takes the focus; it is "" for an error that belongs to no input.
    """
    if not form:
        return []
    if isinstance(form, forms.BaseFormSet):
        return [Problem(str(m), "") for m in form.non_form_errors()] + error_summary(list(form.forms))
    if isinstance(form, list | tuple):
        return [problem for one in form for problem in error_summary(one)]
    return _problems_of(form) if form.is_bound else []


def dressed(field):
    """The bound field as GovukBoundField, whatever form it comes from."""
    return field if isinstance(field, GovukBoundField) else GovukBoundField(field.form, field.field, field.name)


def _problems_of(form):
    focus = dressed(form[form.error_focus]).first_input_id if getattr(form, "error_focus", "") else ""
    found = [Problem(str(m), f"#{focus}" if focus else "") for m in form.errors.get(NON_FIELD_ERRORS, ())]
    for name in form.fields:
        if name in form.errors:
            field = dressed(form[name])
            href = f"#{field.first_input_id}" if field.first_input_id else ""
            found += [Problem(text, href) for text in field.error_texts]
    return found


def plain_message(message, field, label):
    """The message as text; another library's "This field is required." in our words."""
    return _required_message(field, label) if message == GENERIC_REQUIRED else str(message)


def _required_message(field, label):
    words = str(label)
    if words.endswith("?"):
        return "Answer this question"
    if isinstance(field, forms.BooleanField):
        return f"Tick the box: {words}"
    first = words.split(" ", 1)[0]
    if first.istitle():
        words = words[:1].lower() + words[1:]
    if first.lower() not in NEEDS_NO_ARTICLE:
        words = f"the {words}"
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField | forms.FileField):
        return f"Choose {words}"
    return f"Enter {words}"


def add_errors(form, error):
    """Put why an action was refused into a form: a ValidationError beside the fields it is about, the rest on top."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error if isinstance(error, ValidationError) else str(error))
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields and name != NON_FIELD_ERRORS else None, errors)


def _date_error(message, wrong_parts):
    return ValidationError(message.replace("%", "%%"), code="invalid_date", params={"wrong_parts": tuple(wrong_parts)})


def _month(typed):
    if _is_number(typed, 1, 2):
        return int(typed) if 1 <= int(typed) <= 12 else None
    return month_number(typed)


def _is_number(typed, shortest, longest=None):
    return typed.isascii() and typed.isdigit() and shortest <= len(typed) <= (longest or shortest)
