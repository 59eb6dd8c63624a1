"""A list of people against what is recorded: what each row would do, and what is then recorded."""

from datetime import date

import pytest
from allauth.account.models import EmailAddress

from inquiries.actions.people_import import (
    PreviewChanged,
    forget_import,
    keep_people,
    lend_addresses,
    mark_of,
    preview_people,
    record_people,
)
from inquiries.imports.people_csv import read_people
from inquiries.models import CabinetMember, Entry, Membership, Notification, PeopleImport, Person
from inquiries.permissions import Refused
from tests.cast import NOW, TODAY, person

HEADINGS = "name,email,job title,organisation,clerk,committee,role,from,until,portfolio\n"


def keep(by, *lines):
    rows, _ = read_people((HEADINGS + "\n".join(lines) + "\n").encode())
    return keep_people(rows, file_name="people.csv", checksum="0" * 64, by=by, now=NOW)


def previewed(by, *lines, choices=None):
    """(line, kind, messages) of each row."""
    kept = preview_people(keep(by, *lines), choices or {}, by=by, now=NOW)
    return [(row["line"], row["kind"], row["messages"]) for row in kept.rows["rows"]]


def record(by, *lines, choices=None, **options):
    kept = keep(by, *lines)
    return record_people(kept, choices or {}, seen=mark_of(kept), by=by, now=NOW, **options)


def test_preview_adds_people(clerk, committee):
    assert previewed(
        clerk,
        "Rhys Vaughan,rhys@wealdshire.example,Councillor,,,communities select committee,vice-chair,20/05/2025,,",
        "Rhys Vaughan,,,,,,,1 May 2024,19 May 2025,Transport",
        "Bob,,,,yes,,,,,",
        "Bob,,,,yes,,,,,",
    ) == [
        (2, "new", ["New person.", "Seat added: vice-chair of the Communities Select Committee from 20 May 2025."]),
        (3, "changed", ["Seat added: Cabinet Member (Transport) from 1 May 2024 until 19 May 2025."]),
        (4, "new", ["New person, a clerk, without e-mail address: they cannot sign in."]),
        (5, "unchanged", ["Recorded like this already."]),
    ]
    assert list(Person.objects.all()) == [clerk]
    assert not Entry.objects.exclude(subject_type="person", subject_id=clerk.pk).exists()


