"""The writes that are measured: a year of one inquiry by way of its pages, each round with another inquiry.

A form is fetched, filled in as a person would, and sent: what is measured is the sending alone, with its transaction
and all that the database does when it ends. `not_sent` says which addresses that take a POST are not here.
"""

import secrets
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.urls import get_resolver, resolve

from bench.council import (
    CABINET_MEMBER,
    CHAIR,
    CLERK,
    FIRST_WITHOUT_MINUTES,
    MEMBER,
    OFFICER,
    SIGNED_IN_STORIES,
)
from bench.web_tables import BARE
from inquiries.models import (
    AgendaItem,
    Inquiry,
    MoreTimeRequest,
    Person,
    ProgressReport,
    ProgressUpdate,
    Recommendation,
)
from tests.access_table import NO_SUCH_METHOD
from tests.test_access import TABLE, patterns

PASTED = "\n".join(f"{number}. That the council does this {number} times." for number in range(1, 11))


class Forms(HTMLParser):
    """The forms of a page: (address, {name: [values as the browser would send them]})."""

    def __init__(self, html):
        super().__init__()
        self.forms, self.fields, self.area, self.select = [], None, None, None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        name, kind = given.get("name"), given.get("type", "text")
        if tag == "form":
            self.fields = {}
            if given.get("method") == "post":
                self.forms.append((given.get("action", ""), self.fields))
        elif self.fields is None or "disabled" in given:
            return
        elif tag == "input" and name and kind not in ("submit", "file", "button"):
            if kind not in ("radio", "checkbox") or "checked" in given:
                self.fields.setdefault(name, []).append(given.get("value", ""))
        elif tag == "textarea" and name:
            self.area = name
            self.fields[name] = [""]
        elif tag == "select" and name:
            self.select = name
        elif tag == "option" and self.select and ("selected" in given or self.select not in self.fields):
            self.fields[self.select] = [given.get("value", "")]

    def handle_endtag(self, tag):
        if tag == "form":
            self.fields = None
        elif tag == "textarea":
            self.area = None
        elif tag == "select":
            self.select = None

    def handle_data(self, data):
        if self.area:
            self.fields[self.area][0] += data


def form_at(browser, page, action=None):
    """The fields of the form of a page that is sent to `action`, or to the page itself."""
    status, _, body, _ = browser.request(page)
    if status != 200:
        raise SystemExit(f"{page} answers with {status}.")
    wanted = urlsplit(action or page).path
    for address, fields in Forms(body.decode()).forms:
        if urlsplit(address or page).path == wanted:
            return fields
    raise SystemExit(f"{page} has no form that is sent to {wanted}.")


class Story:
    """One round: `timed` has (name, seconds, queries) of what was sent, `addresses` where it was sent to."""

    def __init__(self, people, count_queries):
        self.people, self.count_queries, self.timed, self.addresses = people, count_queries, [], set()

    def send(self, what, who, page, address=None, fields=None, *, expected=302, **changes):
        """Fill in the form and send it; (where it leads, the page that answered)."""
        browser = self.people[who]
        fields = form_at(browser, page, address) if fields is None else fields
        data = {key: value[-1] if len(value) == 1 else value for key, value in fields.items()} | changes
        (status, headers, body, seconds), queries = self.count_queries(lambda: browser.request(address or page, data))
        if status != expected:
            shown = body.decode()
            place = shown.find("error-summary")
            raise SystemExit(f"{what}: {address or page} answers with {status}.\n{shown[place : place + 1500]}")
        self.timed.append((what, seconds, queries))
        self.addresses.add(resolve(address or page).view_name)
        return headers.get("Location", ""), body.decode()


def not_sent(addresses):
    """The names of the addresses that take a POST and are not among `addresses`; those of signing in apart."""
    known = (name for name, _ in patterns(get_resolver("scrutiny.urls")) if ":" in name)
    return sorted({name for name in known if TABLE[name]["collecting post"] != NO_SUCH_METHOD} - addresses)


def day(name, date):
    return {f"{name}_day": date.day, f"{name}_month": date.month, f"{name}_year": date.year}


def send_year(story, slug, number, today):
    """Send the forms of the year of this inquiry, and those of the clerk beside it."""
    send_round(story, slug, number, today)
    send_records(story, slug, number, today)
    send_meetings(story, number, today)
    send_minutes(story, number)
    send_people(story, number, today)


