"""`check_history` finds tampering with history, records and files, and nothing else."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from inquiries import history_database, tracker_database
from inquiries.actions import history, records
from inquiries.check_history import Chain, changed_files, changed_records
from inquiries.history_database import TRIGGERS, digest_of, entry_as_text, trigger_findings
from inquiries.models import (
    AgendaDocument,
    AgendaPack,
    Entry,
    Indication,
    Inquiry,
    Membership,
    Person,
    ReportEdition,
    Seal,
)
from tests.cast import NOW
from tests.history.tampering import execute, tamper, unprotected

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def entries(committee, clerk):
    """Five entries, written one after the other."""
    changes = {"text": ("", "é “x”")}
    return [
        history.write("note", committee, f"noted {number}", by=clerk, now=NOW, changes=changes, also=[clerk])
        for number in range(1, 6)
    ]


def about_triggers():
    return list(trigger_findings(connection, (*TRIGGERS, *tracker_database.TRIGGERS)))


def findings(heads=None):
    return list(Chain().findings(heads))


def check(*arguments):
    """What the command says, and whether it ends well."""
    said = StringIO()
    try:
        call_command("check_history", "--one-role", *arguments, stdout=said)
    except CommandError as error:
        return said.getvalue() + str(error), error.returncode
    return said.getvalue(), 0


def seals():
    return list(Seal.objects.values_list("position", "entry_id"))


# The chain


def test_untouched_history_is_sound(entries):
    assert seals() == [(number, entry.pk) for number, entry in enumerate(entries, start=1)]
    said, code = check()
    assert (code, findings(), about_triggers()) == (0, [], [])
    assert said.startswith("The history is sound: 5 entries. Its head is ")
    assert said.strip().endswith(f" 5 {Seal.objects.get(position=5).digest}")


def test_empty_history_is_sound():
    assert check()[0].startswith("The history is sound: 0 entries.")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("sentence", "noted nothing"), ("by_name", "Somebody Else"), ("note", "!"), ("verb", "x"), ("by_id", 99),
        ("changes", '{"text": ["", "other"]}'), ("at", "2026-11-23 09:30:01+00:00"), ("inquiry_id", 7),
        ("on_behalf_of", "Ivy"), ("subject_type", "inquiry"), ("subject_id", 99), ("subject_label", "?"),
    ],
)  # fmt: skip
def test_finds_a_changed_entry(entries, column, value):
    tamper(f"UPDATE inquiries_entry SET {column} = %s WHERE id = %s", value, entries[1].pk)
    said = (
        f"History entry {entries[1].pk} does not fit its seal at position 2: "
        "the entry, or the order of the seals, has been changed."
    )
    assert findings() == [said]
    text, code = check()
    assert (text, code) == (f"{said}\n1 finding. docs/history.md says what each may mean and what to do.", 1)


def test_finds_moved_text(entries):
    """ "a" and "bc" are not "ab" and "c"."""
    tamper("UPDATE inquiries_entry SET verb = 'not', sentence = 'e' || sentence WHERE id = %s", entries[0].pk)
    assert len(findings()) == 1


def test_finds_a_removed_entry(entries):
    tamper("DELETE FROM inquiries_entry WHERE id = %s", entries[2].pk)
    assert findings() == [f"History entry {entries[2].pk}, sealed at position 3, is gone."]


def test_finds_removed_seal_too(entries):
    tamper("DELETE FROM inquiries_entry WHERE id = %s", entries[2].pk)
    tamper("DELETE FROM inquiries_seal WHERE position = 3")
    assert findings() == [
        "Position 3 is missing from the seals: after 2 comes 4.",
        f"History entry {entries[3].pk} does not fit its seal at position 4: "
        "the entry, or the order of the seals, has been changed.",
    ]


def test_finds_unsealed_entry(entries, committee, clerk):
    with unprotected():
        slipped = history.write("note", committee, "slipped in", by=clerk, now=NOW)
    said = f"History entry {slipped.pk} was never sealed: it was slipped in, or its seal was taken away."
    assert findings() == [said]
    # What comes after it is sealed as ever.
    history.write("note", committee, "went on", by=clerk, now=NOW)
    assert findings() == [said]


def test_finds_swapped_seals(entries):
    with unprotected():
        for before, after in ((2, -2), (3, 2), (-2, 3)):
            execute("UPDATE inquiries_seal SET position = %s WHERE position = %s", after, before)
    # The two, and the one that follows them.
    assert [finding.split(" does")[0] for finding in findings()] == [
        f"History entry {entries[number].pk}" for number in (2, 1, 3)
    ]


def test_finds_a_renumbered_seal(entries):
    tamper("UPDATE inquiries_seal SET position = 9 WHERE position = 5")
    assert findings()[0] == "Position 5 is missing from the seals: after 4 comes 9."


# What only a head that was noted elsewhere can show


def cut_off(entry):
    tamper("DELETE FROM inquiries_seal WHERE entry_id >= %s", entry.pk)
    tamper("DELETE FROM inquiries_entry WHERE id >= %s", entry.pk)


def write_anew():
    """The whole chain, as somebody would who may do everything."""
    with unprotected(), connection.cursor() as cursor:
        cursor.execute("UPDATE inquiries_entry SET note = 'x' WHERE sentence = 'noted 2'")
        cursor.execute("DELETE FROM inquiries_seal")
        cursor.execute(f"SELECT id, {entry_as_text('e')} FROM inquiries_entry e ORDER BY id")
        digest = ""
        for position, (key, text) in enumerate(cursor.fetchall(), start=1):
            digest = digest_of(digest, text)
            execute("INSERT INTO inquiries_seal VALUES (%s, %s, %s)", position, key, digest)


def test_head_shows_missing_end(entries, tmp_path):
    file = tmp_path / "heads"
    assert check("--heads", str(file))[1] == 0
    cut_off(entries[3])
    assert (findings(), check()[1]) == ([], 0)
    text, code = check("--heads", str(file))
    moment = file.read_text().split()[0]
    assert code == 1
    assert text == (
        f"The head noted on {moment}, at position 5, is no longer in the chain: history has been cut off or "
        "rewritten since.\n1 finding. docs/history.md says what each may mean and what to do. The head was not noted."
    )
    assert len(file.read_text().splitlines()) == 1


def test_head_shows_rewritten_chain(entries, tmp_path):
    file = tmp_path / "heads"
    assert check("--heads", str(file))[1] == 0
    write_anew()
    assert check()[1] == 0
    assert check("--heads", str(file))[1] == 1


def test_prints_unwritable_head(entries, tmp_path):
    text, code = check("--heads", str(tmp_path / "nowhere" / "heads"))
    assert code == 1
    assert text.startswith("The history is sound, but its head could not be noted: [Errno 2]")
    assert Seal.objects.last().digest in text


def test_appends_heads(entries, committee, clerk, tmp_path):
    file = tmp_path / "heads"
    for number in range(3):
        assert check("--heads", str(file))[1] == 0
        history.write("note", committee, f"and {number}", by=clerk, now=NOW)
    assert [line.split()[1] for line in file.read_text().splitlines()] == ["5", "6", "7"]


@pytest.mark.parametrize("line", ["nonsense", "2026-11-23T09:30:00+00:00 5", "2026-11-23 09:30 5 abc"])
def test_refuses_a_file_without_heads(entries, tmp_path, line):
    file = tmp_path / "heads"
    file.write_text(f"\n{line}\n")
    text, code = check("--heads", str(file))
    assert code == 1
    assert "cannot be read as a file of heads: line 2 is not a moment, a position and a digest." in text


# The database's own protection


def test_finds_each_missing_trigger(entries):
    assert len(TRIGGERS) == 22
    for trigger in TRIGGERS:
        execute(f"DROP TRIGGER {trigger.name} ON {trigger.table}")
        assert about_triggers() == [f"The trigger {trigger.name} on {trigger.table} is missing."]
        history_database.install(connection)
    assert about_triggers() == []


def test_finds_wrong_triggers():
    execute("ALTER TABLE inquiries_entry DISABLE TRIGGER inquiries_entry_no_update")
    execute(
        "CREATE OR REPLACE FUNCTION inquiries_entry_no_delete() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RETURN OLD; END $$"
    )
    execute("DROP TRIGGER inquiries_agendapack_no_update ON inquiries_agendapack")
    execute(
        "CREATE TRIGGER inquiries_agendapack_no_update BEFORE UPDATE OF checksum ON inquiries_agendapack "
        "FOR EACH ROW WHEN (false) EXECUTE FUNCTION inquiries_agendapack_no_update()"
    )
    execute("CREATE RULE hidden AS ON INSERT TO inquiries_entry WHERE NEW.by_id = 1 DO INSTEAD NOTHING")
    assert about_triggers() == [
        "The trigger inquiries_entry_no_update on inquiries_entry is switched off.",
        "The trigger inquiries_entry_no_delete on inquiries_entry is not the one that was installed.",
        "The trigger inquiries_agendapack_no_update on inquiries_agendapack is not the one that was installed.",
        "There is an unknown trigger or rule on inquiries_entry: hidden.",
    ]
    execute("DROP RULE hidden ON inquiries_entry")
    execute("ALTER TABLE inquiries_entry ENABLE TRIGGER inquiries_entry_no_update")
    history_database.install(connection)


# Files and words


def file_of(model, name="file", **which):
    return getattr(model.objects.filter(**which).order_by("pk").first(), name)


def test_finds_wrong_files(everything):
    assert list(changed_files()) == []
    edition, pack = ReportEdition.objects.first(), AgendaPack.objects.first()
    inquiry = Inquiry.objects.exclude(report_file="").get()
    paper, other_paper = AgendaDocument.objects.order_by("pk")[:2]
    for file in (edition.docx, paper.file):
        file.storage.delete(file.name)
    for file in (edition.pdf, pack.file, inquiry.report_file):
        with file.storage.open(file.name, "wb") as stored:
            stored.write(b"%PDF-1.7 another")
    # Whoever changes the file and the checksum beside it is found by the history.
    with other_paper.file.storage.open(other_paper.file.name, "wb") as stored:
        stored.write(b"another")
    AgendaDocument.objects.filter(pk=other_paper.pk).update(
        checksum="ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5"
    )
    assert sorted(changed_files()) == sorted(
        [
            f"The PDF of “{edition}” ({edition.pdf.name}) is not the one that was kept.",
            f"The Word file of “{edition}” ({edition.docx.name}) is missing.",
            f"The file of “{pack}” ({pack.file.name}) is not the one that was kept.",
            f"The file of “{paper}” ({paper.file.name}) is missing.",
            f"The report of “{inquiry}” ({inquiry.report_file.name}) is not the one that was kept.",
        ]
    )
    assert list(changed_records()) == [
        f"The agenda document with the key {other_paper.pk} is not what the history last recorded: checksum."
    ]
    AgendaDocument.objects.filter(pk=other_paper.pk).update(checksum=other_paper.checksum)
    assert check()[1] == 1
    assert check("--skip-files")[1] == 0


# Statements behind the application's back, each on the first row of a table, and what is said of it.
TAMPERED = [
    ("signoff", "signed_by_id = NULL, signed_at = NULL", "sign-off", "signed at, signed by"),
    ("response", "decision = 'in_part', reason = 'x', text = 'Other.', lead_officer_id = cabinet_member_id, "
     "target_date = '2030-01-01'", "response", "decision, response and actions, reason, lead officer, target date"),
    ("recommendation", "text = 'Other.', response_id = NULL", "recommendation", "wording, response"),
    ("progressupdate", "text = 'Other.', submitted_by_id = returned_by_id, submitted_at = NULL", "progress update",
     "what has been done, submitted at, submitted by, update contributors, evidence"),
    ("updatecontributor", "person_id = (SELECT max(id) FROM inquiries_person)", None, None),
    ("evidence", "url = 'https://wealdshire.example/other'", None, None),
    ("assessment", "rating = 4", "assessment", "rating"),
    ("progressreport", "updates_due_on = '2030-01-01', months_on = 7", "progress report",
     "months on, updates due on"),
    ("person", "is_clerk = NOT is_clerk, name = 'X'", "person", "name, clerk"),
    ("membership", "role = 'co_opted'", "membership", "role"),
    ("cabinetmember", "portfolio = 'X'", "Cabinet Member", "portfolio"),
    ("meeting", "venue = 'X'", "meeting", "venue"),
    ("clearance", "text = 'X'", "clearance", "text"),
    ("agendadocument", "checksum = 'X'", "agenda document", "checksum"),
    ("agendapack", "content = '{}'", "agenda pack", "content"),
    ("reportedition", "content = '{}'", "report edition", "content"),
]  # fmt: skip


def test_finds_updates_by_sql(everything):
    assert list(changed_records()) == []
    expected = []
    for table, values, kind, fields in TAMPERED:
        with unprotected(), connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE inquiries_{table} SET {values} WHERE id = (SELECT min(id) FROM inquiries_{table}) RETURNING id"
            )
            (key,) = cursor.fetchone()
        if kind:
            expected.append(f"The {kind} with the key {key} is not what the history last recorded: {fields}.")
    assert sorted(changed_records()) == sorted(expected)
    assert check("--skip-files")[1] == 1


def test_finds_inserts_and_deletes(everything, contributor, clerk, member):
    added = Person.objects.create(name="Nobody", is_clerk=True)
    gone = Indication.objects.get()
    Indication.objects.all().delete()
    seat = Membership.objects.filter(person=member).get()
    key = seat.pk
    records.delete_record(seat, by=clerk, now=NOW)
    seat.pk = key
    seat.save(force_insert=True)
    assert list(changed_records()) == [
        f"The indication with the key {gone.pk} is gone: the history does not say that it was deleted.",
        f"The membership with the key {key} is there again: the history says that it was deleted.",
        f"The person with the key {added.pk} is not in the history: no action added it.",
    ]


def test_finds_a_changed_address(everything, officer):
    """It is compared with what is kept beside the history, because the history holds no address."""
    Person.objects.filter(pk=officer.pk).update(email="other@wealdshire.example")
    assert list(changed_records()) == [
        f"The person with the key {officer.pk} is not what the history last recorded: e-mail address."
    ]


def test_actions_keep_history_sound(everything):
    text, code = check()
    assert (text.split(":")[0], code) == ("The history is sound", 0)
    assert Seal.objects.count() == Entry.objects.count()
