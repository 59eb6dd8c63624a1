"""A list of people against what is recorded: what each row would do, and what is then recorded."""

from datetime import date

import pytest
from allauth.account.models import EmailAddress

from inquiries.actions.people_import import (
    ChangedSince,
    forget_import,
    keep_people,
    plan_people,
    read_of,
    record_people,
    recording,
)
from inquiries.models import CabinetMember, Entry, Membership, Notification, PeopleImport, Person
from inquiries.people_import.reading import MOST_ROWS, read_people
from inquiries.permissions import Refused
from tests.cast import NOW, TODAY, person

HEADINGS = "name,email,job title,organisation,clerk,committee,role,from,until,portfolio\n"


def file_of(*lines):
    return read_people((HEADINGS + "\n".join(lines) + "\n").encode())


def planned(by, *lines, answers=None):
    """(line, kind, what is done or what is wrong) of each row."""
    plan = plan_people(file_of(*lines), answers, by=by)
    return [(row.line, row.kind, row.problems or row.sentences) for row in plan.rows]


def record(by, *lines, answers=None, **choices):
    kept = keep_people(file_of(*lines), file_name="people.csv", checksum="0" * 64, by=by, now=NOW)
    seen = plan_people(read_of(kept), by=by).mark
    return record_people(kept, answers, seen=seen, by=by, now=NOW, **choices)


# What would happen


def test_somebody_new_with_a_seat(clerk, committee):
    assert planned(
        clerk,
        "Rhys Vaughan,rhys@wealdshire.example,Councillor,,,communities select committee,vice-chair,20/05/2025,,",
        "Rhys Vaughan,,,,,,,1 May 2024,19 May 2025,Transport",
        "Bob,,,,yes,,,,,",
    ) == [
        (
            2,
            "new",
            [
                "New person.",
                "Seat added: vice-chair of the Communities Select Committee from 20 May 2025.",
            ],
        ),
        (3, "changed", ["Seat added: Cabinet Member (Transport) from 1 May 2024 until 19 May 2025."]),
        (4, "new", ["New person, a clerk, without e-mail address: they cannot sign in."]),
    ]


def test_somebody_known_by_address_is_changed_field_by_field_and_empty_cells_change_nothing(clerk, officer):
    assert planned(clerk, "Siân Llŷr,SIAN@wealdshire.example,,West Partners,yes,,,,,") == [
        (
            2,
            "changed",
            [
                "Name: from “Siân Llŷr-Ôwain” to “Siân Llŷr”.",
                "Organisation added: “West Partners”.",
                "Becomes a clerk.",
            ],
        )
    ]
    assert planned(clerk, f"{officer.name},sian@wealdshire.example,Head of Customer Access,,no,,,,,") == [
        (2, "unchanged", ["Recorded like this already."])
    ]


def test_somebody_known_by_name_alone(clerk, officer, member):
    assert planned(clerk, f"{member.name.upper()},,,,,Communities,member,20/05/2025,,") == [
        (2, "changed", ["Name: from “Councillor Anwen Pritchard” to “COUNCILLOR ANWEN PRITCHARD”."])
    ]
    person("Siân Llŷr-Ôwain")
    assert planned(clerk, f"{officer.name},,Director,,,,,,,") == [
        (
            2,
            "error",
            ["Several people called Siân Llŷr-Ôwain are recorded. Say with the e-mail address which is meant."],
        )
    ]


def test_somebody_recorded_without_address_is_offered_to_be_completed_and_never_silently(clerk):
    gwen = person("Gwen Rees", job_title="Team Manager")
    line = "Gwen Rees,gwen@wealdshire.example,Head of Housing,,,,,,,"
    plan = plan_people(file_of(line), by=clerk)
    [one] = plan.undecided
    assert one.question == "person-2"
    assert one.options == [
        (
            str(gwen.pk),
            "Gwen Rees, Team Manager, who has no e-mail address yet: complete them with gwen@wealdshire.example",
        ),
        ("add", "Somebody else called Gwen Rees: record a new person"),
    ]
    assert [row.kind for row in plan.rows] == ["question"]
    assert planned(clerk, line, answers={"person-2": str(gwen.pk)}) == [
        (
            2,
            "changed",
            [
                "E-mail address added: “gwen@wealdshire.example”.",
                "Job title: from “Team Manager” to “Head of Housing”.",
            ],
        )
    ]
    assert planned(clerk, line, answers={"person-2": "add"}) == [(2, "new", ["New person."])]
    # Nobody else can be slipped in as the answer.
    assert planned(clerk, line, answers={"person-2": str(clerk.pk)}) == [(2, "question", [])]


