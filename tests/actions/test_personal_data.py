"""For a person who asks: everything that is kept about them, and its erasure."""

import hashlib
import json
from datetime import date, timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.urls import reverse
from django.utils.text import capfirst

from inquiries.actions import assessments, history, imports, progress, publication, records
from inquiries.actions.handover import record_leaver
from inquiries.actions.merge_people import merge_person
from inquiries.actions.people import give_seat, related_models, set_login_address
from inquiries.actions.people_import import keep_people
from inquiries.actions.personal_data import UNSAVED_POSTS, erase_person, erasure_preview, export_person
from inquiries.actions.tracker_import import keep_tracker
from inquiries.choices import SeatRole
from inquiries.imports.draft import DraftReport
from inquiries.imports.people_csv import read_people
from inquiries.imports.sheets import make_sheet
from inquiries.models import (
    AgendaPack,
    Draft,
    Entry,
    Indication,
    Membership,
    Notification,
    PeopleImport,
    Person,
    PersonalValue,
    ProgressReport,
    ReportEdition,
    ReportImport,
    SignOff,
)
from inquiries.permissions import Refused
from inquiries.views import drafts
from tests import factories
from tests.cast import NOW, person
from tests.history.conftest import record_all
from tests.replay import replayed

LATER = NOW + timedelta(days=1)


def session_of(someone=None, *, words=""):
    store = SessionStore()
    if someone is not None:
        store[SESSION_KEY] = str(someone.pk)
    if words:
        store[UNSAVED_POSTS] = {"/somewhere/": words}
    store.save()
    return store.session_key


def as_published():
    """The words and the files of the one edition, byte for byte."""
    edition = ReportEdition.objects.get()
    sums = []
    for file in (edition.pdf, edition.docx):
        with file.open() as opened:
            sums.append(hashlib.sha256(opened.read()).hexdigest())
    return edition.content, sums


def everything_of(someone, by):
    """Whatever may be kept of somebody beside the records they have a part in."""
    set_login_address(someone)
    Authenticator.objects.create(
        user=someone, type=Authenticator.Type.WEBAUTHN, data={"name": "My tablet", "credential": "SECRET-KEY"}
    )
    SocialAccount.objects.create(user=someone, provider="council", uid="uid-7", extra_data={"sub": "uid-7"})
    history.write(
        "changed",
        someone,
        "changed a person",
        by=by,
        now=NOW,
        changes={"email": ("old@wealdshire.example", "new@b.example")},
    )
    session_of(someone)
    session_of(words=f"text=Typed+while+signed+out.&writer={someone.pk}")
    keep_people(
        read_people(f"name,email\n{someone.name},{someone.email}\nRhys Vaughan,rhys@wealdshire.example\n".encode())[0],
        file_name="list.csv",
        checksum="0",
        by=by,
        now=NOW,
    )
    imports.keep_import(
        DraftReport(cabinet_members=[someone.name]), file_name="report.docx", checksum="0", by=by, now=NOW
    )
    Notification.objects.create(
        recipient=someone,
        occasion="test",
        key="k",
        subject="Hello",
        body=f"{by.name} asks you.",
        queued_on=NOW,
        sent_on=NOW,
    )


@pytest.fixture
@replayed
def published(inquiry, clerk, committee, officer, contributor, member):
    """A published report: the officer wrote 1a and 1b with a contributor; a member noted an indication."""
    report = factories.make_report(inquiry, clerk, meeting=factories.make_meeting(committee))
    update = report.updates.for_page().first()
    progress.save_update(
        update,
        version=0,
        text="Carys Whitlock and I have seen to it.",
        exempt_text="It cost £2m.",
        exempt_paragraph=3,
        contributors=[contributor],
        by=officer,
        now=NOW,
    )
    update.refresh_from_db()
    progress.submit_update(update, version=update.version, by=officer, now=NOW)
    for other in report.updates.for_page()[1:]:
        saved = progress.save_update(other, version=0, text="Words of the clerk.", by=clerk, now=NOW)
        progress.submit_update(saved, version=saved.version, by=clerk, now=NOW)
    report.refresh_from_db()
    progress.record_sign_off(report.sign_offs.get(), evidence_note="An e-mail.", by=clerk, now=NOW)
    report.refresh_from_db()
    publication.publish(report, by=clerk, now=NOW)
    report.refresh_from_db()
    assessments.indicate(update, rating=2, note="Too slow for me.", by=member, now=NOW)
    return report


