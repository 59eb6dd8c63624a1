"""The addresses of the domain: one list for each audience, named as its view module."""

from django.urls import include, path, register_converter
from django.urls.converters import IntConverter, StringConverter

from inquiries.rules import reference_in_address
from inquiries.views import (
    action_points,
    board,
    cabinet,
    cabinet_overview,
    clerk_commission,
    clerk_held_work,
    clerk_imports,
    clerk_inquiries,
    clerk_meetings,
    clerk_minutes,
    clerk_officer_reports,
    clerk_packs,
    clerk_people,
    clerk_programme,
    clerk_record,
    clerk_reports,
    clerk_settings,
    clerk_tracker,
    clerk_tracker_import,
    committee,
    corrections,
    downloads,
    former_councils,
    history,
    meetings,
    more_time,
    officer,
    officer_files,
    officer_reply,
    officer_reports,
    officer_updates,
    public,
    response_letters,
    room,
    site,
    tracker,
)


class ReferenceConverter(StringConverter):
    """The number of a recommendation."""

    def to_url(self, value):
        return reference_in_address(value)


class FormatConverter:
    """The formats in which a report can be had."""

    regex = "pdf|docx|csv|json"

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value


class PackFormatConverter(FormatConverter):
    """The formats in which a pack can be had."""

    regex = "pdf|json"


class MinutesFormatConverter(FormatConverter):
    """The formats in which published minutes can be had."""

    regex = "docx|json"


class TableFormatConverter(FormatConverter):
    """The formats in which a table can be had."""

    regex = "xlsx|csv"


class LetterFormatConverter(FormatConverter):
    """The formats in which a letter can be had."""

    regex = "pdf|docx"


class KeyConverter(IntConverter):
    """The key of a record: no more digits than a column of keys holds."""

    regex = "[0-9]{1,18}"


register_converter(ReferenceConverter, "reference")
register_converter(FormatConverter, "format")
register_converter(KeyConverter, "key")
register_converter(PackFormatConverter, "pack_format")
register_converter(MinutesFormatConverter, "minutes_format")
register_converter(LetterFormatConverter, "letter_format")
register_converter(TableFormatConverter, "table_format")

REPORT = "inquiries/<slug:slug>/progress/<int:months>"
MEETING = "meetings/<key:pk>"
OFFICER_REPORT = "officer-reports/<key:pk>"
PERSON = "people/<key:pk>"
NO_RESPONSE = "inquiries/<slug:slug>/no-response"

public_urls = [
    path("", public.home, name="home"),
    *(
        path(f"{page}/", site.information, {"page": page}, name=page)
        for page in ("accessibility", "privacy", "cookies", "contact", "help")
    ),
    path("committees/", public.committees, name="committees"),
    path("committees/<slug:slug>/", public.committee, name="committee"),
    path("committees/<slug:slug>/meetings.ics", downloads.calendar, name="calendar"),
    path("tracker/", tracker.tracker, name="tracker"),
    path("tracker.<table_format:format>", tracker.tracker_file, name="tracker_file"),
    path("committees/<slug:slug>/forward-plan/", public.forward_plan, name="forward_plan"),
    path("committees/<slug:slug>/forward-plan.ics", downloads.forward_plan_calendar, name="forward_plan_calendar"),
    path("committees/<slug:slug>/work-programme/", public.work_programme, name="work_programme"),
    # former-councils/<slug>: paths below it are those of the archive
    path("former-councils/<slug:slug>/", former_councils.former_council, name="former_council"),
    path("former-councils/<slug:slug>/restricted/", former_councils.restricted_files, name="former_restricted"),
    path("former-councils/<slug:slug>/<path:path>", former_councils.former_page, name="former_page"),
    # meetings/<pk>
    path("meetings/", meetings.meetings, name="meetings"),
    path(f"{MEETING}/", meetings.meeting, name="meeting"),
    path(f"{MEETING}/minutes/<int:number>/", meetings.minutes, name="minutes"),
    path(f"{MEETING}/minutes/<int:number>.<minutes_format:format>", downloads.minutes, name="minutes_file"),
    path(f"{MEETING}/minutes/signed/<key:signed>.pdf", downloads.signed_minutes, name="signed_minutes"),
    path(f"{MEETING}/packs/<key:pack>.<pack_format:format>", downloads.pack, name="pack"),
    path(f"{MEETING}/packs/<key:pack>/screen.pdf", downloads.pack_for_screen, name="pack_for_screen"),
    path(f"{MEETING}/papers/<key:paper>.pdf", downloads.paper, name="paper"),
    # inquiries/<slug>
    path("inquiries/", public.inquiries, name="inquiries"),
    path("inquiries/new/", clerk_record.add_inquiry, name="add_inquiry"),
    path("inquiries/<slug:slug>/", public.inquiry, name="inquiry"),
    path("inquiries/<slug:slug>/inquiry-report.pdf", downloads.inquiry_file, name="inquiry_file"),
    # inquiries/<slug>/progress/<months>
    path(f"{REPORT}/", public.report, name="report"),
    path(f"{REPORT}.<format:format>", downloads.report_export, name="report_export"),
    path(f"{REPORT}/files/<key:file>.pdf", downloads.evidence_file, name="evidence_file"),
    path(f"{REPORT}/editions/<int:number>/", public.edition, name="edition"),
    path(f"{REPORT}/editions/<int:number>.<format:format>", downloads.edition_export, name="edition_export"),
    # After the others, because a recommendation's number can be almost any word.
    path("inquiries/<slug:slug>/<reference:reference>/", public.recommendation, name="recommendation"),
]

