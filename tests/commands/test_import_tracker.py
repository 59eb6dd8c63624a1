"""`manage.py import_tracker`: the same steps as on the pages, in one go."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from inquiries.models import Recommendation, Response, TrackerImport
from tests.views.test_clerk_tracker_import import TRACKER

MEANINGS = {
    "meanings": {
        "decision": {"Refused": "not_accepted"},
        "rating": {"Green": "2"},
        "officer": {"Ann New": "add"},
        "member": {"Communities": "Councillor Ruth Adeyemi"},
    }
}


@pytest.fixture
def run(tmp_path, clerk, committee, other_officer, cabinet_member):
    """A function that runs the command on the usual file with this matching; returns what it says."""

    def run(*arguments, **matching):
        (tmp_path / "tracker.csv").write_text(TRACKER)
        (tmp_path / "matching.json").write_text(json.dumps(matching))
        words = StringIO()
        options = ["--as", clerk.email, "--matching", str(tmp_path / "matching.json"), *arguments]
        call_command("import_tracker", str(tmp_path / "tracker.csv"), *options, stdout=words)
        return words.getvalue()

    return run


def test_import_tracker_says_what_it_would_record(run):
    words = run("--dry-run", **MEANINGS)
    assert words.splitlines() == [
        "Row 4: left out: This row has no number, and others of the inquiry have one.",
        "Row 4: partly left out: “Target date” is “soon”, which is not read as a date.",
        "Row 3: No reason is given on 2: the response is taken as the reason too.",
        "1 inquiry new, 0 recorded already",
        "2 recommendations new, 0 recorded already",
        "2 responses new, 0 recorded already",
        "1 progress report new, 0 recorded already",
        "1 progress update new, 0 recorded already",
        "Nothing was changed.",
    ]
    assert not TrackerImport.objects.exists()


def test_import_tracker_records(run, other_officer):
    assert run(**MEANINGS).endswith("Recorded.\n")
    assert Recommendation.objects.count() == 2
    assert Response.objects.get(lead_officer=other_officer).decision == "accepted"
    assert "2 recorded already" in run(columns={"6 month RAG": ""}, **MEANINGS)
    assert Recommendation.objects.count() == 2


WITHOUT_MONTHS = MEANINGS | {"columns": {"6 month update": "update", "Date of 6 month update": ""}}


@pytest.mark.parametrize("said", [{"months": 6}, {"months": {"Roads": 6}}])
def test_import_tracker_is_given_what_the_file_does_not_say(run, said):
    assert "1 progress update new" in run(**WITHOUT_MONTHS, **said, responded_on="2023-04-10")
    assert set(Response.objects.values_list("responded_on", flat=True)) == {date(2023, 4, 10)}


@pytest.mark.parametrize(
    ("matching", "said"),
    [
        ({}, "rating: “Green” \\(1 rows\\): 1, 2, 3, 4 or leave"),
        ({"columns": {"Colour": "rating"}}, "“Colour: rating” names no column"),
        ({"sheet": "Sheet9"}, "There is no sheet “Sheet9”. There are: CSV."),
        ({"heading_row": 9}, "Say in which row the headings are"),
        ({"decision": "perhaps"}, "“decision” is one of"),
        (MEANINGS | {"rounds": "done"}, "“rounds” is one of"),
        (WITHOUT_MONTHS, "to which report updates belong.*\n  Roads \\(1 progress update\\)"),
        (WITHOUT_MONTHS | {"months": 500}, "“months” are numbers from 1 to 240"),
        (WITHOUT_MONTHS | {"responded_on": "soon"}, "“responded_on” is a date such as 2024-03-31"),
        (WITHOUT_MONTHS | {"responded_on": "2099-01-01"}, "“responded_on” is still to come"),
        ({"meanings": {"officer": {"Ann New": "Nobody"}}}, "“Nobody” is not the e-mail address"),
        ({"meanings": {"committee": {"Communities Select Committee": "Homes"}}}, "No committee is called “Homes”"),
    ],
)
def test_import_tracker_refuses(run, matching, said):
    with pytest.raises(CommandError, match=said):
        run(**matching)
    assert not TrackerImport.objects.exists()