# Export


def test_export_of_an_officer(published, officer, clerk, contributor):
    everything_of(officer, clerk)
    data = export_person(officer, by=clerk, now=LATER)
    assert data["What this is"] == (
        "Everything that the scrutiny service of Testshire County Council keeps about Siân Llŷr-Ôwain, on "
        "24 November 2026 at 09:30."
    )
    assert data["Account"] == [
        {
            "Number": officer.pk,
            "Name": "Siân Llŷr-Ôwain",
            "E-mail address": "sian@wealdshire.example",
            "Job title": "Head of Customer Access",
            "Organisation": "",
            "Director": "",
            "E-mails about what is new": "At once",
            "Clerk": "no",
            "Active": "yes",
            "Last login": "",
            "Invited at": "",
            "Left at": "",
            "Merged at": "",
            "Erased at": "",
        }
    ]
    assert [address["Email address"] for address in data["Email addresses"]] == ["sian@wealdshire.example"]
    assert [(factor["Type"], factor["Name"]) for factor in data["Authenticators"]] == [("a passkey", "My tablet")]
    assert [(one["Uid"], one["Extra data"]) for one in data["Social accounts"]] == [("uid-7", {"sub": "uid-7"})]
    assert [(value["Before"], value["After"]) for value in data["Personal values"]] == [
        ("old@wealdshire.example", "new@b.example")
    ]
    assert [(s["Signed in"], s["Drafts"]) for s in data["Sessions"]] in (
        [("yes", {}), ("no", {"/somewhere/": {"text": "Typed while signed out.", "writer": str(officer.pk)}})],
        [("no", {"/somewhere/": {"text": "Typed while signed out.", "writer": str(officer.pk)}}), ("yes", {})],
    )
    [update] = data["Progress updates"]
    assert (update["Record"], update["As"], update["What has been done"], update["Exempt part"]) == (
        "Warm Homes Inquiry: Interim report (6 months on): 1a and 1b",
        ["saved by", "submitted by", "lead officer"],
        # Their own words, as they wrote them.
        "Carys Whitlock and I have seen to it.",
        "It cost £2m.",
    )
    assert data["Notifications"][-1]["Body"] == "[another person] asks you."
    assert data["Unfinished lists of people"] == [
        {"File": "list.csv", "name": "Siân Llŷr-Ôwain", "email": "sian@wealdshire.example"}
    ]
    assert [f["File"] for f in data["Word reports and trackers that name them"]] == ["report.docx"]
    written = [
        entry["Written"] for entry in data["History: what they did"] if "exempt_text" in entry.get("Written", {})
    ]
    assert written[0]["exempt_text"] == "It cost £2m."


def test_export_reads_only_what_names_the_person(officer, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):  # one for each of more than ninety fields, otherwise
        export_person(officer, by=officer, now=NOW)


def test_export_leaves_out_secrets(published, officer, clerk, contributor, member):
    everything_of(officer, clerk)
    for who in (officer, contributor, member):
        words = json.dumps(
            {
                heading: part
                for heading, part in export_person(who, by=clerk, now=LATER).items()
                if heading != "Progress updates"
            },
            ensure_ascii=False,
        )
        for other in Person.objects.exclude(pk=who.pk):
            assert not other.email or other.email not in words
        assert "SECRET-KEY" not in words
        assert "Carys Whitlock" not in words.replace("Carys Whitlock and I have seen to it.", "")
        assert "Tom Okafor" not in words


def test_export_redacts_former_names(clerk, committee):
    record_of = {
        name: records.save_record(Person(name=name, email=f"{name[:3]}@wealdshire.example"), by=clerk, now=NOW)
        for name in ("Ivy Marsh", "Rhys Vaughan")
    }
    give_seat(
        record_of["Ivy Marsh"], committee=committee, role=SeatRole.MEMBER, from_date=NOW.date(), by=clerk, now=NOW
    )
    record_of["Ivy Marsh"].name = "Ivy Hill"
    records.save_record(record_of["Ivy Marsh"], by=clerk, now=NOW)
    erase_person(record_of["Rhys Vaughan"], by=clerk, now=NOW)
    history.write("noted", committee, "noted what Rhys Vaughan said of Carys Whitlock", by=clerk, now=NOW)
    words = json.dumps(export_person(clerk, by=clerk, now=LATER), ensure_ascii=False)
    assert "noted what [another person] said of Carys Whitlock" in words
    assert "Ivy" not in words


