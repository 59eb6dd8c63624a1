"""How the tests ask the clerk's pages of a meeting, and what they read in the answers."""

from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from inquiries.models import AgendaPack, PackPaper
from tests.cast import NOW

LATER = NOW + timedelta(hours=1)


def at(name, meeting, *more):
    return reverse(f"clerk:{name}", args=[meeting.pk, *more])


def words(answer):
    return " ".join(answer.content.decode().split())


def problems(answer):
    forms = answer.context.get("forms") or [answer.context["form"]]
    return [message for form in forms for message, _ in form.error_summary()]


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def order(meeting):
    return [item.title for item in meeting.items.standing()]


def pack_of(meeting, clerk, *, edition="public", published=True, built_at=LATER, documents=(), **values):
    pack = AgendaPack(meeting=meeting, edition=edition, content={}, built_at=built_at, built_by=clerk, **values)
    pack.file.save("pack.pdf", ContentFile(b"%PDF-"), save=False)
    pack.save()
    for document in documents:
        PackPaper.objects.create(pack=pack, document=document, first_page=3)
    if published:
        AgendaPack.objects.filter(pk=pack.pk).update(published_at=built_at, published_by=clerk)
    return pack


def upload(name="figures.pdf", data=b"%PDF-1.7"):
    return SimpleUploadedFile(name, data, content_type="application/pdf")
