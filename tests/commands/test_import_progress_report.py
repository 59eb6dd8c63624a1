import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from inquiries.documents.progress_report import for_content, progress_report_content
from inquiries.models import Committee, Inquiry, Person, ProgressReport, ReportImport
from inquiries.templatetags.scrutiny import date_of
from tests.cast import person
from tests.imports.samples import COLUMNS, HEADER, document, table

ROWS = (
    ("1. That A is done.", "Agreed.", "It is done. (Gwen Rees, Team Manager)", ""),
    ("3. That B is done.", "Agreed.", "Nearly there.", ""),
)
UNDECIDED = tuple("Interim/Final Progress Report (delete)" if "Interim" in line else line for line in HEADER)


@pytest.fixture
def paper(tmp_path):
    """A function that writes a Word report and returns its path."""

    def written(*rows, header=HEADER):
        path = tmp_path / "report.docx"
        path.write_bytes(document(table(COLUMNS, *(rows or ROWS)), header=header))
        return str(path)

    return written


def run(path, **options):
    said = StringIO()
    options = {"committee": "communities", "inquiry": "Getting Home"} | options
    call_command("import_progress_report", path, stdout=said, **options)
    return said.getvalue()


def refusal(path, **options):
    before = [model.objects.count() for model in (Inquiry, ProgressReport, ReportImport, Person)]
    with pytest.raises(CommandError) as refused:
        run(path, **options)
    assert [model.objects.count() for model in (Inquiry, ProgressReport, ReportImport, Person)] == before
    return str(refused.value)


def test_prints_doubts_and_records(paper, clerk, committee):
    said = run(paper())
    assert "  Nothing numbered 2 is in the table.\n" in said
    assert (
        "Recorded: Getting Home: Interim report (6 months on) (signed off), 2 updates from 2 rows; "
        "the inquiry has 2 recommendations.\n"
    ) in said
    assert "New people, without e-mail address: Gwen Rees, Margaret O'Hara, Siân Llŷr.\n" in said
    assert said.endswith("Its page: /inquiries/getting-home/progress/6/\n")
    report = ProgressReport.objects.get()
    assert (report.inquiry.committee, report.commissioned_by, report.imports.get().confirmed_by) == (
        committee,
        clerk,
        clerk,
    )


def test_takes_stage_and_publishing(paper, clerk, committee):
    run(paper(), stage="commissioned")
    assert ProgressReport.objects.get().stage == "commissioned"
    run(paper(), inquiry="Another", published=True)
    assert ProgressReport.objects.get(inquiry__title="Another").stage == "published"


def test_takes_the_dates_of_the_past(paper, clerk, committee):
    dates = {"updated": "2026-10", "signed": "2026-10-03", "publication": "2026-10-30", "meeting": "2026-11"}
    path = paper(("1. That A.", "Agreed.", "Done.", "✓"))
    args = [f"--{name}={text}" for name, text in dates.items()]
    said = StringIO()
    call_command(
        "import_progress_report", path, *args, "--committee=communities", "--inquiry=A", "--published", stdout=said
    )
    report = ProgressReport.objects.get()
    assert (report.update_date.isoformat(), report.update_precision) == ("2026-10-01", "month")
    assert [date_of(report, fact) for fact in ("signed_off", "published", "assessed")] == [
        "3 October 2026",
        "30 October 2026",
        "November 2026",
    ]
    with pytest.raises(CommandError, match="is no date such as 2026-03-10 or 2026-03"):
        call_command("import_progress_report", path, "--signed=May", "--committee=communities", "--inquiry=A")


def test_asks_for_undecided_months(paper, clerk, committee):
    path = paper(header=UNDECIDED)
    said = refusal(path)
    assert "The document does not say whether this is the interim (6 months on)" in said
    assert "Give the months with --months," in said
    assert refusal(path, months=0) == "--months must be a number between 1 and 240."
    run(path, months=12)
    assert ProgressReport.objects.get().months_on == 12


STATUS = ("Recommendation", "Decision", "Response", "Progress", "Status")