def test_export_redacts_changes(inquiry, clerk, officer, other_officer):
    update = factories.make_report(inquiry, clerk).updates.for_page().first()
    words = "Tom Okafor and I have seen to it."
    progress.save_update(update, version=0, text=words, contributors=[other_officer], by=officer, now=NOW)
    [deed] = export_person(officer, by=officer, now=LATER)["History: what they did"]
    assert deed["Written"] == {"text": words, "contributors": "['[another person]']"}


def test_export_redacts_whole_names(clerk):
    ann = person("Ann Lee", "ann@wealdshire.example")
    records.save_record(Person(name="Joann Leeson", job_title="Head of Damp"), by=clerk, now=NOW)
    other = records.save_record(Person(name="Olga Kern"), by=clerk, now=NOW)
    changes = {"job_title": ("", "Gardener")}
    history.write("changed", other, "gave Olga Kern the post of Ann Lee", by=clerk, now=NOW, changes=changes)
    assert [
        (entry["What"], "Changes" in entry)
        for entry in export_person(ann, by=clerk, now=LATER)["History: what others did"]
    ] == [("gave [another person] the post of Ann Lee", False)]


def test_export_of_written_text(published, contributor, cabinet_member, member):
    [update] = export_person(contributor, by=contributor, now=LATER)["Progress updates"]
    assert update["As"] == ["contributor"]
    assert "What has been done" not in update
    assert "Exempt part" not in update
    for who in (contributor, cabinet_member, member):
        assert "£2m" not in json.dumps(export_person(who, by=who, now=LATER), ensure_ascii=False)


def test_export_of_exempt_text(inquiry, clerk, officer, contributor):
    update = factories.make_report(inquiry, clerk).updates.for_page().first()
    words = {"exempt_text": "It cost £2m.", "exempt_paragraph": 3}
    progress.save_update(update, version=0, text="One.", contributors=[contributor], by=officer, now=NOW, **words)
    progress.save_update(update, version=1, text="Two.", by=contributor, now=LATER, **words)
    progress.submit_update(update, version=2, by=contributor, now=LATER)
    told = {who: export_person(who, by=who, now=LATER) for who in (officer, contributor)}
    [update] = told[contributor]["Progress updates"]
    assert update["What has been done"] == "Two."
    assert "Exempt part" not in update
    assert "£2m" not in json.dumps(told[contributor], ensure_ascii=False)
    assert "It cost £2m." in [
        entry.get("Written", {}).get("exempt_text") for entry in told[officer]["History: what they did"]
    ]


def test_export_of_a_member(published, member, clerk):
    data = export_person(member, by=member, now=LATER)
    assert data["Memberships"] == [
        {
            "Record": str(Membership.objects.get(person=member)),
            "As": ["person"],
            "Committee": "Communities Select Committee",
            "Role": "Member",
            "From": "20 May 2025",
            "Until": "",
        }
    ]
    assert data["Indications"] == [
        {
            "Record": "Warm Homes Inquiry: Interim report (6 months on): 1a and 1b",
            "As": ["recorded by"],
            "Rating": Indication.objects.get().get_rating_display(),
            "Note": "Too slow for me.",
            "Recorded at": "23 November 2026 at 09:30",
        }
    ]


def test_export_by_a_clerk_leaves_out_what_a_member_noted_before_the_meeting(published, member, clerk):
    page = "/inquiries/warm-homes-inquiry/progress/6/assess/"
    Draft.objects.create(person=member, address=page, data={"1-note": ["Ask who pays."]}, updated_at=NOW)
    before = export_person(member, by=clerk, now=LATER)
    assert before["Indications"] == [
        {"Record": "Warm Homes Inquiry: Interim report (6 months on): 1a and 1b", "As": ["recorded by"]}
    ]
    assert "Ask who pays." not in json.dumps(before)
    assert "What members noted for a meeting that has not begun" in before["What is left out"][-1]
    own = export_person(member, by=member, now=LATER)
    assert "Ask who pays." in json.dumps(own)
    assert own["Indications"][0]["Note"] == "Too slow for me."
    begun = published.meeting.start
    assert export_person(member, by=clerk, now=begun)["Indications"][0]["Note"] == "Too slow for me."


