"""What the history last said of a field, beside each record of a queryset."""

from django.db.models import OuterRef, Subquery

from inquiries.models import Entry

# Enough to be quick, few enough to be held at once.
AT_A_TIME = 200


def with_recorded(records, fields):
    """The records one by one as (record, {field: value}); a field that the history never mentions is left out.

    `records` is a queryset. It is read a few hundred at a time.
    """
    kind = records.model._meta.model_name
    for field in fields:
        said = Entry.objects.filter(subject_type=kind, subject_id=OuterRef("pk"), changes__has_key=field)
        records = records.annotate(**{f"said_of_{field}": Subquery(said.order_by("-pk").values("changes")[:1])})
    for record in records.order_by("pk").iterator(chunk_size=AT_A_TIME):
        said = {field: getattr(record, f"said_of_{field}") for field in fields}
        yield record, {field: changes[field][1] for field, changes in said.items() if changes is not None}
