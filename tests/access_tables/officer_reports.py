"""Officer reports: its author and contributor, the director (other officer) and Cabinet Member who sign it, clerks.

While updates are collected the report is being written; once they are published it waits for sign-off.
"""

from tests.access_table import CLERKS_DID_IT, CLERKS_NOT_NOW, CLERKS_ONLY, NO_SUCH_METHOD

#    pub str off oth con cab mem cha otm cle
READERS = "302 404 200 200 200 200 404 404 404 200"
READERS_DID_IT = "302 404 302 302 302 302 404 404 404 302"
WRITERS = "302 404 200 403 200 403 404 404 404 200"
NOBODY_NOW = "302 404 403 403 403 403 404 404 404 403"
SIGNERS = "302 404 403 200 403 200 404 404 404 403"
OF_THE_REPORT = (
    *("officer:officer_report", "officer:autosave_officer_report", "officer:officer_report_file"),
    *("officer:officer_report_word", "officer:upload_officer_report", "officer:check_officer_report"),
    *("officer:officer_report_pictures", "officer:officer_report_picture", "officer:remove_report_picture"),
    "officer:report_more_time",
    *("cabinet:sign_officer_report", "cabinet:return_officer_report"),
    *("clerk:officer_report", "clerk:change_officer_report", "clerk:record_report_sign_off"),
    "clerk:move_officer_report",
    *("clerk:reopen_officer_report", "clerk:cancel_officer_report", "clerk:remind_officer_report"),
)
OWN = {
    **{name: {"pk": "officer_report"} for name in OF_THE_REPORT},
    "clerk:commission_officer_report": {"pk": "meeting"},
    "clerk:decide_report_more_time": {"pk": "officer_report", "asked": "report_more_time"},
}


def lines(collecting_get, collecting_post, published_get, published_post):
    return {
        "collecting get": collecting_get,
        "collecting post": collecting_post,
        "published get": published_get,
        "published post": published_post,
    }


TABLE = {
    "officer:officer_report": lines(READERS, WRITERS, READERS, NOBODY_NOW),
    "officer:autosave_officer_report": lines(
        NO_SUCH_METHOD,
        "401 404 400 403 400 403 404 404 404 400",
        NO_SUCH_METHOD,
        "401 404 403 403 403 403 404 404 404 403",
    ),
    "officer:officer_report_file": lines(READERS, NO_SUCH_METHOD, READERS, NO_SUCH_METHOD),
    "officer:officer_report_word": lines(READERS, NO_SUCH_METHOD, READERS, NO_SUCH_METHOD),
    "officer:upload_officer_report": lines(WRITERS, WRITERS, NOBODY_NOW, NOBODY_NOW),
    # Without an upload: back to the page for it.
    "officer:check_officer_report": lines(READERS_DID_IT, READERS_DID_IT, READERS_DID_IT, READERS_DID_IT),
    "officer:officer_report_pictures": lines(READERS, WRITERS, READERS, NOBODY_NOW),
    "officer:officer_report_picture": lines(READERS, NO_SUCH_METHOD, READERS, NO_SUCH_METHOD),
    # To the page of the pictures, which says what was done, or why it was not.
    "officer:remove_report_picture": lines(NO_SUCH_METHOD, READERS_DID_IT, NO_SUCH_METHOD, READERS_DID_IT),
    "officer:report_more_time": lines(WRITERS, WRITERS, NOBODY_NOW, WRITERS),
    "clerk:decide_report_more_time": lines(CLERKS_ONLY, CLERKS_ONLY, CLERKS_ONLY, CLERKS_ONLY),
    "cabinet:sign_officer_report": lines(
        "302 404 403 200 403 200 404 404 404 200",
        NOBODY_NOW,
        "302 404 403 200 403 200 404 404 404 200",
        # They have read nothing.
        "302 404 403 409 403 409 404 404 404 403",
    ),
    "cabinet:return_officer_report": lines(NOBODY_NOW, SIGNERS, SIGNERS, SIGNERS),
    "clerk:commission_officer_report": lines(CLERKS_ONLY, CLERKS_ONLY, CLERKS_ONLY, CLERKS_ONLY),
    "clerk:officer_report": lines(CLERKS_ONLY, NO_SUCH_METHOD, CLERKS_ONLY, NO_SUCH_METHOD),
    "clerk:change_officer_report": lines(CLERKS_ONLY, CLERKS_ONLY, CLERKS_ONLY, CLERKS_ONLY),
    "clerk:record_report_sign_off": lines(CLERKS_NOT_NOW, CLERKS_ONLY, CLERKS_ONLY, CLERKS_ONLY),
    "clerk:move_officer_report": lines(CLERKS_ONLY, CLERKS_ONLY, CLERKS_ONLY, CLERKS_ONLY),
    "clerk:reopen_officer_report": lines(CLERKS_NOT_NOW, CLERKS_ONLY, CLERKS_ONLY, CLERKS_ONLY),
    "clerk:cancel_officer_report": lines(CLERKS_ONLY, CLERKS_DID_IT, CLERKS_ONLY, CLERKS_DID_IT),
    "clerk:remind_officer_report": lines(CLERKS_DID_IT, CLERKS_DID_IT, CLERKS_DID_IT, CLERKS_DID_IT),
}