def send_round(story, slug, number, today):
    """Commissioned, written, signed, published, assessed."""
    send, report = story.send, f"/inquiries/{slug}/progress/6/"
    manage, update = f"/clerk{report}", f"{report}updates/1/"

    def send_bare_update():
        """Between the others: sent in a row it would find ready what they do not."""
        send(BARE, OFFICER, "/bare/update/", fields={}, expected=200, text=secrets.token_hex(8))

    commission = f"/clerk/inquiries/{slug}/commission/"
    _, check = send("commission: the preview", CLERK, commission, expected=200, meeting="1", action="check")
    [carried] = [fields for _, fields in Forms(check).forms if "meeting" in fields]
    send("commission, 10 recommendations", CLERK, commission, fields=carried, action="commission")
    written = form_at(story.people[OFFICER], update)
    words = {
        "text": f"Ten homes have been insulated since April, and {number} are waiting.",
        "officer_view": "on_track",
    }
    send_bare_update()
    send("keep a draft of an update", OFFICER, update, f"{update}autosave/", written, expected=200, **words)
    send_bare_update()
    send("save an update", OFFICER, update, fields=written, action="save", **words)
    send_bare_update()
    send("submit an update", OFFICER, update, action="submit")
    later = day("wanted_until", today + timedelta(days=20))
    send("ask for more time", OFFICER, f"{report}updates/2/more-time/", reason="The survey is late.", **later)
    [asked] = MoreTimeRequest.objects.filter(update__report__inquiry__slug=slug).values_list("pk", flat=True)
    decision = {"decision": "refuse", "note": "There is none."}
    send_bare_update()
    send("refuse more time", CLERK, f"{manage}more-time/{asked}/", **decision)
    send("send reminders by hand", CLERK, manage, f"{manage}remind/")
    sign_off_day = day("sign_off_due_on", today + timedelta(days=30))
    send("change the dates of a report", CLERK, f"{manage}dates/", **sign_off_day)
    send("close the collection, 9 not received", CLERK, f"{manage}close-updates/")
    send("return an update", CABINET_MEMBER, f"{report}updates/1/return/", note="Please say with whom.")
    send("submit what was returned", OFFICER, update, action="submit", text=f"With Citizens Advice, {number}.")
    send_bare_update()
    send("sign off", CABINET_MEMBER, f"{report}sign-off/")
    send("publish a report: PDF, Word, search", CLERK, f"{manage}publish/")
    # Its meeting is past.
    ProgressReport.objects.filter(inquiry__slug=slug).update(meeting=2)
    key, assess = ProgressReport.objects.get(inquiry__slug=slug).updates.about("1").get().pk, f"{report}assess/"
    indicate, row = f"{assess}notes/", {f"rating-{key}": "2", f"text-{key}": "We thank the officers."}
    noted, own = form_at(story.people[MEMBER], assess), form_at(story.people[CHAIR], indicate)
    send("keep a draft of indications", MEMBER, assess, f"{assess}autosave/", noted, expected=200, **row)
    send("note an indication", MEMBER, assess, **row)
    send("keep a draft of the chair's indications", CHAIR, indicate, f"{indicate}autosave/", own, expected=200, **row)
    keys = ProgressUpdate.objects.filter(report__inquiry__slug=slug).values_list("pk", flat=True)
    send("save all indications, 10 rows", MEMBER, assess, **{f"rating-{one}": "3" for one in keys})
    send("note an indication of the chair", CHAIR, indicate, **row)
    send("record an assessment", CHAIR, assess, **row)
    room, second = "/meetings/2/room/", ProgressUpdate.objects.about("2").get(report__inquiry__slug=slug).pk
    send("rate a row in the room", CHAIR, f"{room}?row={second}", room, rating="3", comment="When will it be done?")
    action = {
        "text": "Say by when it is done.",
        "owner": f"Surname{OFFICER:04}",
        **day("due_on", today + timedelta(days=60)),
    }
    send("set an action", CHAIR, f"{report}actions/2/", **action)
    send("confirm assessments: PDF, Word, search", CHAIR, f"{report}confirm/")
    mistyped = {"rating": "4", "reason": "The rating was mistyped."}
    send("correct an assessment: PDF, Word, search", CLERK, f"{report}correct/2/", **mistyped)
    send("reopen a report", CLERK, f"{manage}reopen/", reason="A rating was mistyped.", to="published")


