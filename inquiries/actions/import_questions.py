"""What a clerk is asked before an imported report is recorded: who is new, what differs, what stands in the way."""

import re

from django.db.models.functions import Lower

from inquiries import rules
from inquiries.choices import Decision, Ending
from inquiries.imports.draft import Doubt
from inquiries.models import Committee, Inquiry, Person, Recommendation

NO_PROGRESS = (
    "Only what has been accepted, at least in part, can have a progress update. Correct the decision, or empty the "
    "update and the rating."
)


def people_with_name(name):
    """The people who bear this name, whatever its case and spacing."""
    return Person.objects.present().filter(name__iexact=" ".join(name.split())).order_by("pk")


def people_in(draft):
    """Everybody whom the draft names as ([already recorded], [new], [names that several people bear]), by name."""
    named = [name for row in draft.rows for name in (row.lead_officer, *(c.name for c in row.contributors))]
    names = {" ".join(name.split()) for name in (*named, *draft.cabinet_members) if name.strip()}
    names = {name.lower(): name for name in names}
    count = dict.fromkeys(names, 0)
    recorded = Person.objects.present().annotate(key=Lower("name")).filter(key__in=list(names))
    for person in recorded.only("name"):
        count[person.name.lower()] = count.get(person.name.lower(), 0) + 1
    in_order = sorted(names, key=str.casefold)
    return (
        [names[key] for key in in_order if count[key] == 1],
        [names[key] for key in in_order if not count[key]],
        [names[key] for key in in_order if count[key] > 1],
    )


def known_inquiry(committee, title):
    """The inquiry of `committee` (None for none) with this title, or None."""
    if committee is None:
        return None
    return Inquiry.objects.filter(committee=committee, title__iexact=" ".join(title.split())).first()


def named_committee(draft):
    """The committee that the draft names, or None where none of those recorded has this name."""
    return Committee.objects.filter(name__iexact=draft.committee).first() if draft.committee else None


def import_doubts(draft, several=(), inquiry=None):
    """What stands in the way of recording this draft as it is, as a list of Doubt.

    `several` are the names that several people bear (see `people_in`); `inquiry` is the one it is added to.
    """
    found = []
    if inquiry and inquiry.progress_reports.filter(months_on=draft.months_on).exists():
        message = f"“{inquiry}” already has a progress report for {draft.months_on} months on."
        found.append(Doubt(message, field="months_on", must_settle=True))
    for number, row in enumerate(draft.rows):
        if row.decision and not rules.is_promise(row.decision) and has_progress(row):
            found.append(Doubt(NO_PROGRESS, row=number, field="update", must_settle=True))
        for name, about in [(row.lead_officer, "lead_officer"), *((c.name, "contributors") for c in row.contributors)]:
            if name in several:
                found.append(Doubt(f"There are several people called {name}.", number, about, must_settle=True))
    for name in draft.cabinet_members:
        if name in several:
            message = f"There are several people called {name}."
            found.append(Doubt(message, field="cabinet_members", must_settle=True))
    for end in draft.ends:
        if starting_with(Ending, end.outcome) is None and starting_with(Decision, end.outcome) is None:
            numbers = ", ".join(r.reference for r in end.recommendations)
            found.append(
                Doubt(f"“{end.outcome}” is no known outcome, so {numbers} would stay without an answer.", field="ends")
            )
    return found


def differences(draft, inquiry):
    """Where the draft disagrees with what `inquiry` already has: sentences for the preview; recorded words stay."""
    recommendations = Recommendation.objects.filter(inquiry=inquiry).select_related("response__lead_officer")
    known = {r.reference_key: r for r in recommendations}
    found = []
    for row in (*draft.rows, *draft.ends):
        for recommendation in row.recommendations:
            recorded = known.get(rules.natural_key(recommendation.reference))
            if recorded is None:
                continue
            if recommendation.text and _plain(recorded.text) != _plain(recommendation.text):
                found.append(
                    f"The wording of {recorded.reference} differs from the one recorded. The recorded wording stays."
                )
            if recorded.response and hasattr(row, "decision"):
                found += _response_differs(row, recorded)
    return found


def _response_differs(row, recorded):
    response = recorded.response
    officer = response.lead_officer.name if response.lead_officer else "nobody"
    if row.decision and row.decision != response.decision:
        decision = response.get_decision_display().lower()
        yield f"{recorded.reference} is recorded as {decision}. That stays."
    if row.lead_officer and row.lead_officer.lower() != officer.lower():
        yield f"The recorded lead officer of {recorded.reference} is {officer}, not {row.lead_officer}. That stays."
    if row.response and _plain(row.response) not in _plain(f"{response.text} {response.reason}"):
        yield f"The response to {recorded.reference} differs from the one recorded. The recorded response stays."


def _plain(text):
    return re.sub(r"\W+", " ", text).strip().lower()


def has_progress(row):
    return bool(row.update or row.exempt_text or row.rating is not None)


def starting_with(choices, words):
    """The value whose label begins `words`; the longest label wins ("Accepted in part" before "Accepted")."""
    plain = re.sub(r"\s+", " ", words).strip().lower()
    fitting = [c for c in choices if plain.startswith(c.label.lower())]
    return max(fitting, key=lambda c: len(c.label)) if fitting else None