def test_export_is_recorded(officer, clerk):
    export_person(officer, by=clerk, now=NOW)
    export_person(officer, by=officer, now=LATER)
    assert [str(entry) for entry in Entry.objects.about(officer)] == [
        "Siân Llŷr-Ôwain exported their own personal data",
        "Carys Whitlock exported what is kept about this person",
    ]


def test_export_requires_clerk_or_self(officer, other_officer, clerk):
    with pytest.raises(Refused, match="Only a clerk"):
        export_person(officer, by=other_officer, now=NOW)
    assert not Entry.objects.about(officer).exists()


def test_export_is_complete(published, officer, clerk):
    everything_of(officer, clerk)
    told = set()
    for someone in Person.objects.all():
        data = export_person(someone, by=clerk, now=LATER)
        for related in related_models():
            rows = related.everything(someone)
            section = data.get(capfirst(str(related.model._meta.verbose_name_plural)), [])
            assert len(section) >= len(rows), related
            told |= {related.model} if rows else set()
    assert {ProgressReport, ReportEdition, SignOff, Indication, Authenticator, Notification, ReportImport} <= told


# Erasure


def leave(someone, clerk, **takers):
    record_leaver(someone, by=clerk, now=NOW, **takers)
    someone.refresh_from_db()
    return someone


def test_erasure_keeps_public_record(published, officer, other_officer, clerk):
    everything_of(officer, clerk)
    leave(officer, clerk, responses=other_officer, contributions=other_officer)
    before = as_published()
    preview = erasure_preview(officer, LATER)
    assert preview.name_after == officer.name
    assert preview.public == [
        "1 published edition of reports in which the name is printed",
    ]
    erase_person(officer, by=clerk, now=LATER)
    officer.refresh_from_db()
    assert (officer.name, officer.job_title, officer.email, officer.is_active) == (
        "Siân Llŷr-Ôwain",
        "Head of Customer Access",
        None,
        False,
    )
    assert (officer.erased_at, officer.erased_by, officer.last_login) == (LATER, clerk, None)
    assert not officer.has_usable_password()
    for rows in (EmailAddress, Authenticator, SocialAccount):
        assert not rows.objects.filter(user=officer).exists()
    assert not PersonalValue.objects.filter(person=officer).exists()
    assert not Notification.objects.filter(recipient=officer).exists()
    assert not Session.objects.exists()
    assert [row["values"]["name"] for row in PeopleImport.objects.get().rows["rows"]] == ["Rhys Vaughan"]
    assert as_published() == before
    entry = Entry.objects.about(officer).first()
    assert entry.sentence == "erased the personal data of Siân Llŷr-Ôwain"
    assert "The name was kept" in entry.note
    assert "sian@" not in json.dumps(list(Entry.objects.values_list("changes", "states", "note", "sentence")))


def test_erasure_ends_pending_sign_ins(client, clerk):
    ivy = person("Ivy Marsh", "ivy@wealdshire.example")
    client.post(reverse("account_request_login_code"), {"email": "ivy@wealdshire.example"})
    elsewhere = {
        session_of(words="text=Write+to+ivy%40wealdshire.example.&writer=0"),
        session_of(clerk, words="text=ivy%40wealdshire.example"),
    }
    assert Session.objects.count() == 3
    erase_person(ivy, by=clerk, now=NOW)
    assert set(Session.objects.values_list("session_key", flat=True)) == elsewhere


def test_erasure_replaces_unpublished_name(clerk):
    guest = person("Gwen Rees", "gwen@wealdshire.example", job_title="Adviser", organisation="Warm Homes Trust")
    assert erasure_preview(guest, NOW).goes == [
        f"The name on the record: it becomes “Erased person {guest.pk}”, without job title.",
        "The e-mail address. Nobody can sign in as this person again.",
        "The organisation.",
    ]
    erase_person(guest, by=clerk, now=NOW)
    guest.refresh_from_db()
    assert (guest.name, guest.job_title, guest.organisation, guest.email) == (
        f"Erased person {guest.pk}",
        "",
        "",
        None,
    )
    assert Entry.objects.about(guest).first().sentence == f"erased the personal data of Erased person {guest.pk}"
    assert "Gwen" not in str(list(Entry.objects.values()))


