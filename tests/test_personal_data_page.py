"""docs/personal-data.md has a line for every table, with every field that names somebody or takes free text."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from inquiries.actions import expiry
from inquiries.models import Person

PAGE = (Path(settings.BASE_DIR) / "docs" / "personal-data.md").read_text(encoding="utf-8")
MODELS = {model.__name__: model for model in apps.get_models(include_auto_created=True)}
FREE = (models.TextField, models.JSONField, models.EmailField, models.FileField)
# A shorter one holds a choice, a number or a mark.
LONG = 150
# Marks and names that the application gives by itself.
OURS = {"slug", "reference_key", "tagging_check", "session_key", "codename", "provider", "provider_id", "client_id"}


def lines():
    """{name of the model: the fields named in its line}."""
    found = {}
    for line in PAGE.splitlines():
        if re.match(r"\| `[A-Z]", line):
            record, fields, *rest = line.strip("| ").split(" | ")
            if len(rest) == 2:  # a model without fields: its second cell is empty
                fields = ""
            found[record.strip("`")] = set(re.findall(r"`(\w+)`", fields))
    return found


def is_personal(field):
    if getattr(field, "related_model", None) is Person:
        return True
    return isinstance(field, FREE) or (isinstance(field, models.CharField) and (field.max_length or 0) >= LONG)


def is_chosen(field):
    """A word of ours."""
    return bool(field.choices) or field.name in OURS


def test_every_model_is_documented():
    assert set(lines()) == set(MODELS)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_personal_field_is_documented(name):
    fields = {field.name: field for field in MODELS[name]._meta.concrete_fields}
    told = lines()[name]
    assert told <= set(fields), "a field that is not there"
    wanted = {n for n, field in fields.items() if is_personal(field) and not is_chosen(field)}
    assert wanted <= told


def test_page_agrees_with_settings():
    assert f"for {expiry.KEEP_DRAFTS_DAYS} days" in PAGE
    assert (settings.KEEP_NOTIFICATIONS_DAYS, settings.KEEP_LEAVERS_MONTHS) == (365, 24)