@pytest.mark.parametrize("written", ["Cllr Gwen Rees", '"Rees, Gwen"'])
def test_somebody_recorded_under_another_form_of_the_name_is_offered_too(clerk, written):
    gwen = person("Councillor Gwen Rees")
    line = f"{written},gwen@wealdshire.example,,,,,,,,"
    [one] = plan_people(file_of(line), by=clerk).undecided
    assert [answer for answer, _ in one.options] == [str(gwen.pk), "add"]
    record(clerk, line, answers={"person-2": str(gwen.pk)})
    gwen.refresh_from_db()
    assert gwen.email == "gwen@wealdshire.example"


def test_a_namesake_with_another_address_is_asked_about(clerk, officer):
    plan = plan_people(file_of(f"{officer.name},other@wealdshire.example,,,,,,,,"), by=clerk)
    assert [one.options for one in plan.undecided] == [
        [("add", "Somebody else called Siân Llŷr-Ôwain: record a new person")]
    ]


def test_lines_under_two_names_about_one_recorded_person_would_undo_each_other(clerk, officer, committee):
    lines = (
        f"{officer.name},,Director,,,Communities,member,20/05/2025,,",
        "Sian Owain,sian@wealdshire.example,,,,Communities,chair,20/06/2025,,",
    )
    problem = "Lines 2 and 3 are about Siân Llŷr-Ôwain: give them one name and e-mail address."
    assert planned(clerk, *lines) == [(2, "error", [problem]), (3, "error", [problem])]


def test_one_recorded_person_is_completed_by_one_address(clerk):
    gwen = person("Gwen Rees")
    lines = [f"Gwen Rees,{address}@wealdshire.example,,,,,,,," for address in ("gwen", "g.rees")]
    problem = (
        "Lines 2 and 3 are about Gwen Rees: give them one name and e-mail address, or say that somebody else is meant."
    )
    both = {"person-2": str(gwen.pk), "person-3": str(gwen.pk)}
    assert planned(clerk, *lines, answers=both) == [(2, "error", [problem]), (3, "error", [problem])]
    # The question stays, to be answered otherwise.
    assert len(plan_people(file_of(*lines), both, by=clerk).questions) == 2
    record(clerk, *lines, answers=both | {"person-3": "add"})
    assert list(Person.objects.filter(name="Gwen Rees").order_by("pk").values_list("email", flat=True)) == [
        "gwen@wealdshire.example",
        "g.rees@wealdshire.example",
    ]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "Ann,ann@wealdshire.example,,,,Health,,20/05/2025,,",
            "No committee is called “Health”. There is: Communities Select Committee.",
        ),
        (
            "Ann,ann@wealdshire.example,,,,Communities,,,,",
            "Say in the column from since when the seat is held: 20/05/2025, say.",
        ),
        (
            "Councillor Harold Penrose,harold@wealdshire.example,,,,Communities,member,01/06/2026,,",
            "Councillor Harold Penrose already holds a seat at that time: chair of the Communities Select Committee "
            "since 20 May 2025. End that one first.",
        ),
        (
            "Councillor Harold Penrose,harold@wealdshire.example,,,,Communities,chair,,19/05/2025,",
            "The seat would end before it begins, on 20 May 2025.",
        ),
    ],
)
def test_what_cannot_be_is_an_error_with_its_reason(clerk, committee, chair, line, sentence):
    assert planned(clerk, line) == [(2, "error", [sentence])]


def test_seats_are_ended_and_taken_up_again_in_the_order_of_the_file(clerk, committee, chair):
    name = f"{chair.name},harold@wealdshire.example,,,,Communities"
    assert planned(clerk, f"{name},chair,,31/05/2026,", f"{name},member,01/06/2026,,") == [
        (2, "changed", ["Seat ended: chair of the Communities Select Committee until 31 May 2026."]),
        (3, "changed", ["Seat added: member of the Communities Select Committee from 1 June 2026."]),
    ]


