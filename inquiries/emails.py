"""How an e-mail is written: the text from templates/mail/<occasion>.txt, and the same text as HTML."""

import hashlib
import re
from datetime import date, timedelta
from email.utils import formataddr
from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.signing import BadSignature, Signer
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import Truncator

from inquiries.choices import NEWS, WordedMail
from inquiries.models import Committee, Inquiry, MailWording, Person, ProgressReport

LONGEST_SUBJECT = 200
# Asks machines that answer for people on leave not to.
AUTOMATIC = {"Auto-Submitted": "auto-generated"}
LIST_MARK = "- "
DIGEST = "digest"
NEWS_FOOTER = "You can choose when such e-mails come, or that they do not:"
LONG_DATE = "l j F Y"
# In the query of links, see views/mail_links.py.
LINK_MARK = "mail"
PLACEHOLDER = re.compile(r"\{(\w+)\}")
LINK = '<a href="{}" style="color:#1d70b8;word-wrap:break-word">{}</a>'


def site_address():
    return settings.SITE_ADDRESS.rstrip("/")


def render_email(occasion, person, context, reply_to=None, *, wordings=None):
    """(subject, text from "Dear" on) of the e-mail of `occasion` to `person`; answers to it go to `reply_to`.

    In the wording of the council, where it has one: of `wordings`, by occasion, if they have been read already.
    """
    known = {"person": person, "site": site_address(), "council": settings.COUNCIL_NAME, "reply_to": reply_to}
    words = render_to_string(f"mail/{occasion}.txt", known | context)
    subject, dear, body = words.strip().partition("\nDear ")
    wording = (find_wordings([occasion]) if wordings is None else wordings).get(occasion)
    if wording:
        subject, body = apply_wording(wording, subject, body, placeholders(person, context, reply_to))
    if occasion in NEWS or occasion == DIGEST:
        body = f"{body.strip()}\n\n{NEWS_FOOTER}\n\n{site_address()}{reverse('account_emails')}"
    # A line break in a subject would let a title write mail headers.
    return Truncator(" ".join(subject.split())).chars(LONGEST_SUBJECT), f"{dear}{body}".strip() + "\n"


def find_wordings(occasions):
    wanted = {occasion for occasion in occasions if occasion in WordedMail.values}
    return {wording.occasion: wording for wording in MailWording.objects.filter(occasion__in=wanted)} if wanted else {}


def apply_wording(wording, subject, body, values):
    """The council's subject and opening in place of the standard ones, unless something they name is not known."""
    used = used_placeholders(wording.subject) | used_placeholders(wording.opening)
    if any(not values.get(name) for name in used):
        return subject, body
    greeting, _, rest = body.split("\n\n", 2)
    opening = fill_in(wording.opening, values)
    return fill_in(wording.subject, values), f"{greeting}\n\n{opening}\n\n{rest}"


def used_placeholders(text):
    return set(PLACEHOLDER.findall(text))


def fill_in(text, values):
    """Once, so that braces in a title stay what they are."""
    return PLACEHOLDER.sub(lambda match: values[match[1]], text.strip())


def placeholders(person, context, reply_to):
    """What a wording can name of this e-mail, by placeholder."""
    values = {
        "name": person.name,
        "council": settings.COUNCIL_NAME,
        "clerk": reply_to.name if reply_to else "the clerk",
        "reason": context.get("why") or context.get("reason") or "",
    }
    if tasks := context.get("tasks"):
        values["what"] = f"{tasks[0].what}{f' and {len(tasks) - 1} more' if len(tasks) > 1 else ''}"
        values["inquiry"] = first_title(task.of for task in tasks)
        values["date"] = date_format(tasks[0].due, LONG_DATE)
        values["state"] = "Late" if tasks[0].due < context["today"] else "Reminder"
        return values
    report, due = context.get("report"), None
    if updates := context.get("updates"):
        report = updates[0].report
        due = min((update.due_on for update in updates if update.due_on), default=None)
        several = len(updates) > 1
        values["numbers"] = f"{updates[0].response.numbers}{f' and {len(updates) - 1} more' if several else ''}"
        values["what"] = f"progress update{'s' if several else ''} on {values['numbers']}"
    elif report:
        due = report.sign_off_due_on
        values["what"] = f"sign-off of the {report.kind.lower()}"
    if report:
        values["inquiry"] = first_title([update.report.inquiry for update in updates or []] or [report.inquiry])
        values["committee"] = report.inquiry.committee.name
        values["report"] = report.kind.lower()
        values["date"] = date_format(due, LONG_DATE) if due else ""
    return values


def first_title(inquiries):
    titles = list(dict.fromkeys(map(str, inquiries)))
    return f"{titles[0]}{f' and {len(titles) - 1} more' if len(titles) > 1 else ''}"


# A made-up e-mail of each occasion, by which a clerk judges a wording.
SAMPLE_PERSON = Person(name="Sam Example", email="sam@example.org")
SAMPLE_CLERK = Person(name="Alex Example", email="alex@example.org", is_clerk=True)
SAMPLE_DAY = date(2026, 11, 16)