def test_preview_ignores_empty_cells(clerk, officer):
    assert previewed(clerk, "Siân Llŷr,SIAN@wealdshire.example,,West Partners,yes,,,,,") == [
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
    assert previewed(clerk, f"{officer.name},sian@wealdshire.example,Head of Customer Access,,no,,,,,") == [
        (2, "unchanged", ["Recorded like this already."])
    ]


def test_lends_addresses():
    rows, _ = read_people(b"name,email\ntom,\nCllr Tom,tom@b.example\nPriya,\nAnn,a@b.example\nAnn,c@b.example\nAnn,\n")
    lend_addresses(rows)
    assert [row["values"].get("email") for row in rows] == [
        "tom@b.example",
        "tom@b.example",
        None,
        "a@b.example",
        "c@b.example",
        None,
    ]


def test_preview_by_name_alone(clerk, officer, member):
    assert previewed(clerk, f"{member.name.upper()},,,,,Communities,member,20/05/2025,,") == [
        (2, "changed", ["Name: from “Councillor Anwen Pritchard” to “COUNCILLOR ANWEN PRITCHARD”."])
    ]
    person("Siân Llŷr-Ôwain")
    assert previewed(clerk, f"{officer.name},,Director,,,,,,,") == [
        (
            2,
            "error",
            ["Several people called Siân Llŷr-Ôwain are recorded. Say with the e-mail address which is meant."],
        )
    ]


def test_preview_asks_before_completing(clerk, committee):
    gwen = person("Gwen Rees", job_title="Team Manager")
    lines = (
        "Gwen Rees,gwen@wealdshire.example,Head of Housing,,,,,,,",
        "Gwen Rees,gwen@wealdshire.example,,,,Communities,,20/05/2025,,",
    )
    [first, second] = keep(clerk, *lines).rows["rows"]
    assert first["options"] == [
        [
            str(gwen.pk),
            "Gwen Rees, Team Manager, who has no e-mail address yet: complete them with gwen@wealdshire.example",
        ],
        ["add", "Another person called Gwen Rees: record a new person"],
    ]
    assert (first["kind"], second["kind"], second["options"]) == ("question", "question", first["options"])
    seat = "Seat added: member of the Communities Select Committee from 20 May 2025."
    assert previewed(clerk, *lines, choices={2: str(gwen.pk)}) == [
        (
            2,
            "changed",
            [
                "E-mail address added: “gwen@wealdshire.example”.",
                "Job title: from “Team Manager” to “Head of Housing”.",
            ],
        ),
        (3, "changed", [seat]),
    ]
    assert previewed(clerk, *lines, choices={2: "add"}) == [(2, "new", ["New person."]), (3, "changed", [seat])]
    # Nobody else can be slipped in as the choice.
    assert previewed(clerk, lines[0], choices={2: str(clerk.pk)}) == [(2, "question", [])]


@pytest.mark.parametrize("written", ["Cllr Gwen Rees", '"Rees, Gwen"'])
def test_preview_asks_about_name_forms(clerk, written):
    gwen = person("Councillor Gwen Rees")
    line = f"{written},gwen@wealdshire.example,,,,,,,,"
    [row] = keep(clerk, line).rows["rows"]
    assert [choice for choice, _ in row["options"]] == [str(gwen.pk), "add"]
    record(clerk, line, choices={2: str(gwen.pk)})
    gwen.refresh_from_db()
    assert gwen.email == "gwen@wealdshire.example"


def test_preview_asks_about_namesakes(clerk, officer):
    [row] = keep(clerk, f"{officer.name},other@wealdshire.example,,,,,,,,").rows["rows"]
    assert row["options"] == [["add", "Another person called Siân Llŷr-Ôwain: record a new person"]]


def test_lines_that_disagree(clerk, officer, committee):
    assert previewed(
        clerk,
        f"{officer.name},,Director,,,Communities,member,20/05/2025,,",
        "Sian Owain,sian@wealdshire.example,,,,Communities,chair,20/06/2025,,",
        f"{officer.name},,Head of Roads,,,,,,,",
        "Tom,tom@b.example,,,yes,,,,,",
        "Tom,TOM@b.example,,,no,,,,,",
    )[1:] == [
        (3, "error", ["Line 2 is about the same person, and does not agree on the name."]),
        (4, "error", ["Line 2 is about the same person, and does not agree on the job title."]),
        (5, "new", ["New person, a clerk."]),
        (6, "error", ["Line 5 is about the same person, and does not agree on whether they are a clerk."]),
    ]


def test_completes_with_one_address(clerk):
    gwen = person("Gwen Rees")
    lines = [f"Gwen Rees,{address}@wealdshire.example,,,,,,,," for address in ("gwen", "g.rees")]
    both = {2: str(gwen.pk), 3: str(gwen.pk)}
    assert [kind for _, kind, _ in previewed(clerk, *lines, choices=both)] == ["changed", "question"]
    record(clerk, *lines, choices=both | {3: "add"})
    assert list(Person.objects.filter(name="Gwen Rees").order_by("pk").values_list("email", flat=True)) == [
        "gwen@wealdshire.example",
        "g.rees@wealdshire.example",
    ]


@pytest.mark.parametrize(
    ("line", "message"),
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
            "Councillor Harold Penrose already sits on this committee since 20 May 2025.",
        ),
        (
            "Councillor Harold Penrose,harold@wealdshire.example,,,,Communities,chair,,19/05/2025,",
            "The last day is before the first.",
        ),
        ("Carys Whitlock,carys@wealdshire.example,Director,,no,,,,,", "You cannot take this from yourself."),
        ("Ann,ann at home,,,,,,,,", "“ann at home” is not an e-mail address."),
    ],
)
def test_preview_shows_errors(clerk, committee, chair, line, message):
    [(_, kind, [said])] = previewed(clerk, line)
    assert kind == "error" and said.startswith(message)


def test_preview_of_leaver(clerk, officer):
    Person.objects.filter(pk=officer.pk).update(is_active=False, left_at=NOW, left_by=clerk)
    assert previewed(clerk, f"{officer.name},sian@wealdshire.example,,,,,,,,") == [
        (2, "error", ["Siân Llŷr-Ôwain has left on 23 November 2026. Bring them back on their page first."])
    ]


def test_preview_of_successive_seats(clerk, committee, chair):
    name = f"{chair.name},harold@wealdshire.example,,,,Communities"
    assert previewed(clerk, f"{name},chair,,31/05/2026,", f"{name},member,01/06/2026,,") == [
        (2, "changed", ["Seat ended: chair of the Communities Select Committee until 31 May 2026."]),
        (3, "changed", ["Seat added: member of the Communities Select Committee from 1 June 2026."]),
    ]


