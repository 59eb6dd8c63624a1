"""What the templates say in the field's own words: prose, ratings, stages, deadlines, dates, form errors."""

import secrets
from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.timezone import is_aware, localdate, localtime

from inquiries.choices import TO_BE_ASSESSED, Decision, FactPrecision, OfficerView, Rating, Stage
from inquiries.dates import date_text
from inquiries.documents.content import (
    ACCOUNT_COLUMNS,
    ACCOUNT_HEADING,
    CLOSED_HEADING,
    COLUMNS,
    GUIDANCE_HEADING,
    NO_UPDATE,
    long_date,
)
from inquiries.documents.rich_text import Paragraph, blocks
from inquiries.govuk import dressed, error_summary

register = template.Library()

COLUMNS_BY_NAME = dict(zip(("recommendations", "response", "update", "assessment"), COLUMNS, strict=True))
LINE_BREAK = SafeString("<br>")
CHECKED = SafeString(" checked")
RATING_CHOICES = [
    (SafeString(one.value), format_html('<i aria-hidden="true">{}</i>{}', one.symbol, one.label)) for one in Rating
]
RATING_TAGS = {
    one.value: format_html(
        '<strong class="scrutiny-rating scrutiny-rating--{}">'
        '<span class="scrutiny-rating__symbol" aria-hidden="true">{}</span> {}</strong>',
        one.colour,
        one.symbol,
        one.label,
    )
    for one in Rating
}
UNASSESSED = format_html('<span class="scrutiny-unassessed">{}</span>', TO_BE_ASSESSED)
STAGE_COLOURS = {
    Stage.COMMISSIONED: "yellow",
    Stage.AWAITING_SIGN_OFF: "orange",
    Stage.SIGNED_OFF: "teal",
    Stage.PUBLISHED: "purple",
    Stage.ASSESSED: "green",
}
DECISION_COLOURS = {
    Decision.ACCEPTED: "green",
    Decision.IN_PART: "yellow",
    Decision.IN_PRINCIPLE: "yellow",
    Decision.NOT_ACCEPTED: "red",
    Decision.DEFERRED: "orange",
    Decision.ANOTHER_BODY: "grey",
}


@register.simple_tag
def navigation_item(path, href, text, exact=False):
    """An entry of the menu, marked where it leads to the page itself or, unless `exact`, to what the page is below."""
    if path != href and (exact or href not in path):
        return format_html(
            '<li class="govuk-service-navigation__item">'
            '<a class="govuk-service-navigation__link" href="{}">{}</a></li>',
            href,
            text,
        )
    return format_html(
        '<li class="govuk-service-navigation__item govuk-service-navigation__item--active">'
        '<a class="govuk-service-navigation__link" href="{}" aria-current="{}">'
        '<strong class="govuk-service-navigation__active-fallback">{}</strong></a></li>',
        href,
        "page" if path == href else "true",
        text,
    )


@register.simple_tag
def form_key():
    """By which a form that arrives twice is recognised: see views/repeated_posts.py."""
    return format_html('<input type="hidden" name="form_key" value="{}">', secrets.token_urlsafe(12))


@register.filter
def prose(text):
    """Typed text as safe HTML: paragraphs, bullet and numbered lists, links. Everything typed is escaped."""
    found = [block_html(block) for block in blocks(text or "")]
    return found[0] if len(found) == 1 else format_html_join("\n", "{}", ((block,) for block in found))


@register.filter
def longdate(value):
    if not value:
        return ""
    if isinstance(value, datetime) and is_aware(value):
        value = localtime(value)
    return long_date(value)


@register.filter
def recommendation_numbers(updates):
    """What these updates answer: "recommendations 1a, 1b and 2"."""
    if len(updates) == 1:
        return updates[0].response.numbers
    answered = [sorted(each.response.recommendations.all(), key=lambda r: r.reference_key) for each in updates]
    return f"recommendations {get_text_list([one.reference for found in answered for one in found], 'and')}"


@register.filter
def in_words(value):
    """A date as "3 November 2026", a person with their name; nothing for None."""
    return long_date(value) if isinstance(value, date) else "" if value is None else str(value)


@register.filter
def date_of(record, fact):
    """When something was done, from `<fact>_at`: its day, or only the month where an import says no more."""
    at = getattr(record, f"{fact}_at")
    day = getattr(record, f"{fact}_on", None) or (at and localdate(at))
    return date_text(day, getattr(record, f"{fact}_precision")) if at else ""


@register.filter
def moment_of(record, fact):
    """As `date_of`, with the time where it was done here."""
    at = getattr(record, f"{fact}_at")
    is_exact = getattr(record, f"{fact}_precision") == FactPrecision.MOMENT
    return moment(at) if is_exact else date_of(record, fact)


@register.filter
def moment(value):
    """A moment as "10 November 2015 at 10:42"; nothing for None."""
    if not value:
        return ""
    local = localtime(value) if is_aware(value) else value
    return f"{long_date(local)} at {local:%H:%M}"


@register.filter
def entry_sentence(entry):
    """A history entry as a sentence: "Janice Moore changed the response to 2 on 3 November 2026, 10:42 (on behalf of
    Siân Llŷr-Ôwain)"."""
    at = localtime(entry.at)
    behalf = f" (on behalf of {entry.on_behalf_of})" if entry.on_behalf_of else ""
    return f"{entry.by_name} {entry.sentence} on {long_date(at)}, {at:%H:%M}{behalf}"


