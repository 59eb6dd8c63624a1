"""Which pages are measured: every address of the application that answers a GET, and every page of the admin.

The addresses are the application's own, so that a new one is measured without a line here: by a clerk, about the
records of `facts`. `BY` says where it is somebody else or another record, `LEFT_OUT` what is not measured and why.
`views` are further views of a page: searches, filters, later pages. What does not answer 200 is listed.
"""

from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone

from bench.council import (
    ASSESSED,
    AWAITING,
    CABINET_MEMBER,
    CHAIR,
    CLERK,
    COLLECTING,
    FIRST_STORY,
    FIRST_WITHOUT_MINUTES,
    LEAVER,
    MEMBER,
    OFFICER,
    PUBLISHED,
    SIGNED_IN_STORIES,
)
from inquiries.actions.imports import keep_import
from inquiries.actions.inquiries import add_recommendation
from inquiries.actions.responses import record_response
from inquiries.admin import MOST_COUNTED
from inquiries.imports.draft import DraftReport
from inquiries.models import (
    ActionPoint,
    AgendaItem,
    AgendaPack,
    CabinetMember,
    Entry,
    Inquiry,
    Membership,
    MoreTimeRequest,
    OfficerReportSignature,
    Person,
    ProgrammeEntry,
    ProgressReport,
    ProgressUpdate,
    Recommendation,
    SignedMinutes,
    SignOff,
)
from tests.access_table import NO_SUCH_METHOD
from tests.test_access import OWN, TABLE, keep_matched_tracker, keep_people_list, patterns