officer_urls = [
    path("people/search/", officer.search_people, name="search_people"),
    path("actions/<key:pk>/", action_points.action_point, name="action_point"),
    path(f"{REPORT}/updates/", officer_updates.updates, name="updates"),
    path(f"{REPORT}/reply.docx", officer_reply.reply_form, name="reply_form"),
    path(f"{REPORT}/reply/", officer_reply.upload_reply, name="upload_reply"),
    path(f"{REPORT}/reply/check/", officer_reply.check_reply, name="check_reply"),
    path(f"{REPORT}/updates/<reference:reference>/", officer.update, name="update"),
    path(f"{REPORT}/updates/<reference:reference>/files/", officer_files.files, name="files"),
    path(f"{REPORT}/updates/<reference:reference>/files/<key:file>/remove/", officer_files.remove, name="remove_file"),
    path(f"{REPORT}/updates/<reference:reference>/autosave/", officer.autosave, name="autosave"),
    path(f"{REPORT}/updates/<reference:reference>/more-time/", more_time.ask, name="more_time"),
]

officer_urls += [
    path(f"{OFFICER_REPORT}/", officer_reports.officer_report, name="officer_report"),
    path(f"{OFFICER_REPORT}/autosave/", officer_reports.autosave, name="autosave_officer_report"),
    path(f"{OFFICER_REPORT}/report.pdf", officer_reports.officer_report_file, name="officer_report_file"),
    path(f"{OFFICER_REPORT}/report.docx", officer_reports.officer_report_word, name="officer_report_word"),
    path(f"{OFFICER_REPORT}/more-time/", more_time.ask_for_report, name="report_more_time"),
    path(f"{OFFICER_REPORT}/word/", officer_reports.upload_officer_report, name="upload_officer_report"),
    path(f"{OFFICER_REPORT}/word/check/", officer_reports.check_officer_report, name="check_officer_report"),
    path(f"{OFFICER_REPORT}/pictures/", officer_reports.officer_report_pictures, name="officer_report_pictures"),
    path(f"{OFFICER_REPORT}/pictures/<key:picture>/", officer_reports.picture, name="officer_report_picture"),
    path(
        f"{OFFICER_REPORT}/pictures/<key:picture>/remove/", officer_reports.remove_picture, name="remove_report_picture"
    ),
]

