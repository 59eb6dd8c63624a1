"""What every role gets at every address: one column for each role, in the order of ROLES."""

ROLES = (
    "public",
    "stranger",
    "officer",
    "other_officer",
    "contributor",
    "cabinet_member",
    "member",
    "chair",
    "other_member",
    "clerk",
)

EVERYBODY = " ".join(["200"] * 10)
NOT_FOUND = " ".join(["404"] * 10)
NO_SUCH_METHOD = " ".join(["405"] * 10)
# The public is led to the sign-in page; to everybody else who is not a clerk these addresses do not exist.
CLERKS_ONLY = "302 404 404 404 404 404 404 404 404 200"
CLERKS_DID_IT = "302 404 404 404 404 404 404 404 404 302"
CLERKS_NOT_NOW = "302 404 404 404 404 404 404 404 404 403"
# Before publication the clerk alone reads it; then everybody who may.
NOT_YET = "404 404 404 404 404 404 404 404 404 200"
EXEMPT = {"collecting": NOT_YET, "published": "404 404 404 404 404 200 200 200 404 200"}

#    pub str off oth con cab mem cha otm cle
TABLE = {
    "account_login": {
        "collecting get": "200 302 302 302 302 302 302 302 302 302",
        "collecting post": "200 302 302 302 302 302 302 302 302 302",
        "published get": "200 302 302 302 302 302 302 302 302 302",
        "published post": "200 302 302 302 302 302 302 302 302 302",
    },
    "account_request_login_code": {
        "collecting get": "200 302 302 302 302 302 302 302 302 302",
        "collecting post": "200 302 302 302 302 302 302 302 302 302",
        "published get": "200 302 302 302 302 302 302 302 302 302",
        "published post": "200 302 302 302 302 302 302 302 302 302",
    },
    "account_confirm_login_code": {
        "collecting get": "302 302 302 302 302 302 302 302 302 302",
        "collecting post": "302 302 302 302 302 302 302 302 302 302",
        "published get": "302 302 302 302 302 302 302 302 302 302",
        "published post": "302 302 302 302 302 302 302 302 302 302",
    },
    "account_logout": {
        "collecting get": "302 200 200 200 200 200 200 200 200 200",
        "collecting post": "302 302 302 302 302 302 302 302 302 302",
        "published get": "302 200 200 200 200 200 200 200 200 200",
        "published post": "302 302 302 302 302 302 302 302 302 302",
    },
    "account_inactive": {
        "collecting get": EVERYBODY,
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    **{
        f"public:{name}": {
            "collecting get": EVERYBODY,
            "collecting post": NO_SUCH_METHOD,
            "published get": EVERYBODY,
            "published post": NO_SUCH_METHOD,
        }
        for name in ("accessibility", "privacy", "cookies", "contact", "help")
    },
    "public:home": {
        "collecting get": EVERYBODY,
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    "public:committees": {
        "collecting get": EVERYBODY,
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    "public:committee": {
        "collecting get": EVERYBODY,
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    "public:tracker": {
        "collecting get": EVERYBODY,
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    "public:tracker_file": {
        "collecting get": EVERYBODY,
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    **{
        name: {
            "collecting get": EVERYBODY,
            "collecting post": NO_SUCH_METHOD,
            "published get": EVERYBODY,
            "published post": NO_SUCH_METHOD,
        }
        for name in ("public:forward_plan", "public:forward_plan_calendar")
    },
    "public:inquiries": {
        "collecting get": EVERYBODY,
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    "public:inquiry": {
        "collecting get": "404 404 200 200 200 200 404 404 404 200",
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    "public:inquiry_file": {
        "collecting get": NOT_FOUND,
        "collecting post": NO_SUCH_METHOD,
        "published get": NOT_FOUND,
        "published post": NO_SUCH_METHOD,
    },
    "public:report": {
        "collecting get": "404 404 200 200 200 200 404 404 404 200",
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    "public:report_export": {
        "collecting get": "404 404 200 200 200 200 404 404 404 200",
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    "public:edition": {
        "collecting get": NOT_FOUND,
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    "public:edition_export": {
        "collecting get": NOT_FOUND,
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    "public:recommendation": {
        "collecting get": "404 404 200 200 200 200 404 404 404 200",
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    "officer:update": {
        "collecting get": "302 404 200 404 200 200 404 404 404 200",
        "collecting post": "302 404 200 404 200 403 404 404 404 200",
        "published get": "302 404 200 404 200 200 404 404 404 200",
        "published post": "302 404 403 404 403 403 404 404 404 403",
    },
    "officer:more_time": {
        "collecting get": "302 404 200 404 200 403 404 404 404 200",
        "collecting post": "302 404 200 404 200 403 404 404 404 200",
        "published get": "302 404 403 404 403 403 404 404 404 403",
        "published post": "302 404 200 404 200 403 404 404 404 200",
    },
    "officer:autosave": {
        "collecting get": NO_SUCH_METHOD,
        "collecting post": "401 404 400 404 400 403 404 404 404 400",
        "published get": NO_SUCH_METHOD,
        "published post": "401 404 403 404 403 403 404 404 404 403",
    },
    "officer:search_people": {
        "collecting get": "302 403 200 200 403 403 403 403 403 200",
        "collecting post": NO_SUCH_METHOD,
        "published get": "302 403 200 200 403 403 403 403 403 200",
        "published post": NO_SUCH_METHOD,
    },
    "cabinet:sign_off": {
        "collecting get": "302 404 404 404 404 200 404 404 404 200",
        "collecting post": "302 404 404 404 404 403 404 404 404 403",
        "published get": "302 404 404 404 404 200 404 404 404 200",
        "published post": "302 404 404 404 404 302 404 404 404 403",
    },
    "cabinet:return_update": {
        "collecting get": "302 404 404 404 404 403 404 404 404 403",
        "collecting post": "302 404 404 404 404 200 404 404 404 403",
        "published get": "302 404 404 404 404 403 404 404 404 403",
        "published post": "302 404 404 404 404 200 404 404 404 403",
    },
    "committee:assess": {
        "collecting get": "302 404 403 403 403 403 404 404 404 200",
        "collecting post": "302 404 403 403 403 403 404 404 404 403",
        "published get": "302 403 403 403 403 403 200 200 403 200",
        "published post": "302 403 403 403 403 403 302 302 403 302",
    },
    "committee:autosave": {
        "collecting get": NO_SUCH_METHOD,
        "collecting post": "401 404 403 403 403 403 404 404 404 403",
        "published get": NO_SUCH_METHOD,
        "published post": "401 403 403 403 403 403 200 200 403 200",
    },
    "committee:indicate": {
        "collecting get": "302 404 403 403 403 403 404 404 404 403",
        "collecting post": "302 404 403 403 403 403 404 404 404 403",
        "published get": "302 403 403 403 403 403 200 200 403 403",
        "published post": "302 403 403 403 403 403 302 302 403 403",
    },
    "committee:autosave_own": {
        "collecting get": NO_SUCH_METHOD,
        "collecting post": "401 404 403 403 403 403 404 404 404 403",
        "published get": NO_SUCH_METHOD,
        "published post": "401 403 403 403 403 403 200 200 403 403",
    },
    "committee:offline_agenda": {
        "collecting get": "302 404 403 403 403 403 404 404 404 200",
        "collecting post": NO_SUCH_METHOD,
        "published get": "302 403 403 403 403 403 200 200 403 200",
        "published post": NO_SUCH_METHOD,
    },
    "committee:offline_paper": {
        "collecting get": "302 404 403 403 403 403 404 404 404 404",
        "collecting post": NO_SUCH_METHOD,
        # The restricted pack. The public one: test_paper_to_keep_is_a_published_pack_of_the_meeting.
        "published get": "302 403 403 403 403 403 404 404 403 404",
        "published post": NO_SUCH_METHOD,
    },
    "committee:confirm": {
        "collecting get": "302 404 403 403 403 403 404 404 404 403",
        "collecting post": "302 404 403 403 403 403 404 404 404 403",
        # Not before the meeting has begun: test_who_confirms_once_the_meeting_has_begun.
        "published get": "302 403 403 403 403 403 403 403 403 403",
        "published post": "302 403 403 403 403 403 403 403 403 403",
    },
    "clerk:import_upload": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    "clerk:import_preview": {
        "collecting get": CLERKS_ONLY,
        "collecting post": "302 404 404 404 404 404 404 404 404 409",
        "published get": CLERKS_ONLY,
        "published post": "302 404 404 404 404 404 404 404 404 409",
    },
    "clerk:publish_inquiry": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_DID_IT,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_DID_IT,
    },
    "clerk:withdraw_inquiry": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    "clerk:commission": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    **{
        name: {
            "collecting get": CLERKS_ONLY,
            "collecting post": CLERKS_ONLY,
            "published get": CLERKS_ONLY,
            "published post": CLERKS_ONLY,
        }
        for name in ("clerk:board", "clerk:commission_meeting")
    },
    "clerk:manage": {
        "collecting get": CLERKS_ONLY,
        "collecting post": NO_SUCH_METHOD,
        "published get": CLERKS_ONLY,
        "published post": NO_SUCH_METHOD,
    },
    "clerk:reschedule": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_NOT_NOW,
        "published post": CLERKS_ONLY,
    },
    **{
        f"clerk:{name}": {
            "collecting get": CLERKS_NOT_NOW,
            "collecting post": CLERKS_ONLY,
            "published get": CLERKS_NOT_NOW,
            "published post": CLERKS_ONLY,
        }
        for name in ("write_letter",)
    },
    "clerk:letter": {
        "collecting get": CLERKS_ONLY,
        "collecting post": NO_SUCH_METHOD,
        "published get": CLERKS_ONLY,
        "published post": NO_SUCH_METHOD,
    },
    **{
        f"clerk:{name}": dict.fromkeys(
            ("collecting get", "collecting post", "published get", "published post"), CLERKS_ONLY
        )
        for name in ("publish_no_response", "withdraw_no_response")
    },
    "clerk:decide_more_time": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    "clerk:close_updates": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_DID_IT,
        "published get": CLERKS_NOT_NOW,
        "published post": CLERKS_ONLY,
    },
    "clerk:record_sign_off": {
        "collecting get": CLERKS_NOT_NOW,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_NOT_NOW,
        "published post": CLERKS_ONLY,
    },
    "clerk:publish": {
        "collecting get": CLERKS_NOT_NOW,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_NOT_NOW,
        "published post": CLERKS_ONLY,
    },
    "clerk:reopen": {
        "collecting get": CLERKS_NOT_NOW,
        "collecting post": CLERKS_NOT_NOW,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    "clerk:change_recommendations": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    "clerk:reword_recommendation": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    "clerk:end_recommendation": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    # Its meeting has not begun.
    "clerk:end_recommendations": {
        "collecting get": CLERKS_NOT_NOW,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_NOT_NOW,
        "published post": CLERKS_ONLY,
    },
    "clerk:resume_recommendation": {
        "collecting get": CLERKS_NOT_NOW,
        "collecting post": CLERKS_NOT_NOW,
        "published get": CLERKS_NOT_NOW,
        "published post": CLERKS_NOT_NOW,
    },
    "clerk:change_target_date": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    "public:meetings": {
        "collecting get": EVERYBODY,
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    "public:meeting": {
        "collecting get": EVERYBODY,
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    "public:calendar": {
        "collecting get": EVERYBODY,
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    "public:pack": {
        "collecting get": NOT_YET,
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    "public:pack_for_screen": {
        "collecting get": NOT_YET,
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    "public:paper": {
        "collecting get": NOT_YET,
        "collecting post": NO_SUCH_METHOD,
        "published get": EVERYBODY,
        "published post": NO_SUCH_METHOD,
    },
    "clerk:call_meeting": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    "clerk:agenda": {
        "collecting get": CLERKS_ONLY,
        "collecting post": NO_SUCH_METHOD,
        "published get": CLERKS_ONLY,
        "published post": NO_SUCH_METHOD,
    },
    "clerk:change_meeting": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    "clerk:cancel_meeting": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    "clerk:add_item": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    "clerk:change_item": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    "clerk:move_item": {
        "collecting get": CLERKS_DID_IT,
        "collecting post": CLERKS_DID_IT,
        "published get": CLERKS_DID_IT,
        "published post": CLERKS_DID_IT,
    },
    "clerk:remove_item": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_DID_IT,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_DID_IT,
    },
    "clerk:add_paper": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    "clerk:change_paper": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    "clerk:replace_paper": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    "clerk:move_paper": {
        "collecting get": CLERKS_DID_IT,
        "collecting post": CLERKS_DID_IT,
        "published get": CLERKS_DID_IT,
        "published post": CLERKS_DID_IT,
    },
    "clerk:remove_paper": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_DID_IT,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_DID_IT,
    },
    "clerk:pack": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_DID_IT,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_DID_IT,
    },
    "clerk:build_pack": {
        "collecting get": CLERKS_DID_IT,
        "collecting post": CLERKS_DID_IT,
        "published get": CLERKS_DID_IT,
        "published post": CLERKS_DID_IT,
    },
    "clerk:pack_progress": {
        "collecting get": CLERKS_ONLY,
        "collecting post": NO_SUCH_METHOD,
        "published get": CLERKS_ONLY,
        "published post": NO_SUCH_METHOD,
    },
    "clerk:check_pack": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    "clerk:clear_words": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    "clerk:publish_pack": {
        "collecting get": CLERKS_ONLY,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
    "clerk:unplan_pack": {
        "collecting get": CLERKS_NOT_NOW,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_NOT_NOW,
        "published post": CLERKS_ONLY,
    },
    "clerk:front_sheet": {
        "collecting get": CLERKS_ONLY,
        "collecting post": NO_SUCH_METHOD,
        "published get": CLERKS_ONLY,
        "published post": NO_SUCH_METHOD,
    },
    "clerk:reprint_item": {
        "collecting get": CLERKS_ONLY,
        "collecting post": NO_SUCH_METHOD,
        "published get": CLERKS_ONLY,
        "published post": NO_SUCH_METHOD,
    },
    "clerk:withdraw_pack": {
        "collecting get": CLERKS_NOT_NOW,
        "collecting post": CLERKS_ONLY,
        "published get": CLERKS_ONLY,
        "published post": CLERKS_ONLY,
    },
}

# Those whose `pk` is that of a meeting.
OF_A_MEETING = {
    name
    for name in TABLE
    if name in ("public:meeting", "public:pack", "public:pack_for_screen", "public:paper")
    or name.partition(":")[2]
    in (
        "agenda",
        "change_meeting",
        "cancel_meeting",
        "add_item",
        "change_item",
        "move_item",
        "remove_item",
        "add_paper",
        "change_paper",
        "replace_paper",
        "move_paper",
        "remove_paper",
        "pack",
        "build_pack",
        "pack_progress",
        "check_pack",
        "clear_words",
        "publish_pack",
        "unplan_pack",
        "front_sheet",
        "reprint_item",
        "withdraw_pack",
    )
}