def test_preview_of_ended_seat(clerk, committee, chair):
    Membership.objects.update(until_date=date(2026, 5, 31))
    name = f"{chair.name},harold@wealdshire.example,,,,Communities,chair,20/05/2025"
    assert previewed(clerk, f"{name},30/04/2026,", f"{name},31/05/2026,") == [
        (
            2,
            "error",
            [
                "The seat chair of the Communities Select Committee is recorded as ended on 31 May 2026, not on "
                "30 April 2026. Correct that on the person's page."
            ],
        ),
        (3, "unchanged", ["Recorded like this already."]),
    ]


def test_records_people_with_seats(clerk, committee):
    record(
        clerk,
        "Rhys Vaughan,Rhys@Wealdshire.example,Councillor,,,Communities,chair,20/05/2025,,",
        "Rhys Vaughan,,,,,,,20/05/2025,,Transport",
        "=cmd|'/c calc'!A1,,,,,,,,,",
    )
    assert set(Person.objects.values_list("name", flat=True)) == {clerk.name, "Rhys Vaughan", "=cmd|'/c calc'!A1"}
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


def test_invites_new_people(clerk, officer):
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


def test_completes_chosen_person(clerk):
    gwen = person("Gwen Rees", job_title="Team Manager")
    line = "Gwen Rees,gwen@wealdshire.example,,,,,,,,"
    with pytest.raises(Refused, match="Say first who is meant by Gwen Rees"):
        record(clerk, line)
    record(clerk, line, choices={2: str(gwen.pk)})
    gwen.refresh_from_db()
    assert (gwen.email, gwen.job_title) == ("gwen@wealdshire.example", "Team Manager")
    assert Person.objects.filter(name="Gwen Rees").count() == 1


def test_refuses_rows_with_errors(clerk):
    with pytest.raises(Refused, match="Some rows have errors"):
        record(clerk, "Rhys Vaughan,rhys@wealdshire.example,,,,,,,,", "Ann,ann at home,,,,,,,,")
    assert list(Person.objects.all()) == [clerk]


def test_refuses_unchanged_list(clerk, officer):
    with pytest.raises(Refused, match="There is nothing to record"):
        record(clerk, f"{officer.name},sian@wealdshire.example,,,,,,,,")


def test_refuses_changed_preview(clerk, officer):
    kept = keep(clerk, "Siân Llŷr,sian@wealdshire.example,,,,,,,,")
    seen = mark_of(kept)
    Person.objects.filter(pk=officer.pk).update(name="Siân Owain")
    with pytest.raises(PreviewChanged):
        record_people(kept, {}, seen=seen, by=clerk, now=NOW)
    officer.refresh_from_db()
    assert officer.name == "Siân Owain"
    kept.refresh_from_db()
    assert kept.rows["rows"][0]["messages"] == ["Name: from “Siân Owain” to “Siân Llŷr”."]
    with pytest.raises(PreviewChanged):
        record_people(kept, {}, seen=seen, by=clerk, now=NOW)
    record_people(kept, {}, seen=mark_of(kept), by=clerk, now=NOW)
    officer.refresh_from_db()
    assert officer.name == "Siân Llŷr"


def test_records_people_once(clerk):
    kept = keep(clerk, "Rhys Vaughan,,,,,,,,,")
    seen = mark_of(kept)
    record_people(kept, {}, seen=seen, by=clerk, now=NOW)
    for action in (
        lambda: record_people(kept, {}, seen=seen, by=clerk, now=NOW),
        lambda: preview_people(kept, {}, by=clerk, now=NOW),
        lambda: forget_import(kept, by=clerk, now=NOW),
    ):
        with pytest.raises(Refused, match="recorded already"):
            action()
    assert Person.objects.filter(name="Rhys Vaughan").count() == 1


def test_forget_import(clerk):
    kept = keep(clerk, "Rhys Vaughan,,,,,,,,,")
    forget_import(kept, by=clerk, now=NOW)
    forget_import(kept, by=clerk, now=NOW)
    with pytest.raises(Refused, match="thrown away"):
        record_people(kept, {}, seen="", by=clerk, now=NOW)
    assert not PeopleImport.objects.exists()


def test_people_import_requires_clerk(clerk, officer):
    kept = keep(clerk, "Rhys Vaughan,,,,,,,,,")
    for action in (
        lambda: keep(officer, "A,,,,,,,,,"),
        lambda: preview_people(kept, {}, by=officer, now=NOW),
        lambda: record_people(kept, {}, seen="", by=officer, now=NOW),
        lambda: forget_import(kept, by=officer, now=NOW),
    ):
        with pytest.raises(Refused, match="Only a clerk"):
            action()
    assert PeopleImport.objects.count() == 1