def test_asks_once_for_a_column(tmp_path, clerk, committee):
    path = tmp_path / "report.docx"
    rows = (
        ("1. That A.", "Accept", "Yes.", "Done.", "Implemented"),
        ("2. That B.", "Accept", "Yes.", "Begun.", "On track – delayed to June"),
    )
    path.write_bytes(document(table(STATUS, *rows)))
    said = refusal(str(path))
    assert said.count("What does the column “Status” hold?") == 1
    assert "columns to decide are “Status”; they hold officer, rating" in refusal(str(path), column=["Owner=officer"])
    said = refusal(str(path), column=["Status=rating"])
    assert "Recommendation 2: “On track – delayed to June” does not plainly give one of the four ratings" in said
    key = said.partition("[")[2].partition("]")[0]
    run(str(path), column=["status=rating"], settled=[key])
    found = [(u.assessment.rating, u.assessment.comment) for u in ProgressReport.objects.get().updates.for_page()]
    assert found == [(1, ""), (None, "On track – delayed to June")]


def test_column_of_the_officer_stays_in_the_update(tmp_path, clerk, committee):
    path = tmp_path / "report.docx"
    path.write_bytes(document(table(STATUS, ("1. That A.", "Accept", "Yes.", "Done.", "On track, in June"))))
    run(str(path), column=["Status=officer"])
    update = ProgressReport.objects.get().updates.get()
    assert (update.text, update.officer_view, hasattr(update, "assessment")) == (
        "Done.\n\nStatus: On track, in June",
        "",
        False,
    )


def test_takes_decisions(paper, clerk, committee):
    path = paper(("1. That A.", "Cabinet rejects this.", "", ""), ("2. That B.", "Agreed.", "Done.", ""))
    said = refusal(path)
    assert "Recommendation 1: The column's title says accepted, the response “Cabinet rejects this.”" in said
    assert "there is no such recommendation" in refusal(path, decision=["7=accepted"])
    run(path, decision=["1=not_accepted"])
    response = Inquiry.objects.get().responses.get(decision="not_accepted")
    assert (response.text, response.reason) == ("Cabinet rejects this.", "Cabinet rejects this.")


def test_unsigned_report_is_not_recorded_as_signed(paper, clerk, committee):
    lines = [line for line in HEADER if "Cabinet Member" not in line] + ["Cabinet Member: Pat Example"]
    run(paper(header=tuple(lines)))
    report = ProgressReport.objects.get()
    assert (report.stage, report.sign_offs.get().signed_at) == ("commissioned", None)


def test_bracket_names_recorded_people_only(paper, clerk, committee, officer):
    path = paper(
        ("1. That A.", "Agreed.", "Done. (Marlow Bottom, Amersham)", ""),
        ("2. That B.", "Agreed.", f"Done. ({officer.name})", ""),
    )
    run(path)
    assert [
        (u.text, [str(p) for p in u.contributors.all()]) for u in ProgressReport.objects.get().updates.for_page()
    ] == [
        ("Done. (Marlow Bottom, Amersham)", []),
        ("Done.", [str(officer)]),
    ]
    assert not Person.objects.filter(name__contains="Marlow").exists()


def test_asks_about_differences(paper, clerk, committee):
    run(paper(("1. That A.", "Agreed. Ten.", "Two were planted.", ""), ("2. That B.", "Agreed.", "One was built.", "")))
    path = paper(
        ("1. That A in parks.", "Agreed. Two hundred.", "All were planted.", ""),
        ("2. That B.", "Accepted in part. Only four.", "Four were built.", ""),
    )
    said = refusal(path, months=12)
    assert "The wording of 1 differs. Recorded: “That A.”. In the document: “That A in parks.”." in said
    assert "The response of 1 differs." in said and "The decision of 2 differs." in said
    key = said.partition("The wording of 1 differs")[2].partition("[")[2].partition("]")[0]
    assert "is neither recorded nor document" in refusal(path, months=12, difference=["all=mine"])
    run(path, months=12, difference=["all=recorded", f"{key}=document"])
    inquiry = Inquiry.objects.get()
    assert inquiry.recommendations.get(reference="1").text == "That A in parks."
    assert [r.decision for r in inquiry.responses.all()] == ["accepted", "accepted"]


def test_asks_about_the_same_report_with_other_months(paper, clerk, committee):
    run(paper())
    said = refusal(paper(), months=12)
    assert "The updates are word for word those of the report 6 months on." in said
    run(paper(), months=12, settled=[said.partition("[")[2].partition("]")[0]])


