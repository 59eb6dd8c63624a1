"""The structure of the code: which way imports point, what is generated."""

import ast
import re
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db.models import DateTimeField

from inquiries.models import Draft
from setup.show_rules import FOLDER, documents
from tests.conftest import SLOW

ROOT = Path(settings.BASE_DIR)
APP = ROOT / "inquiries"

# Who may import whom: a module imports from the lines above its own, and from its own package.
ORDER = (
    {"choices", "serialization", "differences", "text"},
    {"rules", "dates", "uploads"},
    {"history_database"},
    {"tracker_database"},
    {"models"},
    {"emails"},
    {"permissions", "documents", "notifications", "check_history"},
    {"backup", "health"},
    {"imports", "preflight"},  # they read what `documents` writes
    {"actions"},
    {"govuk"},
    {"forms"},
    {
        "templatetags",
        "views",
        "management",
        "admin",
        "demonstration",
        "accounts",
        "urls",
        "apps",
        "jobs",
        "history_display",
        "archive",
    },
)
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}
MODULES = sorted(path for path in APP.rglob("*.py") if "migrations" not in path.parts)


def house_of(path):
    """The first name below the application: "models" for inquiries/models/people.py."""
    return path.relative_to(APP).parts[0].removesuffix(".py")


def imports_of(path):
    """The names below the application that a module imports from."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "inquiries":
            parts = node.module.split(".")[1:]
            yield from [parts[0]] if parts else [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from (a.name.split(".")[1] for a in node.names if a.name.startswith("inquiries."))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_one_way(path):
    house = house_of(path)
    if house == "__init__":
        return
    for other in imports_of(path):
        assert other == house or LEVEL[other] < LEVEL[house] or LEVEL[house] == len(ORDER) - 1 == LEVEL[other], (
            f"{house} imports {other}"
        )


def test_documents_and_imports_query_nothing_but_in_five_modules():
    for path in [path for name in ("documents", "imports") for path in (APP / name).rglob("*.py")]:
        querying = ("progress_report.py", "pack_content.py", "calendar.py", "forward_plan.py", "recorded_minutes.py")
        if path.name not in querying:
            assert "models" not in set(imports_of(path)), path


def test_no_signals():
    for path in MODULES:
        assert "django.dispatch" not in path.read_text(encoding="utf-8"), path
        assert "django.db.models.signals" not in path.read_text(encoding="utf-8"), path


# A time without a person, because no person did it: a message that the sender took and sent.
NOT_A_DEED = {"Entry.at"}


def test_every_time_has_its_person_and_its_constraint():
    for model in apps.get_app_config("inquiries").get_models():
        names = {field.name for field in model._meta.get_fields()}
        constraints = " ".join(constraint.name for constraint in model._meta.constraints)
        for field in model._meta.get_fields():
            # A draft is its person's.
            if isinstance(field, DateTimeField) and field.name.endswith("_at") and model is not Draft:
                fact = field.name.removesuffix("_at")
                assert f"{fact}_by" in names, f"{model.__name__}.{field.name}"
                if field.null:
                    assert f"{fact}_at_and_by" in constraints, f"{model.__name__}.{field.name}"


@pytest.mark.parametrize("name", sorted(documents()))
def test_generated_documents_are_current(name):
    assert (FOLDER / name).read_text(encoding="utf-8") == documents()[name], "run: python -m setup.show_rules"


@pytest.mark.django_db
def test_migrations_are_complete():
    said = StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=said)
    assert "No changes detected" in said.getvalue()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_locks_hold_versions_and_hashes_and_no_addresses(name):
    lock = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in lock
    packages = re.findall(r"^[a-z0-9][^ =]*==", lock, re.MULTILINE)
    assert packages
    assert lock.count("--hash=sha256:") >= len(packages)


def test_every_setting_is_read_in_one_file():
    for path in MODULES:
        assert "os.environ" not in path.read_text(encoding="utf-8") or house_of(path) in {
            "documents",
            "management",
            "uploads",
        }, path


def test_slow_files_exist():
    assert [name for name in SLOW if not (ROOT / "tests" / f"{name}.py").is_file()] == []