PUBLIC = None
ROOM = ("room", "room_state", "screen", "screen_state")
# {address: (who, {part: another of the facts})}
BY = {
    **{
        f"public:{name}": (PUBLIC, {})
        for name in (
            *("home", "accessibility", "privacy", "cookies", "contact", "help", "committees", "committee", "calendar"),
            *("forward_plan", "forward_plan_calendar", "meetings", "tracker", "tracker_file", "inquiries"),
        )
    },
    "account_login": (PUBLIC, {}),
    "account_request_login_code": (PUBLIC, {}),
    "public:meeting": (PUBLIC, {"pk": "past_meeting"}),
    "public:minutes": (PUBLIC, {}),
    "public:minutes_file": (PUBLIC, {}),
    "public:work_programme": (PUBLIC, {}),
    "public:pack": (PUBLIC, {"pk": "past_meeting", "pack": "past_pack", "format": "json"}),
    "public:inquiry": (PUBLIC, {"slug": "assessed"}),
    "public:recommendation": (PUBLIC, {"slug": "assessed"}),
    "public:report": (PUBLIC, {"slug": "published"}),
    "public:report_export": (PUBLIC, {"slug": "published"}),
    "public:edition": (PUBLIC, {"slug": "published"}),
    "public:edition_export": (PUBLIC, {"slug": "published"}),
    **{f"officer:{name}": (OFFICER, {}) for name in ("updates", "update", "files", "more_time", "upload_reply")},
    "officer:search_people": (OFFICER, {}),
    "cabinet:overview": (CABINET_MEMBER, {}),
    "cabinet:sign_off": (CABINET_MEMBER, {"slug": "awaiting"}),
    "cabinet:return_update": (CABINET_MEMBER, {"slug": "awaiting"}),
    "cabinet:return_updates": (CABINET_MEMBER, {"slug": "awaiting"}),
    **{f"committee:{name}": (CHAIR, {"slug": "published"}) for name in ("assess", "indicate")},
    "committee:confirm": (CHAIR, {"slug": "published"}),
    **{f"committee:{name}": (CHAIR, {"pk": "past_meeting"}) for name in ROOM},
    **{f"committee:{name}": (CHAIR, {"slug": "published"}) for name in ("action_points", "set_action_point")},
    "committee:offline_agenda": (MEMBER, {"slug": "published"}),
    "committee:corrections": (CHAIR, {"slug": "assessed"}),
    "committee:correct": (CHAIR, {"slug": "assessed"}),
    **{
        f"officer:{name}": (OFFICER, {})
        for name in ("officer_report", "officer_report_pictures", "report_more_time", "upload_officer_report")
    },
    **{
        f"cabinet:{name}": (CABINET_MEMBER, {"pk": "submitted_report"})
        for name in ("sign_officer_report", "return_officer_report")
    },
    "clerk:record_report_sign_off": (CLERK, {"pk": "submitted_report"}),
    "clerk:reopen_officer_report": (CLERK, {"pk": "submitted_report"}),
    "clerk:end_recommendations": (CLERK, {"slug": "published"}),
    "clerk:record_sign_off": (CLERK, {"slug": "awaiting"}),
    "clerk:publish": (CLERK, {"slug": "signed_off", "months": "signed_off_months"}),
    "clerk:reopen": (CLERK, {"slug": "published"}),
    "clerk:commission": (CLERK, {"slug": "waiting"}),
    "clerk:resume_recommendation": (CLERK, {"pk": "ended_recommendation"}),
    "clerk:correct_recommendation": (CLERK, {"pk": "new_recommendation"}),
    "clerk:delete_recommendation": (CLERK, {"pk": "new_recommendation"}),
    "clerk:delete_inquiry": (CLERK, {"slug": "new_inquiry"}),
    "clerk:write_letter": (CLERK, {"slug": "unanswered"}),
    "clerk:publish_no_response": (CLERK, {"slug": "unanswered"}),
    "clerk:record_return": (CLERK, {"pk": "past_person"}),
    "clerk:merge_person": (CLERK, {"pk": "namesake"}),
    "clerk:withdraw_pack": (CLERK, {"pk": "past_meeting", "pack": "past_pack"}),
    **{f"account_{name}": (OFFICER, {}) for name in ("you", "emails", "your_data", "logout", "inactive")},
    "mfa_index": (OFFICER, {}),
}
QUERIES = {"officer:search_people": "q=surname+00", "cabinet:return_updates": "update={awaiting_update}"}
LEADS_ON = "leads on to another page"
STORED = "sends a stored file"
MADE = "makes a document: see the tables of packs and reports"
LEFT_OUT = {
    "account_confirm_login_code": LEADS_ON,
    "mfa_login_webauthn": LEADS_ON,
    "mfa_authenticate": LEADS_ON,
    "mfa_add_webauthn": LEADS_ON,
    "mfa_activate_totp": LEADS_ON,
    **dict.fromkeys(
        ("mfa_deactivate_totp", "mfa_remove_webauthn", "mfa_view_recovery_codes", "mfa_reauthenticate"),
        "nobody here has a second factor",
    ),
    "mfa_reauthenticate_webauthn": "nobody here has a second factor",
    "mfa_generate_recovery_codes": LEADS_ON,
    "clerk:remind": LEADS_ON,
    "clerk:evidence_files": "of a report with files alone",
    "openid_connect_login": "no provider is configured",
    "openid_connect_callback": "no provider is configured",
    **dict.fromkeys(
        ("public:former_council", "public:former_page", "public:former_restricted"), "no archive is imported here"
    ),
    "public:paper": STORED,
    "public:inquiry_file": STORED,
    "public:evidence_file": STORED,
    "officer:reply_form": MADE,
    "committee:offline_paper": LEADS_ON,
    "officer:check_reply": LEADS_ON,
    "clerk:move_item": LEADS_ON,
    "clerk:move_paper": LEADS_ON,
    "clerk:build_pack": LEADS_ON,
    "clerk:letter": MADE,
    "clerk:front_sheet": MADE,
    "clerk:reprint_item": MADE,
    "clerk:unplan_pack": "no pack is planned",
    "public:signed_minutes": STORED,
    "public:pack_for_screen": STORED,
    "officer:officer_report_picture": STORED,
    "officer:officer_report_file": MADE,
    "officer:officer_report_word": MADE,
    "officer:check_officer_report": LEADS_ON,
    "clerk:remind_officer_report": LEADS_ON,
    "clerk:add_programme_paper": LEADS_ON,
    "clerk:resume_entry": LEADS_ON,
    "clerk:draft_minutes": MADE,
    "clerk:resolutions_file": MADE,
}
# Files of all of the council: measured, without a budget.
FILES = {"public:tracker_file", "public:report_export", "public:edition_export", "clerk:export_person", "public:pack"}
FILES |= {"account_your_data", "public:calendar", "public:forward_plan_calendar", "clerk:people_template"}