cabinet_urls = [
    path(f"{OFFICER_REPORT}/sign-off/", officer_reports.sign, name="sign_officer_report"),
    path(f"{OFFICER_REPORT}/return/", officer_reports.return_report, name="return_officer_report"),
    path(f"{REPORT}/sign-off/", cabinet.sign_off, name="sign_off"),
    path("portfolio/", cabinet_overview.overview, name="overview"),
    path(f"{REPORT}/return/", cabinet.return_updates, name="return_updates"),
    path(f"{REPORT}/updates/<reference:reference>/return/", cabinet.return_update, name="return_update"),
]

committee_urls = [
    path(f"{MEETING}/room/", room.room, name="room"),
    path(f"{MEETING}/room/state/", room.room_state, name="room_state"),
    path(f"{MEETING}/screen/", room.screen, name="screen"),
    path(f"{MEETING}/screen/state/", room.screen_state, name="screen_state"),
    path(f"{REPORT}/correct/", corrections.corrections, name="corrections"),
    path(f"{REPORT}/correct/<reference:reference>/", corrections.correct, name="correct"),
    path(f"{REPORT}/assess/", committee.assess, name="assess"),
    path(f"{REPORT}/assess/autosave/", committee.autosave, name="autosave"),
    path(f"{REPORT}/assess/notes/", committee.assess, {"own": True}, name="indicate"),
    path(f"{REPORT}/assess/notes/autosave/", committee.autosave, {"own": True}, name="autosave_own"),
    path(f"{REPORT}/assess/agenda/", committee.offline_agenda, name="offline_agenda"),
    path(f"{REPORT}/assess/papers/<key:pk>.pdf", committee.offline_paper, name="offline_paper"),
    path(f"{REPORT}/actions/", action_points.action_points, name="action_points"),
    path(f"{REPORT}/actions/<reference:reference>/", action_points.set_action_point, name="set_action_point"),
    path("actions/<key:pk>/change/", action_points.change_action_point, name="change_action_point"),
    path(f"{REPORT}/confirm/", committee.confirm, name="confirm"),
]

