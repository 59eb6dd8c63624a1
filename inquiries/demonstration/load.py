"""The demonstration is loaded by the application's own actions, at invented times before today."""

import json
import tomllib
from datetime import datetime, time, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path

import pikepdf
import typst
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify

from inquiries import rules
from inquiries.actions import (
    action_points,
    assessments,
    endings,
    inquiries,
    meetings,
    minutes,
    officer_reports,
    packs,
    programme,
    progress,
    publication,
    records,
    responses,
)
from inquiries.actions.people import make_clerk
from inquiries.choices import ItemKind, Presence, SeatRole
from inquiries.documents.recorded_minutes import items_of, proposed_outcomes, recorded_minutes
from inquiries.documents.typst_runner import FONTS, STANDARDS, without_doubtful_ends
from inquiries.models import (
    CabinetMember,
    Committee,
    Inquiry,
    Meeting,
    Membership,
    Notification,
    Person,
    ProgressReport,
    Recommendation,
)
from inquiries.uploads.process_upload import process_paper

DOMAIN = "demonstration.example"
# As an old paper named the contributor, and an import took it: without an e-mail address, to be merged.
IMPORTED_NAME = "P Nair"
PORTFOLIOS = {"cabinet_member": "Communities", "second_cabinet_member": "Transport"}
SEATS = {
    "chair": SeatRole.CHAIR,
    "member": SeatRole.VICE_CHAIR,
    "second_member": SeatRole.MEMBER,
    "third_member": SeatRole.CO_OPTED,
}
# In how many days the committee meets: far enough away for five clear days, whatever the holidays; and the next time.
SOON, LATER = 12, 29


@transaction.atomic
def load(today):
    """Load the demonstration as of `today`; returns False, and does nothing, when it is there already."""
    if Inquiry.objects.filter(slug=slugify(CONTENT["inquiries"]["crisis"]["title"])).exists():
        return False
    demonstration = Demonstration(today)
    demonstration.add_people()
    demonstration.add_committee()
    demonstration.add_crisis()
    demonstration.add_streets()
    demonstration.add_gritting()
    demonstration.add_libraries()
    demonstration.add_clubs()
    demonstration.add_programme()
    # Nobody is notified of what happened before today.
    Notification.objects.update(sent_on=F("queued_on"))
    return True


