"""Each recommendation and what became of it, put together from the records and the published editions only."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Prefetch, Q
from django.utils import timezone

from inquiries.choices import PROMISES, Ending
from inquiries.models import Recommendation
from inquiries.rules import natural_key
from inquiries.views.reading import PublishedRow, published_rows


@dataclass(frozen=True)
class Promise:
    """One recommendation with everything published about it, in the order of the reports."""

    recommendation: Recommendation
    published: tuple[PublishedRow, ...]

    @property
    def course(self):
        """The published rows that the committee has judged."""
        return tuple(row for row in self.published if row.assessed)

    @property
    def together(self):
        """The numbers of the other recommendations that the same response answers."""
        response = self.recommendation.response
        if response is None:
            return ()
        return tuple(r.reference for r in response.recommendations.all() if r.pk != self.recommendation.pk)


@dataclass(frozen=True)
class Event:
    """One line of the story of a promise. `kind` is answered, moved, reported or ended; `about` the record."""

    day: date | None
    kind: str
    about: object


def promises_of(inquiry):
    """Every recommendation of `inquiry` in natural order, as Promise."""
    published = published_rows(inquiry)
    return [
        Promise(recommendation, tuple(published.get(recommendation.reference_key, ())))
        for recommendation in _with_response(inquiry.recommendations.in_order())
    ]


def promise_of(inquiry, reference):
    """The recommendation of `inquiry` with this number, as Promise. Raises Recommendation.DoesNotExist."""
    # By its key: that takes "1A" for "1a", and nothing of a hostile address reaches the database.
    key = natural_key(reference)
    recommendation = _with_response(inquiry.recommendations).get(reference_key=key)
    return Promise(recommendation, tuple(published_rows(inquiry).get(key, ())))


def last_answer(promises):
    """The day on which the last answer came, or None where no day is known."""
    answers = (promise.recommendation.response for promise in promises)
    return max((answer.answered_on for answer in answers if answer and answer.answered_on), default=None)


def story_of(promise):
    """What happened to a promise, oldest first, as a list of Event. What bears no day comes first."""
    recommendation, response = promise.recommendation, promise.recommendation.response
    events = []
    if response is not None:
        events.append(Event(response.answered_on, "answered", response))
        for change in response.target_date_changes.all():
            events.append(Event(timezone.localdate(change.changed_at), "moved", change))
    events += [Event(row.day, "reported", row) for row in promise.published]
    if recommendation.ended_as:
        events.append(Event(recommendation.ended_on, "ended", recommendation))
    return sorted(events, key=lambda event: event.day or date.min)


def _with_response(recommendations):
    together = Prefetch("response__recommendations", Recommendation.objects.order_by("reference_key"))
    return recommendations.select_related("response__lead_officer", "ended_meeting__committee").prefetch_related(
        together, "response__target_date_changes"
    )


@dataclass(frozen=True)
class PromiseCount:
    """How many recommendations of an inquiry were promised, and how many of them have been implemented."""

    promised: int
    kept: int


def promise_counts(inquiries):
    """{primary key of the inquiry: PromiseCount}; an inquiry in which nothing was promised is left out."""
    promised = Recommendation.objects.filter(
        inquiry__in=[inquiry.pk for inquiry in inquiries], response__decision__in=PROMISES
    )
    counted = (
        promised.order_by()
        .values("inquiry")
        .annotate(promised=Count("pk"), kept=Count("pk", filter=Q(ended_as=Ending.IMPLEMENTED)))
    )
    return {line["inquiry"]: PromiseCount(line["promised"], line["kept"]) for line in counted}
