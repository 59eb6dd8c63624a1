"""Forms of one field, and HTML in a form that can be compared."""

import html5lib
from django import forms
from django.template.loader import render_to_string

from inquiries.govuk import GovukForm

REFERRING = ("for", "aria-describedby", "aria-labelledby")


def form_of(name, field, data=None, initial=None):
    """A form with one field, bound where `data` is given."""
    kind = type("OneField", (GovukForm, forms.Form), {name: field})
    return kind(data, initial={name: initial} if initial is not None else None)


def as_html(form):
    return render_to_string("govuk/uni_form.html", {"form": form})


def tree(html, without=()):
    """HTML as comparable nested tuples: classes as sets, ids numbered in order, spaces evened out."""
    numbers = {}

    def number(name):
        return numbers.setdefault(name, len(numbers))

    def attribute(key, value):
        if key == "class":
            return key, frozenset(value.split())
        if key == "id" or key in REFERRING:
            return key, tuple(number(part) for part in value.split())
        return key, value

    def node(element):
        attributes = frozenset(
            attribute(key, value) for key, value in sorted(element.attrib.items()) if key not in without
        )
        # What is typed keeps its line breaks.
        text = (element.text or "") if element.tag == "textarea" else " ".join((element.text or "").split())
        inside = tuple((node(child), " ".join((child.tail or "").split())) for child in element)
        return element.tag, attributes, text, inside

    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return tuple(node(element) for element in parser.parseFragment(html.strip()))
