"""What every test of signing in does: ask for a code, read it from the mail, enter it."""

import re

LOGIN = "/accounts/login/"
CONFIRM = "/accounts/login/code/confirm/"
YOU = "/accounts/you/"


def code_in(mail):
    """The code that a mail holds."""
    return re.search(r"^\s*([A-Z]{4}-[A-Z]{4})\s*$", mail.body, re.MULTILINE).group(1)


def ask_for_code(client, address, **fields):
    """Ask for a code as the sign-in page does."""
    return client.post(LOGIN, {"email": address, **fields})


def enter_code(client, code, **fields):
    """Enter a code as the next page does."""
    return client.post(CONFIRM, {"code": code, **fields})


def sign_in_by_code(client, person, mails, **fields):
    """Sign `person` in by the code that arrives in `mails`; returns the last answer."""
    ask_for_code(client, person.email, **fields)
    return enter_code(client, code_in(mails[-1]), **fields)


def who(client):
    """Whose request the next one of this browser is; None for nobody's."""
    answer = client.get(YOU)
    return answer.context["request"].user if answer.status_code == 200 else None
