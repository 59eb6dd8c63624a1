"""Word files in the forms that clerks use, as both ways of importing take them. The files are cases: see conftest."""

from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from inquiries.models import Inquiry, Person, ProgressReport, ReportImport

QUESTIONS = {
    "r01_decision_prose_under_accepted": ["decision"] * 4,
    "r02_decision_agreed_dash_in_part": ["decision", "update"],  # the deferred one has an update
    "r03_bracket_taken_for_person": [],
    "r04_cabinet_member_line_is_signoff": [],
    "r05_previous_and_current_rag": ["column_0", "column_1"],
    "r06_status_column_is_officers": ["column_0"],
    "r07_comments_column": ["column_0"],
    "r08_second_report_differs_6": [],
    "r08_second_report_differs_12": [],
    "r09_tracked_changes_silent": ["rows"],
    "r10_months_from_a_sentence": ["months_on"],
    "r11_number_out_of_a_sentence": [],
    "r12_reject_partial_column": [],
    "r13_rejected_response_not_exported": [],
    "r14_two_inquiries_one_file": ["rows"],
    "r15_evidence_sentence_altered": [],
    "r16_council_references": [],
    "r17_roman_with_dot": [],
}
DECISIONS = {
    "r01_decision_prose_under_accepted": ["in_principle", None, None, "in_part", None, None],
    "r02_decision_agreed_dash_in_part": ["in_part", "in_principle", "deferred", None],
    "r08_second_report_differs_12": ["accepted", "in_part"],
    "r12_reject_partial_column": ["not_accepted", "in_part", "deferred", "accepted"],
    "r13_rejected_response_not_exported": ["accepted", "not_accepted"],
}


@pytest.fixture
def data(case):
    return lambda name: (case("import-faults") / f"{name}.docx").read_bytes()


@pytest.fixture
def run(case, committee, clerk):
    def command(name, *options, inquiry="Trees"):
        said = StringIO()
        path = str(case("import-faults") / f"{name}.docx")
        call_command(
            "import_progress_report", path, "--committee=communities", f"--inquiry={inquiry}", *options, stdout=said
        )
        return said.getvalue()

    return command


def asked(review):
    own = ("committee", "inquiry")  # the files name neither
    return [doubt.field for doubt in review.doubts if doubt.must_settle and doubt.field not in own]


@pytest.mark.parametrize("name", QUESTIONS)
def test_preview_asks_what_is_uncertain(name, data, client, clerk):
    client.force_login(clerk)
    client.post("/clerk/import/", {"file": SimpleUploadedFile(f"{name}.docx", data(name))})
    review = client.get(f"/clerk/import/{ReportImport.objects.get().pk}/").context["review"]
    assert asked(review) == QUESTIONS[name]
    decisions = DECISIONS.get(name, ["accepted"] * len(review.rows))
    assert [form["decision"].value() for form in review.rows] == decisions


@pytest.mark.parametrize("name", QUESTIONS)
def test_command_refuses_what_is_uncertain(name, run):
    if QUESTIONS[name]:
        with pytest.raises(CommandError, match="This has to be decided before anything can be imported"):
            run(name)
        assert not ProgressReport.objects.exists()
    else:
        run(name)
        assert ProgressReport.objects.count() == 1


def rows_of(name, run, *options):
    run(name, *options)
    return list(ProgressReport.objects.get().updates.for_page())


def test_brackets_stay_and_make_nobody(run):
    assert [update.text.rpartition("(")[2] for update in rows_of("r03_bracket_taken_for_person", run)] == [
        "Marlow Bottom, Amersham).",
        "Women's Aid, Refuge).",
        "Levelling Up, round 2).",
        "Working Together, 2023).",
        "Trading Standards, Licensing)",
    ]
    assert set(Person.objects.filter(is_clerk=False).values_list("name", flat=True)) == {"Jo Sample", "Pat Example"}


def test_portfolio_is_no_signature(run):
    report = rows_of("r04_cabinet_member_line_is_signoff", run)[0].report
    sign_off = report.sign_offs.get()
    assert (report.signed_off_at, sign_off.person.name, sign_off.signed_at) == (None, "Pat Example", None)


def test_rating_is_that_of_the_update(run):
    options = ("--column=6 month update=leave_out", "--column=RAG at 6 months=leave_out")
    rows = rows_of("r05_previous_and_current_rag", run, *options)
    assert [(u.text, u.assessment.rating) for u in rows] == [("All were planted.", 1), ("It dried out.", 4)]


def test_status_of_the_officer(run):
    rows = rows_of("r06_status_column_is_officers", run, "--column=Status=officer")
    assert [u.text.partition("Status: ")[2] for u in rows] == [
        "Implemented",
        "On track – delayed to June",
        "Implemented - except in the north",
    ]
    assert not any(hasattr(update, "assessment") for update in rows)


def test_comments_are_kept(run):
    (update,) = rows_of("r07_comments_column", run, "--column=Comments=update")
    assert update.text == "Ten were planted.\n\nComments: Funding for the rest is being sought by the parks team."


def test_second_report_asks_what_differs(run):
    run("r08_second_report_differs_6")
    with pytest.raises(CommandError) as refused:
        run("r08_second_report_differs_12")
    for text in ("The wording of 1", "The response of 1", "The decision of 2", "The response of 2"):
        assert f"{text} differs" in str(refused.value)
    run("r08_second_report_differs_12", "--difference=all=document")
    one, two = Inquiry.objects.get().recommendations.select_related("response")
    assert one.text == "That two hundred trees be planted in parks."
    assert one.response.text == "Agreed. Two hundred trees by June, and a named officer."
    assert (two.response.decision, two.response.answer) == ("in_part", "Only four benches.")


def test_number_of_another_review_is_no_number(run):
    numbers = [str(u.response.references) for u in rows_of("r11_number_out_of_a_sentence", run)]
    assert numbers == ["1", "2"]


def test_sentences_stay_whole(run):
    (update,) = rows_of("r15_evidence_sentence_altered", run)
    assert "The council saw from https://example.org/a that use fell." in update.text
    assert update.response.text == "Agreed.\n\nTarget: 300 homes by 31 March 2027"


@pytest.mark.parametrize(
    ("name", "references"),
    [
        ("r16_council_references", ["25/26 02", "HO-3", "SR (25/26) 01"]),
        ("r17_roman_with_dot", ["4a(i)", "4a(ii)", "4a(iii)"]),
    ],
)
def test_references_are_kept(name, references, run, client):
    run(name)
    recommendations = Inquiry.objects.get().recommendations.all()
    assert [one.reference for one in recommendations] == references
    client.force_login(Person.objects.get(is_clerk=True))
    for one in recommendations:
        assert client.get(one.get_absolute_url()).status_code == 200


def test_pages_of_a_reference_with_a_slash(run, client):
    run("r16_council_references", "--stage=commissioned")
    report = ProgressReport.objects.get()
    for reference in ("25/26 02", "SR (25/26) 01"):
        update = report.updates.about(reference).get()
        address = reverse("officer:update", args=[report.inquiry.slug, report.months_on, update.reference])
        client.force_login(update.response.lead_officer)
        assert client.get(address).status_code == 200