def test_erasure_of_a_member(published, member, clerk):
    leave(member, clerk)
    assert any("indication" in words for words in erasure_preview(member, LATER).goes)
    erase_person(member, by=clerk, now=LATER)
    assert not Indication.objects.exists()
    assert Membership.objects.get(person=member).until_date == NOW.date()
    assert Person.objects.get(pk=member.pk).name == "Councillor Anwen Pritchard"


def test_erases_merged_records(clerk):
    double = person("G Rees", job_title="Adviser")
    guest = person("Gwen Rees", "gwen@wealdshire.example")
    merge_person(double, into=guest, by=clerk, now=NOW)
    double.refresh_from_db()
    with pytest.raises(Refused, match="has been merged into that of Gwen Rees"):
        erase_person(double, by=clerk, now=LATER)
    erase_person(guest, by=clerk, now=LATER)
    double.refresh_from_db()
    assert (double.name, double.erased_at) == (f"Erased person {double.pk}", LATER)


def test_erasure_empties_finished_imports(clerk):
    guest = person("Gwen Rees")
    for name in ("done", "open"):
        imports.keep_import(DraftReport(cabinet_members=["Gwen Rees"]), file_name=name, checksum="0", by=clerk, now=NOW)
    ReportImport.objects.filter(file_name="done").update(confirmed_at=NOW, confirmed_by=clerk)
    for name in ("Gwen Rees", "Rhys Vaughan"):
        keep_tracker([make_sheet("CSV", {(1, 1): name})], file_name=name, checksum="0", by=clerk, now=NOW)
    assert erasure_preview(guest, NOW).imports == 2
    erase_person(guest, by=clerk, now=LATER)
    assert {kept.file_name: bool(kept.draft) for kept in ReportImport.objects.all()} == {"done": False, "open": True}


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ("officer", "they lead responses that still come back in reports"),
        ("chair", "they sit on a committee"),
        ("cabinet_member", "they hold a portfolio in Cabinet; they are named to sign reports off"),
        ("other_clerk", "they are a clerk"),
    ],
)
def test_rejects_erasure_with_open_work(inquiry, people, clerk, who, reason):
    people["other_clerk"] = person("Owen Price", "owen@wealdshire.example", is_clerk=True)
    with pytest.raises(Refused) as refused:
        erase_person(people[who], by=clerk, now=NOW)
    assert str(refused.value) == f"{people[who]} cannot be erased yet: {reason}."
    assert not Person.objects.filter(erased_at__isnull=False).exists()


def test_rejects_erasure_with_future_seat(clerk, committee, stranger):
    give_seat(stranger, committee=committee, role=SeatRole.MEMBER, from_date=date(2027, 5, 1), by=clerk, now=NOW)
    assert erasure_preview(stranger, NOW).obstacles == ["they sit on a committee"]


def test_rejects_erasure(clerk, stranger, officer):
    with pytest.raises(Refused, match="not about themselves"):
        erase_person(clerk, by=clerk, now=NOW)
    with pytest.raises(Refused, match="Only a clerk"):
        erase_person(stranger, by=officer, now=NOW)
    erase_person(stranger, by=clerk, now=NOW)
    with pytest.raises(Refused, match="erased already"):
        erase_person(stranger, by=clerk, now=LATER)


def test_finds_names_in_published_packs(clerk, committee):
    guest, other = person("Łucja “Lu” Ôwain"), person("Gwen Rees")
    AgendaPack.objects.create(
        meeting=factories.make_meeting(committee),
        edition="public",
        file="pack.pdf",
        content={"apologies": "Łucja “Lu” Ôwain"},
        built_at=NOW,
        built_by=clerk,
        published_at=NOW,
        published_by=clerk,
    )
    assert erasure_preview(guest, NOW).public == ["1 published agenda pack in which the name is printed"]
    assert erasure_preview(other, NOW).public == []


def test_session_key_of_drafts():
    assert (UNSAVED_POSTS, drafts.WRITER) == (drafts.UNSAVED_POSTS, "writer")


# PostgreSQL seals an entry when its transaction ends.
@pytest.mark.django_db(transaction=True)
def test_history_is_sound_after_erasure(published, officer, other_officer, clerk):
    everything_of(officer, clerk)
    record_all(clerk)
    leave(officer, clerk, responses=other_officer, contributions=other_officer)
    record_all(clerk)
    erase_person(officer, by=clerk, now=LATER)
    said = StringIO()
    call_command("check_history", "--one-role", stdout=said)
    assert said.getvalue().startswith("The history is sound: ")