def facts():
    """{name: value} for the parts of addresses; a few records are made, the others found."""
    clerk, now = Person.objects.get(pk=CLERK), timezone.now()
    by = {"by": clerk, "now": now}
    past = {"from_date": now.date() - timedelta(days=900), "until_date": now.date() - timedelta(days=800)}
    new = Inquiry.objects.create(committee_id=1, title="A new inquiry", slug="new-inquiry", received_on=now.date())
    recommendation = add_recommendation(new, reference="1", text="That the council does this.", **by)
    answered = add_recommendation(new, reference="2", text="That the council does that.", **by)
    response = record_response(new, recommendations=[answered], decision="accepted", text="Yes.", **by)
    report, awaiting = (ProgressReport.objects.get(inquiry=number) for number in (COLLECTING, AWAITING))
    update = report.updates.about("1").get()
    item = AgendaItem.objects.get(meeting=1, number=2)
    signed_off = ProgressReport.objects.filter(signed_off_at__isnull=False, published_at=None).order_by("pk").first()
    portfolio = CabinetMember.objects.get(person=CABINET_MEMBER)
    unanswered = Inquiry.objects.filter(recommendations__response=None, published_at__isnull=False).order_by("pk")
    return {
        "slug": "inquiry-1",
        "awaiting": f"inquiry-{AWAITING}",
        "published": f"inquiry-{PUBLISHED}",
        "assessed": f"inquiry-{ASSESSED}",
        "waiting": f"inquiry-{FIRST_STORY}",
        "signed_off": signed_off.inquiry.slug,
        "signed_off_months": signed_off.months_on,
        "unanswered": unanswered.first().slug,
        "new_inquiry": new.slug,
        "months": 6,
        "reference": "1",
        "number": 1,
        "format": "csv",
        "json": "json",
        "table_format": "csv",
        "pack_format": "json",
        "letter_format": "docx",
        "import": keep_import(DraftReport(), file_name="report.docx", checksum="0", **by).pk,
        "people_import": keep_people_list(clerk).pk,
        "tracker_import": keep_matched_tracker(clerk).pk,
        "sign_off": SignOff.objects.get(report=awaiting).pk,
        "awaiting_update": ProgressUpdate.objects.filter(report=awaiting).first().pk,
        "recommendation": Recommendation.objects.get(inquiry=COLLECTING, reference="1").pk,
        "ended_recommendation": Recommendation.objects.exclude(ended_as="").first().pk,
        "new_recommendation": recommendation.pk,
        "response": response.pk,
        "action_point": ActionPoint.objects.open().first().pk,
        "held_meeting": 2,
        "minutes_format": "json",
        "other_held_meeting": FIRST_WITHOUT_MINUTES,
        "signed": SignedMinutes.objects.get(meeting=2).pk,
        "officer_report": 1,
        "submitted_report": SIGNED_IN_STORIES,
        "signature": OfficerReportSignature.objects.get(report=SIGNED_IN_STORIES).pk,
        "report_more_time": MoreTimeRequest.objects.get(officer_report__isnull=False).pk,
        "programme_entry": ProgrammeEntry.objects.open().first().pk,
        "committee": "committee-1",
        "meeting": 1,
        "past_meeting": 2,
        "supplement": 0,
        "item": item.pk,
        "paper": item.documents.get().pk,
        "pack": AgendaPack.objects.filter(meeting=2).first().pk,
        "past_pack": AgendaPack.objects.get(meeting=2, edition="public").pk,
        "person": LEAVER,
        "namesake": Person.objects.create(name="Janice Moore").pk,
        "past_person": Person.objects.filter(left_at__isnull=False).first().pk,
        "imported": CABINET_MEMBER,
        "portfolio": portfolio.pk,
        "seat": Membership.objects.create(person_id=CABINET_MEMBER, committee_id=1, **past).pk,
        "entry": Entry.objects.about(update).first().pk,
        "update": update.pk,
        "more_time": MoreTimeRequest.objects.filter(update__report=report).first().pk,
        "step": "first",
        "file": 1,
        "record_kind": "update",
        "text_field": "text",
        "provider": "council",
        "occasion": "reminder",
        "passkey": 1,
    }


def addresses(known):
    """(name, who, path, whether it is a file) of every address that answers a GET."""
    for name, parts in patterns(get_resolver("scrutiny.urls")):
        if name in LEFT_OUT or TABLE[name]["collecting get"] == NO_SUCH_METHOD:
            continue
        who, others = BY.get(name, (CLERK, {}))
        own = OWN.get(name, {}) | others
        try:
            path = reverse(name, kwargs={part: known.get(own.get(part, part), "1") for part in parts})
        except NoReverseMatch:
            # It is shown as one that does not answer.
            path = f"/{name}/has-no-facts/"
        query = QUERIES.get(name, "").format(**known)
        yield name, who, f"{path}?{query}" if query else path, name in FILES


