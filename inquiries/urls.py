"""The addresses of the domain: one list for each audience, named as its view module."""

from django.urls import include, path, register_converter

from inquiries.views import cabinet, clerk, committee, data, officer, public


class FormatConverter:
    """The formats in which a report can be had."""

    regex = "pdf|docx|csv|json"

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value


register_converter(FormatConverter, "format")

REPORT = "inquiries/<slug:slug>/progress/<int:months>"

public_urls = [
    path("", public.home, name="home"),
    path("committees/", public.committees, name="committees"),
    path("committees/<slug:slug>/", public.committee, name="committee"),
    path("inquiries/", public.inquiries, name="inquiries"),
    path("inquiries/<slug:slug>/", public.inquiry, name="inquiry"),
    path("inquiries/<slug:slug>/inquiry-report.pdf", data.inquiry_file, name="inquiry_file"),
    # inquiries/<slug>/progress/<months>
    path(f"{REPORT}/", public.report, name="report"),
    path(f"{REPORT}.<format:format>", data.report, name="report_export"),
    path(f"{REPORT}/editions/<int:number>/", public.edition, name="edition"),
    path(f"{REPORT}/editions/<int:number>.<format:format>", data.edition, name="edition_export"),
    # After the others, because a recommendation's number can be almost any word.
    path("inquiries/<slug:slug>/<str:reference>/", public.recommendation, name="recommendation"),
]

officer_urls = [
    path(f"{REPORT}/updates/<str:reference>/", officer.update, name="update"),
    path(f"{REPORT}/updates/<str:reference>/autosave/", officer.autosave, name="autosave"),
]

cabinet_urls = [
    path(f"{REPORT}/sign-off/", cabinet.sign_off, name="sign_off"),
    path(f"{REPORT}/updates/<str:reference>/return/", cabinet.return_update, name="return_update"),
]

committee_urls = [
    path(f"{REPORT}/assess/", committee.assess, name="assess"),
    path(f"{REPORT}/assess/<str:reference>/", committee.assess_row, name="assess_row"),
    path(f"{REPORT}/indicate/<str:reference>/", committee.indicate, name="indicate"),
    path(f"{REPORT}/confirm/", committee.confirm, name="confirm"),
]

clerk_urls = [
    path("import/", clerk.import_upload, name="import_upload"),
    path("import/<int:pk>/", clerk.import_preview, name="import_preview"),
    # clerk/inquiries/<slug>
    path("inquiries/<slug:slug>/publish/", clerk.publish_inquiry, name="publish_inquiry"),
    path("inquiries/<slug:slug>/withdraw/", clerk.withdraw_inquiry, name="withdraw_inquiry"),
    path("inquiries/<slug:slug>/commission/", clerk.commission, name="commission"),
    # clerk/inquiries/<slug>/progress/<months>
    path(f"{REPORT}/", clerk.manage, name="manage"),
    path(f"{REPORT}/dates/", clerk.reschedule, name="reschedule"),
    path(f"{REPORT}/close-collection/", clerk.close_collection, name="close_collection"),
    path(f"{REPORT}/sign-offs/<int:pk>/", clerk.record_sign_off, name="record_sign_off"),
    path(f"{REPORT}/publish/", clerk.publish, name="publish"),
    path(f"{REPORT}/reopen/", clerk.reopen, name="reopen"),
    # clerk/recommendations, clerk/responses
    path("recommendations/<int:pk>/reword/", clerk.reword_recommendation, name="reword_recommendation"),
    path("recommendations/<int:pk>/end/", clerk.end_recommendation, name="end_recommendation"),
    path("recommendations/<int:pk>/resume/", clerk.resume_recommendation, name="resume_recommendation"),
    path("responses/<int:pk>/target-date/", clerk.change_target_date, name="change_target_date"),
]

urlpatterns = [
    path("", include((public_urls, "public"))),
    path("", include((officer_urls, "officer"))),
    path("", include((cabinet_urls, "cabinet"))),
    path("", include((committee_urls, "committee"))),
    path("clerk/", include((clerk_urls, "clerk"))),
]