@register.simple_tag
def rating(value):
    """The committee's assessment as a tag with symbol, words and colour; None is "to be assessed"."""
    if value in (None, ""):
        return UNASSESSED
    return RATING_TAGS[Rating(value)]


@register.simple_tag
def rating_inputs(name, chosen, not_yet):
    """The four ratings as radios of this name, and `not_yet` for none, light enough for a page with many of them."""
    choices, name = [*RATING_CHOICES, ("", not_yet)], conditional_escape(name)
    inputs = ((name, value, CHECKED if value == chosen else "", label) for value, label in choices)
    return format_html_join("", '<label><input type="radio" name="{}" value="{}"{}>{}</label>', inputs)


@register.simple_tag
def stage(value):
    return tag_html(Stage(value), STAGE_COLOURS)


@register.simple_tag
def decision(value):
    return tag_html(Decision(value), DECISION_COLOURS)


@register.simple_tag
def officer_view(value):
    """The lead officer's own view of progress in plain words, never in the committee's colours."""
    return OfficerView(value).label if value else "not given"


@register.simple_tag
def due(day, today):
    """A deadline in words: "Due 3 November 2026, in 5 days", "3 days overdue". `today` is given, never asked."""
    if not day:
        return ""
    left = (day - today).days
    if left < 0:
        return format_html(
            '<span class="scrutiny-due scrutiny-due--late"><strong>{} overdue</strong>, was due {}</span>',
            _days(-left),
            long_date(day),
        )
    when = "today" if left == 0 else "tomorrow" if left == 1 else f"in {_days(left)}"
    nearness = "soon" if left <= 7 else "later"
    return format_html('<span class="scrutiny-due scrutiny-due--{}">Due {}, {}</span>', nearness, long_date(day), when)


@register.simple_tag
def target_date(day, report_day=None, is_done=False):
    """A target date, marked where it has passed and nothing says that it is done.

    On the page of a report it counts whether it had passed on the day of the report.
    """
    if not day:
        return ""
    today = timezone.localdate()
    if is_done or day >= min(report_day or today, today):
        return long_date(day)
    return format_html('{} <strong class="govuk-tag govuk-tag--red">Date has passed</strong>', long_date(day))


@register.filter
def is_past(moment):
    return moment < timezone.now()


@register.filter
def govuk(field):
    return dressed(field)


@register.simple_tag(takes_context=True)
def problems(context):
    """The errors on this page as (message, href): `error_list`, or those of `form`, `forms`, `formset`."""
    if context.get("error_list"):
        return context["error_list"]
    found = []
    for name in ("form", "forms", "formset"):
        thing = context.get(name)
        if hasattr(thing, "is_bound") or isinstance(thing, list | tuple):
            found += error_summary(thing)
    return found


@register.filter
def banners(messages):
    kinds = {"error": "trouble", "success": "done"}
    said = {"trouble": [], "done": [], "important": []}
    for message in messages or ():
        said[kinds.get(message.level_tag, "important")].append(message)
    return [(kind, together) for kind, together in said.items() if together]


@register.simple_tag(takes_context=True)
def page_address(context, number):
    """The query string of another page of the same list, with everything else the person asked for."""
    query = context["request"].GET.copy()
    query["page"] = number
    return f"?{query.urlencode()}"


@register.filter
def page_numbers(paginator, number):
    """The page numbers to offer around `number`; None where some are left out."""
    return [shown if isinstance(shown, int) else None for shown in paginator.get_elided_page_range(number)]


@register.simple_tag
def template_words():
    """The committee's template's own headings, for the page that prints a report."""
    return {
        "columns": COLUMNS_BY_NAME,
        "guidance_heading": GUIDANCE_HEADING,
        "closed_heading": CLOSED_HEADING,
        "account_heading": ACCOUNT_HEADING,
        "account_columns": ACCOUNT_COLUMNS,
        "no_update": NO_UPDATE,
    }


def block_html(block):
    if isinstance(block, Paragraph):
        return format_html('<p class="govuk-body">{}</p>', _runs(block.runs))
    items = format_html_join("", "<li>{}</li>", ((_runs(item),) for item in block.items))
    if not block.ordered:
        return format_html('<ul class="govuk-list govuk-list--bullet">{}</ul>', items)
    start = format_html(' start="{}"', block.start) if block.start != 1 else ""
    return format_html('<ol class="govuk-list govuk-list--number"{}>{}</ol>', start, items)


def _runs(runs):
    """Of most texts one run, which needs no joining."""
    return _run(runs[0]) if len(runs) == 1 else format_html_join("", "{}", ((_run(run),) for run in runs))


def _run(run):
    """Safe HTML, or a line that is plain text still: it is escaped where it is put in."""
    if run.href:
        return format_html('<a class="govuk-link" href="{}" rel="nofollow noopener">{}</a>', run.href, run.text)
    if "\n" not in run.text:
        return run.text
    return format_html_join(LINE_BREAK, "{}", ((line,) for line in run.text.split("\n")))


def tag_html(value, colours):
    return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', colours[value], value.label)


def _days(count):
    return "1 day" if count == 1 else f"{count} days"