def views():
    """(name, who, path) of further views of pages."""
    report = "/inquiries/inquiry-{}/progress/6/"
    leaver = f"/clerk/people/{LEAVER}/"
    yield "home of a clerk", CLERK, "/"
    yield "home of an officer", OFFICER, "/"
    yield "home of a Cabinet Member", CABINET_MEMBER, "/"
    yield "home of a member", MEMBER, "/"
    yield "meetings: past", PUBLIC, "/meetings/?when=past"
    yield "meetings: past, last page", PUBLIC, "/meetings/?when=past&page=last"
    yield "meeting of a clerk", CLERK, "/meetings/2/"
    yield "meeting of a member", MEMBER, "/meetings/2/"
    yield "committee of a clerk", CLERK, "/committees/committee-1/"
    yield "forward plan of a clerk", CLERK, "/committees/committee-1/forward-plan/"
    yield "inquiries: two words", PUBLIC, "/inquiries/?q=warm+homes"
    yield "inquiries: nothing found", PUBLIC, "/inquiries/?q=zebra+crossing"
    yield "inquiries: words of recommendations", PUBLIC, "/inquiries/?q=household"
    yield "inquiries: last page", PUBLIC, "/inquiries/?page=last"
    yield "inquiries of a clerk", CLERK, "/inquiries/"
    yield "inquiries of an officer", OFFICER, "/inquiries/?q=homes"
    yield "inquiry of a clerk, 40 rows", CLERK, "/inquiries/inquiry-1/"
    yield "recommendation of an officer", OFFICER, "/inquiries/inquiry-1/1/"
    yield "report of a clerk, collecting, 40 rows", CLERK, report.format(COLLECTING)
    yield "report of an officer, 40 rows", OFFICER, report.format(COLLECTING)
    yield "report of a Cabinet Member, 40 rows", CABINET_MEMBER, report.format(AWAITING)
    yield "report, assessed, 40 rows", PUBLIC, report.format(ASSESSED)
    yield "assessment page of a member, 40 rows", MEMBER, f"{report.format(PUBLISHED)}assess/"
    yield "assessment page of a clerk, 40 rows", CLERK, f"{report.format(PUBLISHED)}assess/"
    yield "update form of a clerk", CLERK, f"{report.format(COLLECTING)}updates/1/"
    yield "update page of a Cabinet Member", CABINET_MEMBER, f"{report.format(COLLECTING)}updates/1/"
    yield "sign-off page of a clerk, 40 rows", CLERK, f"{report.format(AWAITING)}sign-off/"
    yield "board of a committee", CLERK, "/board/?committee=committee-1"
    yield "people: a name", CLERK, "/clerk/people/?q=surname+01"
    yield "people: last page", CLERK, "/clerk/people/?page=last"
    yield "page of who leads 100 responses", CLERK, leaver
    yield "leaver form, 100 responses", CLERK, f"{leaver}leave/"
    yield "data of who leads 100 responses", CLERK, f"{leaver}data.json"
    yield "history of a recommendation", CLERK, "/history/recommendation/1/"
    yield "tracker of a clerk", CLERK, "/tracker/"
    yield "tracker of an officer", OFFICER, "/tracker/"
    yield "tracker of a Cabinet Member", CABINET_MEMBER, "/tracker/"
    for question in (
        {"attention": "red_or_late"},
        {"q": "answer 4242", "group": "portfolio"},
        {"q": "household rang"},
        {"committee": "committee-1", "state": "implemented"},
        {"rating": "3"},
        {"sort": "rating", "reverse": "on"},
        {"sort": "due", "page": "last"},
        {"page": "last"},
    ):
        words = ", ".join(f"{name} {value}" for name, value in question.items())
        yield f"tracker: {words}", CLERK, f"/tracker/?{urlencode(question)}"
    yield "tracker: an officer's, by rating", OFFICER, "/tracker/?sort=rating&reverse=on"
    yield "tracker: the public's, two words", PUBLIC, "/tracker/?q=household+rang"
    yield "tracker: the public's, last page", PUBLIC, "/tracker/?page=last"


def admin_pages():
    """(name, who, path) of the pages of each kind of record in the admin."""
    yield "admin", CLERK, reverse("admin:index")
    request = HttpRequest()
    request.user = Person.objects.get(pk=CLERK)
    for model, shown in sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.model_name):
        kind = str(model._meta.verbose_name)
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{{}}"
        changelist = reverse(name.format("changelist"))
        yield f"admin, list: {kind}", CLERK, changelist
        if shown.search_fields:
            yield f"admin, list: {kind}, a word", CLERK, f"{changelist}?q=surname"
            yield f"admin, list: {kind}, two words", CLERK, f"{changelist}?q=warm+homes"
        count = min(model.objects.count(), MOST_COUNTED)
        if count > shown.list_per_page:
            yield f"admin, list: {kind}, last page", CLERK, f"{changelist}?p={-(-count // shown.list_per_page)}"
        if shown.has_add_permission(request):
            yield f"admin, add: {kind}", CLERK, reverse(name.format("add"))
        record = model.objects.order_by("pk").first()
        if record is None:
            continue
        yield f"admin, change: {kind}", CLERK, reverse(name.format("change"), args=[record.pk])
        yield f"admin, history: {kind}", CLERK, reverse(name.format("history"), args=[record.pk])
        if shown.has_delete_permission(request, record):
            yield f"admin, delete: {kind}", CLERK, reverse(name.format("delete"), args=[record.pk])
    yield (
        "admin, choose a person",
        CLERK,
        (
            reverse("admin:autocomplete")
            + "?"
            + urlencode(
                {"app_label": "inquiries", "model_name": "response", "field_name": "lead_officer", "term": "sur"}
            )
        ),
    )
