"""Where a clerk records an inquiry: as in `access_table.py`."""

from tests.access_table import CLERKS_NOT_NOW, CLERKS_ONLY, NO_SUCH_METHOD

READ = {"get": CLERKS_ONLY, "post": NO_SUCH_METHOD}
FORM = {"get": CLERKS_ONLY, "post": CLERKS_ONLY}
# The inquiry has been commissioned: what is recorded of it stays.
TOO_LATE = {"get": CLERKS_NOT_NOW, "post": CLERKS_ONLY}

AUTOSAVE = {"get": NO_SUCH_METHOD, "post": "401 404 404 404 404 404 404 404 404 400"}

METHODS = {
    "clerk:autosave_recommendations": AUTOSAVE,
    "clerk:autosave_responses": AUTOSAVE,
    "public:add_inquiry": FORM,
    "clerk:record_inquiry": READ,
    "clerk:change_inquiry": FORM,
    "clerk:recommendations": FORM,
    "clerk:add_recommendations": FORM,
    "clerk:responses": FORM,
    "clerk:add_responses": FORM,
    "clerk:check_inquiry": READ,
    "clerk:delete_inquiry": TOO_LATE,
    "clerk:correct_recommendation": TOO_LATE,
    "clerk:delete_recommendation": TOO_LATE,
    "clerk:correct_response": FORM,
    "clerk:correct_responses": FORM,
    "clerk:remove_response": FORM,
}
TABLE = {
    name: {f"{state} {method}": line for state in ("collecting", "published") for method, line in lines.items()}
    for name, lines in METHODS.items()
}
OWN = {
    "clerk:correct_recommendation": {"pk": "recommendation"},
    "clerk:delete_recommendation": {"pk": "recommendation"},
    "clerk:correct_response": {"pk": "response"},
    "clerk:remove_response": {"pk": "response"},
}
