"""Inquiries and their recommendations: recorded, published, reworded, ended; deleted while nothing depends on them."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.text import slugify

from inquiries.actions import history
from inquiries.actions.exempt_check import check_nothing_stops, check_texts, file_bytes, search
from inquiries.actions.records import merge_values, recorded_values, save_record, save_valid
from inquiries.choices import Ending, FactPrecision
from inquiries.documents.exempt_search import texts_of_data, texts_of_pdf
from inquiries.models import Committee, Entry, Inquiry, Recommendation, TargetDateChange
from inquiries.models.inquiries import NEW
from inquiries.permissions import Refused, check_can
from inquiries.text import single_line

# The texts of an inquiry that its page shows.
TEXTS = {"title": "title", "summary": "summary", "completed_body": "body"}


@transaction.atomic
def add_inquiry(*, by, now, **values):
    """Record an inquiry by its fields; its address is made of its title. Raises ValidationError."""
    # Two at the same moment must not both have this title.
    Committee.objects.select_for_update(no_key=True).get(pk=values["committee"].pk)
    return save_record(Inquiry(slug=free_slug(slugify(values["title"])), **values), by=by, now=now)


@transaction.atomic
def change_inquiry(inquiry, *, by, now, based_on=None, **values):
    """Change fields of an inquiry; its address stays. For `based_on` see `merge_values`."""
    check_can("administer", by, inquiry, timezone.localdate(now))
    lock_inquiry(inquiry)
    history.set_fields(inquiry, **merge_values(inquiry, values, based_on))
    return save_inquiry(inquiry, by=by, now=now)


def save_inquiry(inquiry, *, by, now, based_on=None):
    """As `save_record`. Raises ValidationError where a new text of a public inquiry says what is exempt."""
    if inquiry.is_public:
        before = Inquiry.objects.get(pk=inquiry.pk)
        texts = {name: new for name in TEXTS if (new := getattr(inquiry, name)) != getattr(before, name)}
        if inquiry.report_file and inquiry.report_file != before.report_file:
            texts["report_file"] = "\n".join(text for _, text in texts_of_pdf(inquiry.report_file.read()))
            inquiry.report_file.seek(0)
        check_texts(texts, inquiry=inquiry)
    return save_record(inquiry, by=by, now=now, based_on=based_on)


@transaction.atomic
def delete_inquiry(inquiry, *, by, now):
    """Delete an inquiry with its recommendations and responses, while it is being recorded. Raises Refused."""
    check_can("administer", by, inquiry, timezone.localdate(now))
    lock_inquiry(inquiry)
    check_is_being_recorded(inquiry)
    if Entry.objects.filter(inquiry_id=inquiry.pk, verb="publish_inquiry").exists():
        raise Refused("It has been public, so it stays on record.")
    if TargetDateChange.objects.filter(response__inquiry=inquiry).exists():
        raise Refused("A target date of it was changed for a reason that is on record, so it stays on record.")
    recommendations, responses = list(inquiry.recommendations.in_order()), list(inquiry.responses.all())
    history.write(
        "delete_inquiry",
        inquiry,
        f"deleted the inquiry “{inquiry}” of the {inquiry.committee}, with {len(recommendations)} recommendations",
        by=by,
        now=now,
        changes={field: (value, None) for field, value in recorded_values(inquiry).items()}
        | {"recommendations": ([f"{one.reference} {one.text}" for one in recommendations], [])},
        inquiry=inquiry,
        deleted=[inquiry, *recommendations, *responses],
    )
    try:
        inquiry.recommendations.all().delete()
        inquiry.responses.all().delete()
        inquiry.delete()
    except ProtectedError:
        raise Refused("It cannot be deleted: other records depend on it.") from None


def check_is_being_recorded(inquiry):
    """Raise Refused once the inquiry has been published, or updates on it commissioned."""
    if inquiry.is_public:
        raise Refused("The inquiry is public, so what is recorded of it stays on record.")
    if inquiry.progress_reports.exists():
        raise Refused("Progress updates on this inquiry have been commissioned, so it stays on record.")


@transaction.atomic
def publish_inquiry(inquiry, *, by, now):
    """Make an inquiry public, with what is recorded of it. Raises Refused (ExemptTextFound, where it says what is
    exempt)."""
    check_can("administer", by, inquiry, timezone.localdate(now))
    lock_inquiry(inquiry)
    if inquiry.published_at is None:
        check_nothing_stops(search(texts_of_inquiry(inquiry), inquiries=[inquiry.pk]))
        changes = history.set_fields(inquiry, published_at=now, published_by=by)
        inquiry.save(update_fields=["published_at", "published_by"])
        said = "published the inquiry"
        history.write("publish_inquiry", inquiry, said, by=by, now=now, changes=changes, inquiry=inquiry)


def texts_of_inquiry(inquiry):
    """All that the pages of an inquiry say of it once it is public, but for its reports, as pairs (where, text)."""
    about = {f"the inquiry’s {name}": getattr(inquiry, field) for field, name in TEXTS.items()}
    for one in inquiry.recommendations.in_order():
        about[f"recommendation {one.reference}"] = one.text
        about[f"the reason why {one.reference} ended"] = one.ended_reason
    for response in inquiry.responses.in_order().prefetch_related("recommendations", "target_date_changes"):
        about[f"the response to {response.references}"] = [response.text, response.reason, response.responding_body]
        changes = [change.reason for change in response.target_date_changes.all()]
        about[f"why the target date of {response.references} changed"] = changes
    for where, texts in about.items():
        yield from texts_of_data(texts, where)
    if inquiry.report_file:
        for place, text in texts_of_pdf(file_bytes(inquiry.report_file)):
            yield f"the inquiry report, {place}", text


@transaction.atomic
def withdraw_inquiry(inquiry, *, by, now, reason):
    """Withdraw an inquiry that was published by mistake. Raises Refused once a report is public."""
    check_can("administer", by, inquiry, timezone.localdate(now))
    lock_inquiry(inquiry)
    if inquiry.published_at is None:
        raise Refused("The inquiry is not in public sight.")
    if inquiry.progress_reports.public().exists():
        raise Refused("A progress report on this inquiry has been published, so it stays public.")
    check_given(reason, "Say why the inquiry is withdrawn from the public.")
    changes = history.set_fields(inquiry, published_at=None, published_by=None)
    inquiry.save(update_fields=["published_at", "published_by"])
    history.write(
        "withdraw_inquiry",
        inquiry,
        "withdrew the inquiry from the public",
        by=by,
        now=now,
        changes=changes,
        note=reason,
        inquiry=inquiry,
    )


@transaction.atomic
def add_recommendation(inquiry, *, reference, text, by, now, reference_given=False):
    """Record a recommendation as the committee numbered and worded it. Raises ValidationError or Refused."""
    check_can("administer", by, inquiry, timezone.localdate(now))
    recommendation = Recommendation(
        inquiry=inquiry,
        reference=single_line(reference),
        text=text.strip(),
        reference_given=reference_given,
    )
    check_texts({"text": text}, inquiry=inquiry)
    save_valid(recommendation)
    history.write(
        "add_recommendation",
        recommendation,
        f"added recommendation {recommendation.reference}",
        by=by,
        now=now,
        changes=history.first_values(recommendation, "reference", "text")
        | {"reference_given": (False, reference_given)},
        inquiry=inquiry,
    )
    return recommendation


@transaction.atomic
def add_recommendations(inquiry, recommendations, *, by, now):
    """Record several, each a dictionary of what `add_recommendation` takes: all of them or none.

    Raises Refused or ValidationError, which says at which number.
    """
    lock_inquiry(inquiry)
    for values in recommendations:
        try:
            add_recommendation(inquiry, **values, by=by, now=now)
        except ValidationError as error:
            raise ValidationError([f"{values['reference']}: {message}" for message in error.messages]) from error


@transaction.atomic
def correct_recommendation(recommendation, *, reference, text, by, now, based_on=None):
    """Correct what was mistyped, the number too, while the inquiry is being recorded.

    Afterwards the wording alone changes, with a reason (`reword_recommendation`). Raises ValidationError or Refused.
    """
    check_can("administer", by, recommendation, timezone.localdate(now))
    lock_inquiry(recommendation.inquiry)
    check_is_being_recorded(recommendation.inquiry)
    inquiry = recommendation.inquiry
    recommendation = Recommendation.objects.select_for_update().get(pk=recommendation.pk)
    values = merge_values(recommendation, {"reference": single_line(reference), "text": text.strip()}, based_on)
    changes = history.set_fields(recommendation, **values)
    save_valid(recommendation)
    if any(before != after for before, after in changes.values()):
        history.write(
            "correct_recommendation",
            recommendation,
            f"corrected recommendation {recommendation.reference}",
            by=by,
            now=now,
            changes=changes,
            inquiry=inquiry,
        )
    return recommendation


@transaction.atomic
def delete_recommendation(recommendation, *, by, now):
    """Delete what was recorded by mistake. Raises Refused where anything depends on it, or the inquiry is public."""
    check_can("administer", by, recommendation, timezone.localdate(now))
    inquiry = recommendation.inquiry
    lock_inquiry(inquiry)
    check_is_being_recorded(inquiry)
    recommendation = Recommendation.objects.select_for_update().get(pk=recommendation.pk)
    if recommendation.response_id is not None:
        raise Refused(f"Recommendation {recommendation.reference} has a response. Remove the response first.")
    if recommendation.ended_as:
        raise Refused(f"Recommendation {recommendation.reference} has ended, with a reason that stays on record.")
    history.write(
        "delete_recommendation",
        recommendation,
        f"deleted recommendation {recommendation.reference}",
        by=by,
        now=now,
        changes={field: (value, None) for field, value in recorded_values(recommendation).items()},
        inquiry=inquiry,
        deleted=[recommendation],
    )
    recommendation.delete()


@transaction.atomic
def reword_recommendation(recommendation, *, text, reason, by, now, based_on=None):
    """Correct the published wording; the earlier one stays in the history.

    Raises Refused without a reason, or when nothing changes.
    """
    check_can("administer", by, recommendation, timezone.localdate(now))
    check_given(reason, "Say why the wording changes.")
    check_given(text, "A recommendation needs its wording.")
    recommendation = Recommendation.objects.select_for_update().get(pk=recommendation.pk)
    merge_values(recommendation, {"text": text}, based_on)
    if text.strip() == recommendation.text:
        raise Refused("The wording is the same as before.")
    check_texts({"text": text}, inquiry=recommendation.inquiry)
    changes = history.set_fields(recommendation, text=text.strip(), wording=recommendation.wording + 1)
    recommendation.save(update_fields=["text", "wording"])
    history.write(
        "reword_recommendation",
        recommendation,
        f"changed the wording of recommendation {recommendation.reference}",
        by=by,
        now=now,
        changes=changes,
        note=reason,
        inquiry=recommendation.inquiry,
    )
    return recommendation


def record_end(recommendation, *, ending, reason, on, meeting, by, now, precision=FactPrecision.DAY):
    """The end itself, for actions that have checked the permission. Returns the recommendation."""
    recommendation = Recommendation.objects.select_for_update().get(pk=recommendation.pk)
    if recommendation.ended_as:
        raise Refused(f"Recommendation {recommendation.reference} has already ended.")
    check_given(reason, "Say why the recommendation ends.")
    changes = history.set_fields(
        recommendation, ended_as=Ending(ending).value, ended_on=on, ended_reason=reason, ended_meeting=meeting
    )
    recommendation.ended_precision = precision
    recommendation.ended_at, recommendation.ended_by = now, by
    recommendation.save()
    history.write(
        "end_recommendation",
        recommendation,
        f"ended recommendation {recommendation.reference}: {Ending(ending).label.lower()}",
        by=by,
        now=now,
        changes=changes,
        note=reason,
        inquiry=recommendation.inquiry,
    )
    return recommendation


def record_resumption(recommendation, *, reason, by, now):
    """The undoing itself, for actions that have checked the permission. Returns the recommendation."""
    recommendation = Recommendation.objects.select_for_update().get(pk=recommendation.pk)
    if not recommendation.ended_as:
        raise Refused(f"Recommendation {recommendation.reference} has not ended.")
    changes = history.set_fields(recommendation, ended_as="", ended_on=None, ended_reason="", ended_meeting=None)
    recommendation.ended_at = recommendation.ended_by = None
    recommendation.save()
    history.write(
        "resume_recommendation",
        recommendation,
        f"opened recommendation {recommendation.reference} again",
        by=by,
        now=now,
        changes=changes,
        note=reason,
        inquiry=recommendation.inquiry,
    )
    return recommendation


def lock_inquiry(inquiry):
    """Lock the row of the inquiry until the transaction ends, for actions that have checked the permission.

    What is published, withdrawn or commissioned at the same moment waits, so that each sees what the other did.
    """
    inquiry.refresh_from_db(from_queryset=Inquiry.objects.select_for_update(no_key=True))


def free_slug(wanted):
    """An address for an inquiry that no other has: `wanted`, else `wanted-2` and so on."""
    slug, number = wanted[:90] or "inquiry", 1
    while slug == NEW or Inquiry.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{wanted[:90] or 'inquiry'}-{number}"
    return slug


def check_given(words, sentence):
    if not words.strip():
        raise Refused(sentence)