def test_somebody_who_left_comes_back_on_their_page_and_not_by_a_list(clerk, officer):
    Person.objects.filter(pk=officer.pk).update(is_active=False, left_at=NOW, left_by=clerk)
    assert planned(clerk, f"{officer.name},sian@wealdshire.example,,,,,,,,") == [
        (
            2,
            "error",
            ["Siân Llŷr-Ôwain has left on 23 November 2026. Bring them back on their page first."],
        )
    ]


def test_nobody_takes_the_clerks_rights_from_themselves(clerk):
    assert planned(clerk, "Carys Whitlock,carys@wealdshire.example,Director,,no,,,,,") == [
        (2, "error", ["You cannot take the clerk's rights from yourself."])
    ]


def test_the_database_is_asked_as_often_for_one_row_as_for_many(clerk, committee, django_assert_num_queries):
    lines = [f"Person {n},p{n}@wealdshire.example,,,,Communities,,20/05/2025,," for n in range(60)]
    for count in (1, 60):
        with django_assert_num_queries(2):
            plan_people(file_of(*lines[:count]), by=clerk)


# What is recorded


def test_people_are_recorded_with_their_seats_and_history(clerk, committee):
    plan = record(
        clerk,
        "Rhys Vaughan,Rhys@Wealdshire.example,Councillor,,,Communities,chair,20/05/2025,,",
        "Rhys Vaughan,,,,,,,20/05/2025,,Transport",
        "=cmd|'/c calc'!A1,,,,,,,,,",
    )
    assert [one.first.name for one in plan.new_people] == ["Rhys Vaughan", "=cmd|'/c calc'!A1"]
    rhys = Person.objects.get(name="Rhys Vaughan")
    assert (rhys.email, rhys.job_title, rhys.is_clerk, rhys.has_usable_password()) == (
        "rhys@wealdshire.example",
        "Councillor",
        False,
        False,
    )
    seat = Membership.objects.get(person=rhys)
    assert (seat.committee, seat.role, seat.from_date, seat.until_date) == (
        committee,
        "chair",
        date(2025, 5, 20),
        None,
    )
    assert CabinetMember.objects.on(TODAY).get(person=rhys).portfolio == "Transport"
    assert EmailAddress.objects.get(user=rhys).verified
    assert Entry.objects.about(rhys).get().sentence == "added the person “Rhys Vaughan”"
    kept = PeopleImport.objects.get()
    assert (kept.rows, kept.confirmed_at, kept.confirmed_by) == ([], NOW, clerk)
    assert Entry.objects.about(kept).get().sentence == "recorded 2 people from the list “people.csv”"
    assert not Notification.objects.exists()


def test_invitations_go_to_new_people_with_an_address_where_that_is_asked(clerk, officer):
    record(
        clerk,
        "Rhys Vaughan,rhys@wealdshire.example,,,,,,,,",
        "Gwen Rees,,,,,,,,,",
        f"{officer.name},sian@wealdshire.example,Director,,,,,,,",
        inviting=True,
    )
    assert [(n.recipient.name, n.occasion) for n in Notification.objects.all()] == [("Rhys Vaughan", "invitation")]
    assert Person.objects.get(name="Rhys Vaughan").invited_by == clerk
    officer.refresh_from_db()
    assert officer.job_title == "Director"


def test_somebody_is_completed_where_the_clerk_says_so(clerk):
    gwen = person("Gwen Rees", job_title="Team Manager")
    line = "Gwen Rees,gwen@wealdshire.example,,,,,,,,"
    with pytest.raises(Refused, match="Say first who is meant by Gwen Rees"):
        record(clerk, line)
    record(clerk, line, answers={"person-2": str(gwen.pk)})
    gwen.refresh_from_db()
    assert (gwen.email, gwen.job_title) == ("gwen@wealdshire.example", "Team Manager")
    assert Person.objects.filter(name="Gwen Rees").count() == 1


