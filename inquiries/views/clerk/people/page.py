"""What the pages about one person share: the person, the way back, and who has none of it."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from inquiries.models import Person
from inquiries.permissions import Refused, check_can
from inquiries.views.clerk.guard import answer


def person_or_404(pk):
    return get_object_or_404(Person.objects.select_related("merged_into", "invited_by", "left_by"), pk=pk)


def person_address(person):
    return reverse("clerk:person", args=[person.pk])


def crumbs(person=None, words=""):
    """The way to a page: to the list, to a person, to what is done to them."""
    way = [("Your work", reverse("public:home")), ("People", reverse("clerk:people"))]
    if person is not None:
        way.append((person.name, person_address(person)))
    return [*way, (words, "")] if words else way


def check_before(request, right, person):
    """Refuse a page whose form could not be sent. Whoever has sent it finds out on the form."""
    if request.method != "POST":
        check_can(right, request.user, person, timezone.localdate())


def check_is_present(request, person):
    """Refuse a page that makes sense for people who are present only."""
    if request.method != "POST" and not person.is_active:
        raise Refused(f"{person} is not among those present.")


def about(request, person, form, deed, *, page, words, said, after=None, **context):
    """Answer a page that does `deed` to a person, and goes back to them, or to the person `after`."""
    return answer(
        request,
        form,
        deed,
        page=f"clerk/{page}.html",
        then=person_address(after or person),
        said=said,
        context={"person": person, "crumbs": crumbs(person, words), **context},
    )
