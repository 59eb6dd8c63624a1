"""The uploaded papers of an item: added, replaced, marked exempt, put in order, taken off."""

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max

from inquiries.actions import history
from inquiries.actions.meetings import locked_item, open_supplement
from inquiries.choices import ItemKind
from inquiries.models import AgendaDocument
from inquiries.permissions import Refused

# What a file says of itself may be longer than what is kept of it.
LONGEST_NAME = AgendaDocument._meta.get_field("original_name").max_length
LONGEST_LANGUAGE = AgendaDocument._meta.get_field("language").max_length


@transaction.atomic
def add_paper(item, received, *, title, by, now, exempt_paragraph=None, supplement=None, position=None):
    """Add an uploaded paper (an uploads.received.ReceivedPaper) to an item. Returns the AgendaDocument.

    Once the main agenda is published it goes into the next supplement, unless `supplement` says another.
    Raises Refused, or ValidationError where the item carries no papers.
    """
    item = locked_item(item, by=by, now=now)
    if item.kind != ItemKind.PAPERS:
        raise ValidationError("Only an item that carries papers can have a paper.")
    last = item.documents.standing().aggregate(last=Max("position"))["last"] or 0
    paper = AgendaDocument(
        item=item,
        title=title,
        original_name=received.original_name[-LONGEST_NAME:],
        checksum=received.checksum,
        page_count=len(received.pages),
        pages=[vars(page) for page in received.pages],
        words=list(received.words),
        tagging=received.tagging,
        language=received.language[:LONGEST_LANGUAGE],
        cleaned=list(received.cleaned),
        exempt_paragraph=exempt_paragraph,
        position=position or last + 1,
        supplement=open_supplement(item.meeting) if supplement is None else supplement,
        uploaded_at=now,
        uploaded_by=by,
    )
    paper.full_clean(exclude=["file"])
    # The name in storage says nothing: names of exempt papers are exempt.
    paper.file.save(f"{received.checksum[:32]}.pdf", ContentFile(received.pdf), save=False)
    paper.save()
    fields = ("title", "original_name", "file", "checksum", "page_count", "exempt_paragraph", "position", "supplement")
    _write("add_paper", paper, "added", by=by, now=now, changes=history.first_values(paper, *fields))
    return paper


@transaction.atomic
def change_paper(paper, *, title, exempt_paragraph, supplement, by, now):
    """Change what a paper is called, under which paragraph it is exempt (None: public), in which supplement it stands.

    Raises Refused.
    """
    paper = locked_paper(paper, by=by, now=now)
    changes = history.set_fields(paper, title=title, exempt_paragraph=exempt_paragraph, supplement=supplement)
    paper.full_clean(exclude=["file"])
    paper.save()
    if any(before != after for before, after in changes.values()):
        _write("change_paper", paper, "changed", by=by, now=now, changes=changes)
    return paper


@transaction.atomic
def replace_paper(paper, received, *, by, now):
    """Put another file in the place of a paper, which is kept for the packs that carry it. Returns the new paper."""
    old = locked_paper(paper, by=by, now=now)
    remove_paper(old, by=by, now=now)
    return add_paper(
        old.item,
        received,
        title=old.title,
        exempt_paragraph=old.exempt_paragraph,
        supplement=old.supplement,
        position=old.position,
        by=by,
        now=now,
    )


@transaction.atomic
def move_paper(paper, *, to, by, now):
    """Move a paper to the place `to` (from 1) among those of its item. Raises Refused."""
    paper = locked_paper(paper, by=by, now=now)
    others = list(paper.item.documents.standing().exclude(pk=paper.pk))
    before = paper.position
    others.insert(max(to - 1, 0), paper)
    for position, each in enumerate(others, start=1):
        AgendaDocument.objects.filter(pk=each.pk).update(position=position)
    paper.refresh_from_db()
    if paper.position != before:
        _write("move_paper", paper, "moved", by=by, now=now, changes={"position": (before, paper.position)})
    return paper


@transaction.atomic
def remove_paper(paper, *, by, now):
    """Take a paper off its item. It is kept, because a published pack may carry it. Raises Refused."""
    paper = locked_paper(paper, by=by, now=now)
    changes = history.set_fields(paper, removed_at=now, removed_by=by)
    paper.save()
    _write("remove_paper", paper, "took off", by=by, now=now, changes=changes)
    return paper


def locked_paper(paper, *, by, now):
    """The paper as it is now, its meeting held. Raises Refused, also where it has been taken off."""
    item = locked_item(paper.item, by=by, now=now)
    paper = AgendaDocument.objects.get(pk=paper.pk)
    paper.item = item
    if paper.removed_at is not None:
        raise Refused("This paper has been taken off the agenda.")
    return paper


def _write(verb, paper, did, *, by, now, changes=None):
    said = f"{did} the paper “{paper.title}” of item {paper.item.number}"
    history.write(verb, paper, said, by=by, now=now, changes=changes)