def test_nothing_is_recorded_while_there_are_errors_unless_they_are_left_out(clerk, committee):
    lines = "Rhys Vaughan,rhys@wealdshire.example,,,,,,,,", "Ann,ann at home,,,,,,,,"
    with pytest.raises(Refused, match="Rows with errors stand in the way"):
        record(clerk, *lines)
    assert not Person.objects.filter(name="Rhys Vaughan").exists()
    record(clerk, *lines, leave_out=True)
    assert sorted(Person.objects.values_list("name", flat=True)) == ["Carys Whitlock", "Rhys Vaughan"]


def test_a_list_that_changes_nothing_is_not_recorded(clerk, officer):
    with pytest.raises(Refused, match="There is nothing to record"):
        record(clerk, f"{officer.name},sian@wealdshire.example,,,,,,,,")


def test_what_has_changed_since_it_was_seen_is_not_recorded(clerk, officer):
    kept = keep_people(
        file_of("Rhys Vaughan,rhys@wealdshire.example,,,,,,,,"), file_name="a.csv", checksum="0", by=clerk, now=NOW
    )
    seen = plan_people(read_of(kept), by=clerk).mark
    person("Rhys Vaughan")
    with pytest.raises(ChangedSince) as changed:
        record_people(kept, seen=seen, by=clerk, now=NOW)
    assert [one.first.name for one in changed.value.plan.undecided] == ["Rhys Vaughan"]
    assert changed.value.mark == plan_people(read_of(kept), by=clerk).mark
    assert Person.objects.filter(name="Rhys Vaughan").count() == 1


def test_a_list_is_recorded_once(clerk):
    kept = keep_people(file_of("Rhys Vaughan,,,,,,,,,"), file_name="a.csv", checksum="0", by=clerk, now=NOW)
    seen = plan_people(read_of(kept), by=clerk).mark
    record_people(kept, seen=seen, by=clerk, now=NOW)
    with pytest.raises(Refused, match="recorded already"):
        record_people(kept, seen=seen, by=clerk, now=NOW)
    with pytest.raises(Refused, match="recorded already"):
        forget_import(kept, by=clerk, now=NOW)
    assert Person.objects.filter(name="Rhys Vaughan").count() == 1


def test_a_list_can_be_thrown_away(clerk):
    kept = keep_people(file_of("Rhys Vaughan,,,,,,,,,"), file_name="a.csv", checksum="0", by=clerk, now=NOW)
    forget_import(kept, by=clerk, now=NOW)
    forget_import(kept, by=clerk, now=NOW)
    with pytest.raises(Refused, match="thrown away"):
        record_people(kept, seen="", by=clerk, now=NOW)
    assert not PeopleImport.objects.exists()


def test_only_a_clerk_keeps_and_records_lists(clerk, officer):
    kept = keep_people(file_of("Rhys Vaughan,,,,,,,,,"), file_name="a.csv", checksum="0", by=clerk, now=NOW)
    for deed in (
        lambda: keep_people(file_of("A,,,,,,,,,"), file_name="a.csv", checksum="0", by=officer, now=NOW),
        lambda: record_people(kept, seen="", by=officer, now=NOW),
        lambda: forget_import(kept, by=officer, now=NOW),
    ):
        with pytest.raises(Refused, match="Only a clerk"):
            deed()
    assert PeopleImport.objects.count() == 1


def test_one_list_may_be_as_long_as_the_reader_takes(clerk, committee):
    lines = [f"Person {n},p{n}@wealdshire.example,,,,Communities,,20/05/2025,," for n in range(MOST_ROWS)]
    assert len(plan_people(file_of(*lines), by=clerk).new_people) == MOST_ROWS


def test_an_address_given_to_somebody_else_in_the_same_moment_is_refused(clerk, monkeypatch):
    kept = keep_people(
        file_of("Rhys Vaughan,rhys@wealdshire.example,,,,,,,,"), file_name="a", checksum="0", by=clerk, now=NOW
    )
    plan = plan_people(read_of(kept), by=clerk)
    person("Somebody Else", "Rhys@wealdshire.example")
    monkeypatch.setattr(recording, "plan_people", lambda *_, **__: plan)
    with pytest.raises(Refused, match="Somebody else has just recorded the same"):
        record_people(kept, seen=plan.mark, by=clerk, now=NOW)
    kept.refresh_from_db()
    assert kept.confirmed_at is None