def send_records(story, slug, number, today):
    """Recommendations and responses, and an inquiry that is new."""
    send = story.send
    recommendation = Recommendation.objects.get(inquiry__slug=slug, reference="9")
    place, answer = f"/clerk/recommendations/{recommendation.pk}/", f"/clerk/responses/{recommendation.response_id}/"
    send("reword a recommendation", CLERK, f"{place}reword/", text="That it is done soon.", reason="A slip.")
    moved = day("target_date", today + timedelta(days=200 + number))
    send("move a target date", CLERK, f"{answer}target-date/", reason="The contractor was late.", **moved)
    ended = {"ending": "superseded", "reason": "By another.", **day("on", today)}
    send("end a recommendation", CLERK, f"{place}end/", **ended)
    send("open a recommendation again", CLERK, f"{place}resume/", reason="It was not.")
    title = f"A new inquiry {number}"
    received = day("received_on", today - timedelta(days=3))
    send("record an inquiry", CLERK, "/inquiries/new/", title=title, committee="1", **received)
    new = Inquiry.objects.get(title=title)
    add = f"/clerk/inquiries/{new.slug}/recommendations/add/"
    send("read pasted recommendations", CLERK, add, expected=200, text=PASTED)
    send("settings", CLERK, "/clerk/settings/", update_days_after=str(5 + number % 5))


def send_meetings(story, number, today):
    send, called = story.send, today + timedelta(days=60 + number)
    where, _ = send(
        "call a meeting",
        CLERK,
        "/clerk/meetings/call/",
        committee="1",
        time="10:00",
        venue="Room 1",
        **day("day", called),
    )
    meeting = where.split("?")[0]
    send("change a meeting", CLERK, f"{meeting}change/", venue="Room 2")
    send("add an agenda item", CLERK, f"{meeting}items/add/", title="Bus services", kind="nothing")
    item = AgendaItem.objects.order_by("-pk").first()
    send("change an agenda item", CLERK, f"{meeting}items/{item.pk}/", title="Bus services this winter")
    send("remove an agenda item", CLERK, f"{meeting}items/{item.pk}/remove/")
    send("cancel a meeting", CLERK, f"{meeting}cancel/", reason="There is no business.")


def send_minutes(story, number):
    """An officer report is signed; a past meeting has its minutes written and published."""
    send, signed = story.send, SIGNED_IN_STORIES + 1 + number
    meeting = FIRST_WITHOUT_MINUTES + number
    minutes = f"/clerk/meetings/{meeting}/minutes/"
    send("sign an officer report: PDF", CABINET_MEMBER, f"/officer-reports/{signed}/sign-off/")
    send("record attendance", CLERK, f"{minutes}attendance/", started="14:05", ended="16:10")
    noted = {f"outcome_{item.pk}": "RESOLVED: that it be noted." for item in AgendaItem.objects.filter(meeting=meeting)}
    send("record outcomes, 8 items", CLERK, f"{minutes}outcomes/", **noted)
    send("publish minutes", CLERK, f"{minutes}publish/")


def send_people(story, number, today):
    send, mark = story.send, secrets.token_hex(4)
    named = {"name": f"Rhys Vaughan {mark}", "email": f"{mark}@bench.example"}
    send("invite a person", CLERK, "/clerk/people/invite/", **named)
    person = Person.objects.get(email=named["email"])
    page = f"/clerk/people/{person.pk}/"
    send("change a person", CLERK, f"{page}change/", job_title="Head of Buses")
    send("give a seat", CLERK, f"{page}seats/give/", committee="1", role="member")
    send("end a seat", CLERK, f"{page}seats/{person.memberships.get().pk}/end/", **day("until_date", today))
    send("give a portfolio", CLERK, f"{page}portfolios/give/", portfolio=f"Area {mark}")
    send("end a portfolio", CLERK, f"{page}portfolios/{person.cabinet_seats.get().pk}/end/", **day("until_date", today))
    send("record a leaver", CLERK, f"{page}leave/")
    send("record a return", CLERK, f"{page}return/")
