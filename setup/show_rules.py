"""Write what the code says about the procedure into docs/generated, so that the documents cannot drift.

python -m setup.show_rules
"""

import os
from pathlib import Path

import django
from django.apps import apps

if not apps.ready:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scrutiny.settings")
    django.setup()

from inquiries.choices import Stage
from inquiries.permissions import RIGHTS, ROLES
from inquiries.rules import STEPS

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "generated"
MADE = "<!-- Made by `python -m setup.show_rules` from {source}. Do not edit. -->\n\n"


def documents():
    return {"lifecycle.md": lifecycle(), "permissions.md": permissions()}


def lifecycle():
    lines = [
        MADE.format(source="inquiries/rules.py") + "# The life of a progress report\n",
        "```mermaid",
        "stateDiagram-v2",
        *(f'    state "{stage.label}" as {stage.value}' for stage in Stage),
    ]
    for step in STEPS.values():
        if step.verb == "reopen":
            continue
        for before in step.before:
            for after in step.after:
                if before != after:
                    lines.append(f"    {before.value if before else '[*]'} --> {after.value}: {step.label}")
    lines += ["```", "", "A clerk can reopen a report at any earlier stage, with a reason on record.", ""]
    lines += [
        "| step | action | from | to | needs | who is notified |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for step in STEPS.values():
        stages = names_of(step.before), names_of(step.after)
        lines.append("| " + " | ".join((step.label, f"`{step.verb}`", *stages, step.needs, step.notified)) + " |")
    return "\n".join(lines) + "\n"


def permissions():
    lines = [
        MADE.format(source="inquiries/permissions.py") + "# Who may do what\n",
        "What a person may read is decided beside each model (`public`, `visible_to`). The public only reads what is "
        "published.\n",
        "| | " + " | ".join(ROLES) + " |",
        "| --- " * (len(ROLES) + 1) + "|",
    ]
    for right in RIGHTS.values():
        scopes = {role.name: scope for role, scope in right.who}
        lines.append("| " + " | ".join([right.label, *(scopes.get(role, "-") for role in ROLES)]) + " |")
    return "\n".join(lines) + "\n"


def names_of(stages):
    return ", ".join(stage.label.lower() if stage else "(nothing yet)" for stage in stages)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in documents().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