def test_lists_open_decisions(paper, clerk, committee):
    said = refusal(paper(ROWS[0], ROWS[0], header=UNDECIDED))
    assert "1: The number 1 is used twice." in said
    assert "does not say whether this is the interim" in said


def test_refuses_a_second_import(paper, clerk, committee):
    run(paper())
    assert "“Getting Home” already has a progress report for 6 months on." in refusal(paper())


def test_lists_committees(paper, clerk, committee):
    Committee.objects.create(name="Environment", slug="environment")
    assert refusal(paper(), committee="nowhere") == (
        "There is no committee “nowhere”. Those there are: communities, environment. "
        "A clerk adds committees in the admin."
    )


def test_finds_the_clerk(paper, committee, officer):
    assert refusal(paper()) == "There is no clerk yet. Make one first: manage.py create_clerk EMAIL NAME"
    person("A", "a@wealdshire.example", is_clerk=True)
    second = person("B", "b@wealdshire.example", is_clerk=True)
    assert refusal(paper()) == (
        "There are several clerks. Say who imports with --by: a@wealdshire.example, b@wealdshire.example"
    )
    assert refusal(paper(), by=officer.email) == f"No clerk has the e-mail address {officer.email}."
    run(paper(), by="B@wealdshire.example")
    assert ProgressReport.objects.get().commissioned_by == second


def test_refuses_unreadable_file(tmp_path, clerk, committee):
    missing, words = tmp_path / "missing.docx", tmp_path / "words.docx"
    words.write_text("just words")
    assert "No such file or directory" in refusal(str(missing))
    assert "not a Word document" in refusal(str(words))
    assert "cannot be read" in refusal(str(tmp_path))


def test_refuses_an_impossible_stage(paper, clerk, committee):
    unsigned = tuple(line for line in HEADER if "Cabinet Member" not in line)
    said = refusal(paper(header=unsigned), stage="signed_off")
    assert "A report that has been signed off needs the name" in said


def test_records_the_real_case(case, clerk, committee):
    folder = case("crisis-support-inquiry")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    run(str(folder / "progress-report.docx"), inquiry=expected["inquiry"], months=6)
    report = for_content().get()
    words = progress_report_content(report)
    found = [
        {
            "recommendations": [
                {"reference": r.reference, "text": r.text} for r in update.response.recommendations.all()
            ],
            "decision": update.response.decision,
            "response": update.response.text,
            "update": update.text,
            "lead_officer": update.response.lead_officer.name if update.response.lead_officer else None,
            "contributor": next(({"name": c.name, "job_title": c.job_title} for c in update.contributor_names), None),
        }
        for update in report.updates.for_page()
    ]
    assert found == expected["rows"]
    assert words.heading == expected["heading"]
    assert words.inquiry == expected["inquiry"]
    assert words.update_date.isoformat() == expected["update_date"]
    assert words.completion == "{month} ({body})".format(**expected["completion"])
    assert words.lead_officers_line == expected["lead_officers_line"]
    assert words.cabinet_members == (expected["cabinet_member"],)
    assert {"3b", "4", "7"} <= {entry.recommendations[0].reference for entry in words.account}


def test_creates_first_clerk(db):
    said = StringIO()
    call_command("create_clerk", "a.clerk@Wealdshire.example", "A  Clerk", stdout=said)
    clerk = Person.objects.get()
    assert (clerk.name, clerk.email, clerk.is_clerk, clerk.has_usable_password()) == (
        "A Clerk",
        "a.clerk@wealdshire.example",
        True,
        False,
    )
    call_command("create_clerk", "A.CLERK@wealdshire.example", "Somebody Else", stdout=said)
    assert said.getvalue() == (
        "A Clerk is a clerk and can sign in with a.clerk@wealdshire.example.\n"
        "A Clerk is a clerk already. Nothing was changed.\n"
    )


def test_promotes_known_person(officer):
    call_command("create_clerk", officer.email, "Another Name", stdout=StringIO())
    officer.refresh_from_db()
    assert (officer.is_clerk, officer.name) == (True, "Siân Llŷr-Ôwain")


@pytest.mark.parametrize(("email", "name"), [("no address", "A"), ("a@wealdshire.example", " ")])
def test_refuses_faulty_clerk(db, email, name):
    with pytest.raises(CommandError):
        call_command("create_clerk", email, name)
    assert not Person.objects.exists()