class Demonstration:
    def __init__(self, today):
        self.today = today
        self.people = {}

    @property
    def clerk(self):
        return self.people["clerk"]

    def days_ago(self, days, hour=10):
        moment = datetime.combine(self.today - timedelta(days=days), time(hour, 12))
        return timezone.make_aware(moment, timezone.get_default_timezone())

    def by_clerk(self, days):
        """Who acts and when, for an action of the clerk that many days ago."""
        return {"by": self.clerk, "now": self.days_ago(days)}

    def add_people(self):
        for key, (name, job_title) in CONTENT["people"].items():
            first = slugify(name.removeprefix("Councillor ").removeprefix("Mrs ").split()[0])
            email = f"{first}@{DOMAIN}"
            if key == "clerk":
                self.people[key], _ = make_clerk(email=email, name=name, now=self.days_ago(900))
            person = self.people.get(key) or Person(name=name, email=email)
            person.job_title = job_title
            person.set_unusable_password()
            self.people[key] = records.save_record(person, **self.by_clerk(900))
        self.people["imported"] = records.save_record(Person(name=IMPORTED_NAME), **self.by_clerk(900))
        start = self.today - timedelta(days=900)
        for key, portfolio in PORTFOLIOS.items():
            seat = CabinetMember(person=self.people[key], portfolio=portfolio, from_date=start)
            records.save_record(seat, **self.by_clerk(800))

    def add_committee(self):
        self.committee = Committee(name="Communities Select Committee", slug="communities")
        records.save_record(self.committee, **self.by_clerk(800))
        start = self.today - timedelta(days=900)
        for key, role in SEATS.items():
            seat = Membership(committee=self.committee, person=self.people[key], role=role, from_date=start)
            records.save_record(seat, **self.by_clerk(800))

    def add_inquiry(self, content, days, cabinet_member="cabinet_member"):
        """An inquiry of `days` ago with its recommendations and Cabinet's responses."""
        day = self.today - timedelta(days=days)
        action = self.by_clerk(days)
        inquiry = Inquiry(
            committee=self.committee,
            title=content["title"],
            slug=slugify(content["title"]),
            summary=content["summary"],
            completed_on=day,
            completed_body="Cabinet",
            received_on=day - timedelta(days=50),
        )
        records.save_record(inquiry, **action)
        made = {
            reference: inquiries.add_recommendation(inquiry, reference=reference, text=text, **action)
            for reference, text in content["recommendations"].items()
        }
        for response in content["responses"]:
            target = response.get("target_days")
            responses.record_response(
                inquiry,
                recommendations=[made[reference] for reference in response["recommendations"]],
                decision=response["decision"],
                text=response.get("text", ""),
                reason=response.get("reason", ""),
                responded_on=day,
                lead_officer=self.people.get(response.get("lead_officer")),
                cabinet_member=self.people[cabinet_member],
                target_date=day + timedelta(days=target) if target else None,
                **action,
            )
        inquiries.publish_inquiry(inquiry, **action)
        return inquiry

    def find_or_call_meeting(self, days, called):
        """A meeting in `days` days, on the next Tuesday at two in the afternoon, called so many days ago."""
        day = self.today + timedelta(days=days)
        day += timedelta(days=(1 - day.weekday()) % 7)
        while not rules.ClearDays().is_counted(day):
            day += timedelta(days=7)
        found = Meeting.objects.filter(committee=self.committee, start=self.afternoon_of(day)).first()
        return found or self.call_meeting(day, called)

    def call_meeting(self, day, called):
        venue = "Mezzanine Room 2, County Hall, Wealdbridge"
        start = self.afternoon_of(day)
        return meetings.call_meeting(committee=self.committee, start=start, venue=venue, **self.by_clerk(called))

    def afternoon_of(self, day):
        return timezone.make_aware(datetime.combine(day, time(14)), timezone.get_default_timezone())

    def sign(self, report, days):
        for sign_off in report.sign_offs.all():
            progress.sign_off(sign_off, by=sign_off.person, now=self.days_ago(days))

    def fill_agenda(self, meeting, agenda, now):
        for content in agenda:
            kind = ItemKind.NOTHING
            report = None
            if "report" in content:
                kind = ItemKind.REPORT
                title = CONTENT["inquiries"][content["report"]]["title"]
                report = ProgressReport.objects.get(inquiry__title=title, meeting=meeting)
            elif "papers" in content:
                kind = ItemKind.PAPERS
            subtitle = content.get("subtitle", "")
            if "officer_report" in content:
                item = self.add_officer_report(meeting, CONTENT["officer_reports"][content["officer_report"]])
                item = meetings.change_item(item, subtitle=subtitle, by=self.clerk, now=now)
            else:
                item = meetings.add_item(
                    meeting,
                    title=content["title"],
                    subtitle=subtitle,
                    kind=kind,
                    report=report,
                    to_follow=content.get("to_follow", False),
                    supplement=content.get("supplement", 0),
                    by=self.clerk,
                    now=now,
                )
            for key in content.get("papers", ()):
                meetings.add_paper(
                    item,
                    receive_paper(key, settings.COUNCIL_NAME),
                    title=CONTENT["papers"][key]["title"],
                    exempt_paragraph=content.get("exempt", {}).get(key),
                    by=self.clerk,
                    now=now,
                )

    def add_officer_report(self, meeting, content):
        """An officer report for a new item at the end of an agenda; returns the item."""
        author = self.people[content["author"]]
        signers = {role: self.people[content[role]] for role in ("director", "cabinet_member")}
        report = officer_reports.commission(
            meeting, title=content["title"], author=author, **signers, **self.by_clerk(35)
        )
        write = officer_reports.save if content["state"] == "draft" else officer_reports.submit
        texts = content["sections"]
        report = write(
            report,
            version=report.version,
            sections=[(section["heading"], texts.get(section["heading"], "")) for section in report.sections],
            contact_telephone=content["telephone"],
            by=author,
            now=self.days_ago(8),
        )
        if content["state"] == "signed":
            for signature in report.signatures.all():
                officer_reports.sign(signature, by=signature.person, now=self.days_ago(5))
        return report.item

    def add_crisis(self):
        """An inquiry with an interim report that is assessed and a final one that is being written."""
        inquiry = self.add_inquiry(CONTENT["inquiries"]["crisis"], 400)
        endings.end_recommendation(
            Recommendation.objects.get(inquiry=inquiry, reference="4"),
            ending="withdrawn",
            reason="The Government announced its own review before Cabinet answered, so the committee took this back.",
            on=self.today - timedelta(days=395),
            **self.by_clerk(395),
        )
        self.add_interim_report(inquiry)
        endings.end_recommendation(
            Recommendation.objects.get(inquiry=inquiry, reference="7"),
            ending="superseded",
            reason="The national advice line now answers at weekends.",
            on=self.today - timedelta(days=150),
            **self.by_clerk(150),
        )
        moved = inquiry.responses.get(recommendations__reference="6")
        responses.change_target_date(
            moved,
            target_date=moved.target_date + timedelta(days=92),
            reason="The credit unions asked for a quarter to train their staff.",
            **self.by_clerk(100),
        )
        self.add_final_report(inquiry)

    def add_interim_report(self, inquiry):
        updates = CONTENT["inquiries"]["crisis"]["interim"]
        meeting = self.find_or_call_meeting(-190, called=250)
        report = progress.commission(inquiry, months_on=6, meeting=meeting, **self.by_clerk(240))
        for update in report.updates.for_page():
            content = updates[update.reference]
            progress.submit_update(
                update,
                version=update.version,
                text=content["text"],
                officer_view=content["officer_view"],
                contributors=[self.people[key] for key in content.get("contributors", ())],
                evidence=content.get("evidence", ()),
                by=update.response.lead_officer or self.clerk,
                now=self.days_ago(225),
            )
        self.sign(report, 212)
        publication.publish(report, **self.by_clerk(205))
        chair = self.people["chair"]
        asked_for = []
        for update in report.updates.for_page():
            content = updates[update.reference]
            assessments.assess(
                update,
                rating=content["rating"],
                comment=content["comment"],
                seen=None,
                by=chair,
                now=meeting.start + timedelta(hours=1),
            )
            if action := content.get("action"):
                asked_for.append((self.set_action_point(update, action, meeting), action))
        assessments.confirm_assessments(report, by=chair, now=meeting.start + timedelta(hours=2))
        for action_point, action in asked_for:
            if note := action.get("done_note"):
                now = self.days_ago(70)
                action_points.finish_action_point(action_point, note=note, by=action_point.owner, now=now)
        for update in report.updates.for_page():
            if correction := updates[update.reference].get("correction"):
                assessments.correct_assessment(
                    update, **correction, seen=update.assessment.recorded_at, by=chair, now=meeting.start + timedelta(2)
                )
        self.publish_minutes(meeting, report)

    def set_action_point(self, update, action, meeting):
        return action_points.set_action_point(
            update,
            text=action["text"],
            owner=self.people[action["owner"]],
            due_on=self.today + timedelta(days=action["due_days"]),
            by=self.people["chair"],
            now=meeting.start + timedelta(hours=1),
        )

    def publish_minutes(self, meeting, report):
        """Everybody was there; each item came out as it is proposed, but for the work programme."""
        content = CONTENT["minutes"]
        by = {"by": self.clerk, "now": meeting.start + timedelta(days=6)}
        for title in ("Apologies for absence", "Declarations of interest"):
            meetings.add_item(meeting, title=title, **by)
        item = meetings.add_item(meeting, title=report.inquiry.title, kind=ItemKind.REPORT, report=report, **by)
        work_programme = meetings.add_item(meeting, title="Work programme", **by)
        seats = meeting.committee.memberships.on(meeting.day).values_list("person", flat=True)
        minutes.record_attendance(
            meeting,
            started=time(14),
            ended=time(16, 5),
            **{f"presence_{person}": Presence.PRESENT for person in seats},
            officers=[self.clerk, self.people["officer"]],
            guests=[self.people["cabinet_member"]],
            other_officers="",
            other_guests="",
            declarer_1=self.people["third_member"],
            declared_item_1=item,
            nature_1=content["declaration"],
            **by,
        )
        items = items_of(meeting)
        outcomes = proposed_outcomes(meeting, items, recorded_minutes(meeting, items=items))
        outcomes[work_programme.pk] = content["work_programme"]
        minutes.record_outcomes(meeting, **{f"outcome_{pk}": words for pk, words in outcomes.items()}, **by)
        seen = minutes.minutes_version(recorded_minutes(meeting))
        minutes.publish_minutes(meeting, seen=seen, **by)

    def add_final_report(self, inquiry):
        meeting = self.find_or_call_meeting(LATER, called=60)
        report = progress.commission(inquiry, months_on=12, meeting=meeting, **self.by_clerk(20))
        for update in report.updates.for_page():
            content = CONTENT["inquiries"]["crisis"]["final"].get(update.reference)
            if content is None:
                continue
            by = {"on behalf": self.clerk, "draft by contributor": self.people["contributor"]}.get(
                content["state"], update.response.lead_officer
            )
            write = progress.save_update if content["state"].startswith("draft") else progress.submit_update
            saved = write(
                update,
                version=update.version,
                text=content["text"],
                officer_view=content["officer_view"],
                by=by,
                now=self.days_ago(6),
            )
            if content["state"] == "returned":
                progress.return_update(
                    saved, note=content["return_note"], by=self.people["cabinet_member"], now=self.days_ago(3)
                )

    def add_streets(self):
        """A report that waits for its Cabinet Members, of whom one has signed."""
        second = self.people["second_cabinet_member"]
        meeting = self.find_or_call_meeting(SOON, called=60)
        report = self.add_first_report("streets", meeting, cabinet_members=[second])
        progress.sign_off(report.sign_offs.get(person=second), by=second, now=self.days_ago(1))

    def add_gritting(self):
        """A signed-off report on an agenda that the clerk is still putting together."""
        meeting = self.find_or_call_meeting(LATER, called=60)
        report = self.add_first_report("gritting", meeting, inquiry_days=165, cabinet_member="second_cabinet_member")
        self.sign(report, 4)
        self.fill_agenda(report.meeting, CONTENT["agendas"]["next"], self.days_ago(2))

    def add_libraries(self):
        """A published agenda with a report that waits for the committee's assessment, and a paper that is exempt."""
        report = self.add_first_report("libraries", self.find_or_call_meeting(SOON, called=60))
        self.sign(report, 3)
        self.fill_agenda(report.meeting, CONTENT["agendas"]["published"], self.days_ago(3, 15))
        packs.publish_packs(report.meeting, 0, **self.by_clerk(2))
        self.indicate(report, "libraries", 1)

    def add_clubs(self):
        """A meeting that began yesterday, or on the working day before: its report can be assessed at once."""
        day = self.today - timedelta(days=1)
        while not rules.ClearDays().is_counted(day):
            day -= timedelta(days=1)
        meeting = self.call_meeting(day, called=70)
        report = self.add_first_report("clubs", meeting, inquiry_days=215, submitted=25)
        self.sign(report, 20)
        self.fill_agenda(meeting, CONTENT["agendas"]["yesterday"], self.days_ago(19))
        packs.publish_packs(meeting, 0, **self.by_clerk(18))
        self.indicate(report, "clubs", 5)

    def indicate(self, report, key, days):
        """What members noted that many days ago."""
        for update in report.updates.for_page():
            noted = CONTENT["inquiries"][key]["indications"].get(update.reference, {})
            for member, (rating, note) in noted.items():
                assessments.indicate(update, rating=rating, note=note, by=self.people[member], now=self.days_ago(days))

    def add_programme(self):
        start, end = ("\n".join(titles) for titles in (rules.USUAL_START, rules.USUAL_END))
        programme.save_standing_items(self.committee, start=start, end=end, **self.by_clerk(60))
        later = self.find_or_call_meeting(LATER, called=60)
        month = rules.add_months(self.today.replace(day=1), 3)
        for entry, when in zip(CONTENT["programme"], (f"meeting-{later.pk}", f"{month:%Y-%m}", ""), strict=True):
            programme.add_entry(self.committee, when=when, **entry, **self.by_clerk(20))

    def add_first_report(
        self, key, meeting, *, inquiry_days=195, cabinet_member="cabinet_member", cabinet_members=(), submitted=10
    ):
        """A report at six months with all its updates, which were submitted so many days ago."""
        content = CONTENT["inquiries"][key]
        inquiry = self.add_inquiry(content, inquiry_days, cabinet_member)
        report = progress.commission(
            inquiry, months_on=6, meeting=meeting, cabinet_members=cabinet_members, **self.by_clerk(submitted + 30)
        )
        for update in report.updates.for_page():
            progress.submit_update(
                update,
                version=update.version,
                **content["updates"][update.reference],
                by=update.response.lead_officer,
                now=self.days_ago(submitted),
            )
        report.refresh_from_db()
        return report