def sample_context(occasion):
    inquiry = Inquiry(title="Warm homes", slug="warm-homes", committee=Committee(name="Communities Select Committee"))
    report = ProgressReport(inquiry=inquiry, months_on=6, updates_due_on=SAMPLE_DAY, sign_off_due_on=SAMPLE_DAY)
    update = SimpleNamespace(
        report=report,
        response=SimpleNamespace(numbers="recommendation 2"),
        returned_by=SimpleNamespace(name="Councillor Robin Example"),
        return_note="Please say how many households were helped.",
        get_absolute_url="/inquiries/warm-homes/progress/6/updates/2/",
        due_on=SAMPLE_DAY,
    )
    task = SimpleNamespace(
        what="progress update on recommendation 2",
        of=inquiry,
        about="inquiry “Warm homes”",
        due=SAMPLE_DAY,
        people=[SAMPLE_PERSON],
    )
    return {
        WordedMail.UPDATE_WANTED: {"updates": [update]},
        WordedMail.UPDATE_RETURNED: {"updates": [update]},
        WordedMail.UPDATE_REOPENED: {"updates": [update], "reason": "A figure was wrong."},
        WordedMail.SIGN_OFF_WANTED: {"report": report},
        WordedMail.REMINDER: {"tasks": [task], "today": SAMPLE_DAY},
        WordedMail.ESCALATION: {"tasks": [task], "today": SAMPLE_DAY + timedelta(days=7)},
        WordedMail.DATES_CHANGED: {
            "why": "The meeting has been moved to 15 December 2026.",
            "things": ["progress update on recommendation 2 of “Warm homes”: by 16 November 2026"],
        },
    }[occasion]


def sample_values(occasion):
    return placeholders(SAMPLE_PERSON, sample_context(occasion), SAMPLE_CLERK)


def sample_email(occasion, subject=None, opening=None):
    """(subject, text) as a wording makes it, or the standard one."""
    wordings = {occasion: MailWording(subject=subject, opening=opening)} if opening else {}
    return render_email(occasion, SAMPLE_PERSON, sample_context(occasion), SAMPLE_CLERK, wordings=wordings)


def standard_wording(occasion):
    """(subject, opening) of the standard wording, with placeholders for what differs from e-mail to e-mail."""
    subject, body = sample_email(occasion)
    values = sample_values(occasion)
    given = [(value, name) for name, value in values.items() if value and name not in ("name", "council", "clerk")]
    given += [(date_format(SAMPLE_DAY, "j F Y"), "date"), (date_format(SAMPLE_DAY, "j F"), "date")]
    texts = [subject, body.split("\n\n", 2)[1]]
    for value, name in sorted(given, key=lambda pair: -len(pair[0])):
        texts = [text.replace(value, f"{{{name}}}") for text in texts]
    return tuple(texts)


def make_email(subject, body, address, *, reply_to=None, headers=()):
    """The message with its text as plain text and as HTML."""
    message = EmailMultiAlternatives(
        subject,
        body,
        to=[address],
        reply_to=[formataddr((reply_to.name, reply_to.email))] if reply_to else None,
        headers=AUTOMATIC | dict(headers),
    )
    context = {
        "subject": subject,
        "blocks": html_blocks(body, reply_to.email if reply_to else None),
        "council": settings.COUNCIL_NAME,
    }
    message.attach_alternative(render_to_string("mail/base.html", context), "text/html")
    return message


def mark_links(body, notification):
    """The text with the signed mark of this notification in each link to this site."""
    query = urlencode({LINK_MARK: Signer(salt="mail link").sign(notification)})
    return "\n".join(f"{line}?{query}" if is_link(line) else line for line in body.split("\n"))


def read_mark(mark):
    """The key of the notification, or None."""
    try:
        return int(Signer(salt="mail link").unsign(mark))
    except BadSignature:
        return None


def is_link(line):
    return line.startswith(f"{site_address()}/") and not re.search(r"[\s?#]", line)


def message_id(key):
    """The same for the same key: where a worker was killed after sending, mail systems recognise the second copy."""
    digest = hashlib.sha256(f"{settings.SITE_ADDRESS} {key}".encode()).hexdigest()[:32]
    return f"<{digest}@{urlsplit(settings.SITE_ADDRESS).hostname}>"


def html_blocks(body, reply_address=None):
    """Paragraphs and lists of a plain text as HTML.

    What people typed is in it, so all of it is escaped. Links are the addresses of this site on a line of their own
    and the address for replies, no other.
    """
    blocks = []
    for paragraph in re.split(r"\n{2,}", body.strip()):
        before, items = [], []
        for line in paragraph.split("\n"):
            if line.startswith(LIST_MARK):
                items.append(line.removeprefix(LIST_MARK))
            elif items:
                items[-1] += f"\n{line}"
            else:
                before.append(line)
        if before:
            blocks.append({"lines": html_lines(before, reply_address)})
        if items:
            blocks.append({"entries": [html_lines(item.split("\n"), reply_address) for item in items]})
    return blocks


def html_lines(lines, reply_address):
    return format_html_join(mark_safe("<br>"), "{}", ((html_line(line, reply_address),) for line in lines))


def html_line(line, reply_address):
    address, _, query = line.partition(f"?{LINK_MARK}=")
    if is_link(address) and not re.search(r"\s", query):
        return format_html(LINK, line, address)
    if reply_address and reply_address in line:
        before, _, after = line.rpartition(reply_address)
        link = format_html(LINK, f"mailto:{reply_address}", reply_address)
        return format_html("{}{}{}", before, link, after)
    return conditional_escape(line)
