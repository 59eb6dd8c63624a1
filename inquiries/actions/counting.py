"""Many counts in one query."""

from django.db.models import Count, Value


def count_all(rows):
    """How many there are of each: {name: count} for {name: queryset}, in one query however many there are."""
    names = list(rows)
    first, *others = (
        rows[name].order_by().values(place=Value(place)).annotate(count=Count("pk", distinct=True))
        for place, name in enumerate(names)
    )
    found = {row["place"]: row["count"] for row in first.union(*others, all=True)}
    # A queryset that is known to be empty is not asked.
    return {name: found.get(place, 0) for place, name in enumerate(names)}