CONTENT = tomllib.loads(Path(__file__).with_name("content.toml").read_text(encoding="utf-8"))
TEMPLATE = Path(__file__).with_name("paper.typ")
TIMESTAMP = 946_684_800


@cache
def receive_paper(key, council):
    content = CONTENT["papers"][key]
    pdf = typst.compile(
        str(TEMPLATE),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps({**content, "council": council})},
        pdf_standards=STANDARDS,
        timestamp=TIMESTAMP,
    )
    pdf = without_doubtful_ends(pdf) if content.get("tagged", True) else without_tags(pdf)
    return process_paper(BytesIO(pdf), f"{slugify(content['title'])}.pdf")


def without_tags(pdf):
    """The same pages as an old word processor would have printed them: nobody can have them read aloud in order."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        for name in ("/StructTreeRoot", "/MarkInfo", "/Metadata", "/Lang"):
            del opened.Root[name]
        for page in opened.pages:
            kept = [i for i in pikepdf.parse_content_stream(page) if str(i.operator) not in ("BDC", "BMC", "EMC")]
            page.obj.Contents = opened.make_stream(pikepdf.unparse_content_stream(kept))
            del page.obj["/StructParents"]
        saved = BytesIO()
        opened.save(saved, deterministic_id=True)
    return saved.getvalue()
