"""The database's own refusals, in few words: each helper makes one named constraint with its sentence."""

from django.db.models import CheckConstraint, F, Q


def both_or_neither(fact, name):
    """`<fact>_at` and `<fact>_by` are both set or both null: whatever happened was done by somebody."""
    at, by = f"{fact}_at", f"{fact}_by"
    return CheckConstraint(
        name=name,
        condition=Q(**{f"{at}__isnull": True, f"{by}__isnull": True})
        | Q(**{f"{at}__isnull": False, f"{by}__isnull": False}),
        violation_error_message=f"“{fact.replace('_', ' ')}” needs both its time and its person.",
    )


def one_of(choices, field, name, *, blank=False):
    """`field` holds a value of `choices`; with `blank` it may also be empty."""
    values = [*choices.values, ""] if blank else list(choices.values)
    return CheckConstraint(
        name=name,
        condition=Q(**{f"{field}__in": values}),
        violation_error_message=f"“{field.replace('_', ' ')}” is not one of the values it may have.",
    )


def one_of_or_none(choices, field, name):
    """`field` holds a value of `choices` or null."""
    return CheckConstraint(
        name=name,
        condition=Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__in": list(choices.values)}),
        violation_error_message=f"“{field.replace('_', ' ')}” is not one of the values it may have.",
    )


def ends_after_start(start, end, name):
    """`end` is null or not before `start`."""
    return CheckConstraint(
        name=name,
        condition=Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": F(start)}),
        violation_error_message="The end date is before the start date.",
    )