clerk_urls = [
    path("settings/", clerk_settings.settings, name="settings"),
    path("settings/e-mails/<slug:occasion>/", clerk_settings.wording, name="wording"),
    path("after-restore/", clerk_held_work.held_work, name="held_work"),
    path("import/", clerk_imports.import_upload, name="import_upload"),
    path("import/<key:pk>/", clerk_imports.import_preview, name="import_preview"),
    # clerk/import/tracker
    path("import/tracker/", clerk_tracker_import.import_tracker, name="import_tracker"),
    path("import/tracker/<key:pk>/", clerk_tracker_import.tracker_import, name="tracker_import"),
    path("import/tracker/<key:pk>/sheet/", clerk_tracker_import.tracker_sheet, name="tracker_sheet"),
    path("import/tracker/<key:pk>/columns/", clerk_tracker_import.tracker_columns, name="tracker_columns"),
    path("import/tracker/<key:pk>/values/", clerk_tracker_import.tracker_values, name="tracker_values"),
    # clerk/people/import
    path("people/import/", clerk_imports.import_people, name="import_people"),
    path("people/import/template.csv", clerk_imports.people_template, name="people_template"),
    path("people/import/<key:pk>/", clerk_imports.people_import, name="people_import"),
    # clerk/people/<pk>: personal data, for a person who asks
    path("people/<key:pk>/data.json", clerk_people.export_person, name="export_person"),
    path("people/<key:pk>/erase/", clerk_people.erase_person, name="erase_person"),
    path("people/<key:pk>/end-sessions/", clerk_people.end_sessions, name="end_sessions"),
    path("people/<key:pk>/reset-second-factor/", clerk_people.reset_second_factor, name="reset_second_factor"),
    path("people/<key:pk>/allow-second-factor/", clerk_people.allow_second_factor, name="allow_second_factor"),
    path("commission/", clerk_commission.commission_meeting, name="commission_meeting"),
    # clerk/inquiries/<slug>: recorded step by step
    path("inquiries/<slug:slug>/record/", clerk_record.record_inquiry, name="record_inquiry"),
    path("inquiries/<slug:slug>/details/", clerk_record.change_inquiry, name="change_inquiry"),
    path("inquiries/<slug:slug>/recommendations/", clerk_record.recommendations, name="recommendations"),
    path("inquiries/<slug:slug>/recommendations/add/", clerk_record.add_recommendations, name="add_recommendations"),
    path("inquiries/<slug:slug>/responses/", clerk_record.responses, name="responses"),
    path("inquiries/<slug:slug>/responses/add/", clerk_record.add_responses, name="add_responses"),
    path("inquiries/<slug:slug>/responses/correct/", clerk_record.correct_responses, name="correct_responses"),
    *(
        path(f"inquiries/<slug:slug>/{kind}/add/autosave/", clerk_record.autosave_rows, about, name=f"autosave_{kind}")
        for kind, about in (
            ("recommendations", {"page": "add_recommendations"}),
            ("responses", {"page": "add_responses"}),
        )
    ),
    path("inquiries/<slug:slug>/check/", clerk_record.check_inquiry, name="check_inquiry"),
    path("inquiries/<slug:slug>/delete/", clerk_record.delete_inquiry, name="delete_inquiry"),
    # clerk/inquiries/<slug>
    path("inquiries/<slug:slug>/publish/", clerk_inquiries.publish_inquiry, name="publish_inquiry"),
    path("inquiries/<slug:slug>/letters/<slug:step>/", response_letters.write, name="write_letter"),
    path("inquiries/<slug:slug>/letters/<slug:step>.<letter_format:format>", response_letters.read, name="letter"),
    path(f"{NO_RESPONSE}/", response_letters.publish_no_response, name="publish_no_response"),
    path(f"{NO_RESPONSE}/withdraw/", response_letters.withdraw_no_response, name="withdraw_no_response"),
    path("inquiries/<slug:slug>/withdraw/", clerk_inquiries.withdraw_inquiry, name="withdraw_inquiry"),
    path("inquiries/<slug:slug>/commission/", clerk_commission.commission, name="commission"),
    # clerk/inquiries/<slug>/progress/<months>
    path(f"{REPORT}/", clerk_reports.manage, name="manage"),
    path(f"{REPORT}/end-recommendations/", clerk_inquiries.end_recommendations, name="end_recommendations"),
    path(f"{REPORT}/dates/", clerk_reports.reschedule, name="reschedule"),
    path(f"{REPORT}/remind/", clerk_reports.remind, name="remind"),
    path(f"{REPORT}/more-time/<key:pk>/", more_time.decide, name="decide_more_time"),
    path(f"{REPORT}/close-updates/", clerk_reports.close_updates, name="close_updates"),
    path(f"{REPORT}/sign-offs/<key:pk>/", clerk_reports.record_sign_off, name="record_sign_off"),
    path(f"{REPORT}/files/", clerk_reports.evidence_files, name="evidence_files"),
    path(f"{REPORT}/publish/", clerk_reports.publish, name="publish"),
    path(f"{REPORT}/reopen/", clerk_reports.reopen, name="reopen"),
    # clerk/meetings/<pk>: the meeting and its agenda
    path("meetings/call/", clerk_meetings.call_meeting, name="call_meeting"),
    path(f"{MEETING}/", clerk_meetings.agenda, name="agenda"),
    path(f"{MEETING}/change/", clerk_meetings.change_meeting, name="change_meeting"),
    path(f"{MEETING}/cancel/", clerk_meetings.cancel_meeting, name="cancel_meeting"),
    path(f"{MEETING}/items/add/", clerk_meetings.add_item, name="add_item"),
    path(f"{MEETING}/items/<key:item>/", clerk_meetings.change_item, name="change_item"),
    path(f"{MEETING}/items/<key:item>/move/", clerk_meetings.move_item, name="move_item"),
    path(f"{MEETING}/items/<key:item>/remove/", clerk_meetings.remove_item, name="remove_item"),
    path(f"{MEETING}/items/<key:item>/papers/add/", clerk_meetings.add_paper, name="add_paper"),
    path(f"{MEETING}/papers/<key:paper>/", clerk_meetings.change_paper, name="change_paper"),
    path(f"{MEETING}/papers/<key:paper>/replace/", clerk_meetings.replace_paper, name="replace_paper"),
    path(f"{MEETING}/papers/<key:paper>/move/", clerk_meetings.move_paper, name="move_paper"),
    path(f"{MEETING}/papers/<key:paper>/remove/", clerk_meetings.remove_paper, name="remove_paper"),
    path(f"{MEETING}/proposals/", clerk_programme.agenda_proposals, name="agenda_proposals"),
    path(f"{MEETING}/items/<key:item>/programme/", clerk_programme.add_programme_paper, name="add_programme_paper"),
    # clerk/committees/<slug>: the work programme
    path("committees/<slug:slug>/programme/", clerk_programme.programme, name="programme"),
    path("committees/<slug:slug>/programme/add/", clerk_programme.add_entry, name="add_entry"),
    path("committees/<slug:slug>/standing-items/", clerk_programme.standing_items, name="standing_items"),
    # clerk/meetings/<pk>/minutes: after the meeting
    path(f"{MEETING}/minutes/", clerk_minutes.minutes_page, name="minutes"),
    path(f"{MEETING}/minutes/attendance/", clerk_minutes.attendance, name="attendance"),
    path(f"{MEETING}/minutes/outcomes/", clerk_minutes.outcomes, name="outcomes"),
    path(f"{MEETING}/minutes/publish/", clerk_minutes.publish_minutes, name="publish_minutes"),
    path(f"{MEETING}/minutes/draft.docx", clerk_minutes.draft_minutes, name="draft_minutes"),
    path(f"{MEETING}/minutes/resolutions.docx", clerk_minutes.resolutions_file, name="resolutions_file"),
    path(f"{MEETING}/minutes/signed/", clerk_minutes.add_signed_minutes, name="add_signed_minutes"),
    path(f"{MEETING}/minutes/signed/<key:signed>/withdraw/", clerk_minutes.withdraw_signed, name="withdraw_signed"),
    path(f"{MEETING}/minutes/<int:number>/withdraw/", clerk_minutes.withdraw_edition, name="withdraw_edition"),
    path("programme/<key:pk>/", clerk_programme.change_entry, name="change_entry"),
    path("programme/<key:pk>/finish/", clerk_programme.finish_entry, name="finish_entry"),
    path("programme/<key:pk>/drop/", clerk_programme.drop_entry, name="drop_entry"),
    path("programme/<key:pk>/resume/", clerk_programme.resume_entry, name="resume_entry"),
    path(
        f"{MEETING}/officer-reports/commission/",
        clerk_officer_reports.commission_officer_report,
        name="commission_officer_report",
    ),
    # clerk/officer-reports/<pk>
    path(f"{OFFICER_REPORT}/", clerk_officer_reports.officer_report, name="officer_report"),
    path(f"{OFFICER_REPORT}/change/", clerk_officer_reports.change_officer_report, name="change_officer_report"),
    path(
        f"{OFFICER_REPORT}/sign-offs/<key:signature>/",
        clerk_officer_reports.record_report_sign_off,
        name="record_report_sign_off",
    ),
    path(f"{OFFICER_REPORT}/more-time/<key:asked>/", more_time.decide_for_report, name="decide_report_more_time"),
    path(f"{OFFICER_REPORT}/move/", clerk_officer_reports.move_officer_report, name="move_officer_report"),
    path(f"{OFFICER_REPORT}/reopen/", clerk_officer_reports.reopen_officer_report, name="reopen_officer_report"),
    path(f"{OFFICER_REPORT}/cancel/", clerk_officer_reports.cancel_officer_report, name="cancel_officer_report"),
    path(f"{OFFICER_REPORT}/remind/", clerk_officer_reports.remind_officer_report, name="remind_officer_report"),
    # clerk/meetings/<pk>/packs/<supplement>: building and publishing
    path(f"{MEETING}/packs/<int:supplement>/", clerk_packs.pack, name="pack"),
    path(f"{MEETING}/packs/<int:supplement>/build/", clerk_packs.build_pack, name="build_pack"),
    path(f"{MEETING}/packs/<int:supplement>/progress/", clerk_packs.pack_progress, name="pack_progress"),
    path(f"{MEETING}/packs/<int:supplement>/check/", clerk_packs.check_pack, name="check_pack"),
    path(f"{MEETING}/packs/<int:supplement>/clear/", clerk_packs.clear_words, name="clear_words"),
    path(f"{MEETING}/packs/<int:supplement>/publish/", clerk_packs.publish_pack, name="publish_pack"),
    path(f"{MEETING}/packs/<int:supplement>/unplan/", clerk_packs.unplan_pack, name="unplan_pack"),
    path(f"{MEETING}/packs/<int:supplement>/front-sheet.pdf", clerk_packs.front_sheet, name="front_sheet"),
    path(f"{MEETING}/packs/<int:supplement>/items/<key:item>.pdf", clerk_packs.reprint_item, name="reprint_item"),
    path(f"{MEETING}/editions/<key:pack>/withdraw/", clerk_packs.withdraw_pack, name="withdraw_pack"),
    # clerk/recommendations, clerk/responses
    path("recommendations/change/", clerk_tracker.change_recommendations, name="change_recommendations"),
    path("recommendations/<key:pk>/reword/", clerk_inquiries.reword_recommendation, name="reword_recommendation"),
    path("recommendations/<key:pk>/end/", clerk_inquiries.end_recommendation, name="end_recommendation"),
    path("recommendations/<key:pk>/resume/", clerk_inquiries.resume_recommendation, name="resume_recommendation"),
    path("recommendations/<key:pk>/correct/", clerk_record.correct_recommendation, name="correct_recommendation"),
    path("recommendations/<key:pk>/delete/", clerk_record.delete_recommendation, name="delete_recommendation"),
    path("responses/<key:pk>/correct/", clerk_record.correct_response, name="correct_response"),
    path("responses/<key:pk>/remove/", clerk_record.remove_response, name="remove_response"),
    path("responses/<key:pk>/target-date/", clerk_inquiries.change_target_date, name="change_target_date"),
    # clerk/people/<pk>
    path("people/", clerk_people.people, name="people"),
    path("people/invite/", clerk_people.invite, name="invite"),
    path(f"{PERSON}/", clerk_people.person, name="person"),
    path(f"{PERSON}/invite/", clerk_people.send_invitation, name="send_invitation"),
    path(f"{PERSON}/change/", clerk_people.change_person, name="change_person"),
    path(f"{PERSON}/leave/", clerk_people.record_leaver, name="record_leaver"),
    path(f"{PERSON}/return/", clerk_people.record_return, name="record_return"),
    path(f"{PERSON}/merge/", clerk_people.merge_person, name="merge_person"),
    path(f"{PERSON}/seats/give/", clerk_people.give_seat, name="give_seat"),
    path(f"{PERSON}/seats/<key:seat>/", clerk_people.change_seat, name="change_seat"),
    path(f"{PERSON}/seats/<key:seat>/end/", clerk_people.end_seat, name="end_seat"),
    path(f"{PERSON}/portfolios/give/", clerk_people.give_portfolio, name="give_portfolio"),
    path(f"{PERSON}/portfolios/<key:seat>/", clerk_people.change_portfolio, name="change_portfolio"),
    path(f"{PERSON}/portfolios/<key:seat>/end/", clerk_people.end_portfolio, name="end_portfolio"),
]

board_urls = [path("board/", board.board, name="board"), path("clerk/", include(clerk_urls))]

history_urls = [
    path("entries/<key:pk>/", history.entry, name="entry"),
    path("entries/<key:pk>/restore/", history.restore, name="restore"),
    path("<slug:kind>/<key:pk>/", history.record, name="record"),
    path("<slug:kind>/<key:pk>/<slug:field>/", history.versions, name="versions"),
]

urlpatterns = [
    path("", include((public_urls, "public"))),
    path("", include((officer_urls, "officer"))),
    path("", include((cabinet_urls, "cabinet"))),
    path("", include((committee_urls, "committee"))),
    path("", include((board_urls, "clerk"))),
    path("history/", include((history_urls, "history"))),
]
