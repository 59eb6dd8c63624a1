"""The secret key is changed: with the old one beside it nobody has to sign in again or set up their app anew."""

import pytest

from inquiries.accounts.adapters import FactorAdapter

NEW = "another secret key, which is random and long enough to be one"


@pytest.fixture
def changed_key(settings):
    """A function that changes the secret key, with or without keeping the old one beside it."""

    def change(*, keep):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if keep else []
        settings.SECRET_KEY = NEW

    return change


@pytest.mark.parametrize(("keep", "status"), [(True, 200), (False, 302)])
def test_sessions_go_on_while_the_old_key_is_kept(keep, status, client, clerk, changed_key):
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    changed_key(keep=keep)
    assert client.get("/clerk/people/").status_code == status


def test_second_factors_can_be_read_while_the_old_key_is_kept(changed_key):
    kept = FactorAdapter().encrypt("JBSWY3DPEHPK3PXP")
    changed_key(keep=True)
    assert FactorAdapter().decrypt(kept) == "JBSWY3DPEHPK3PXP"


def test_without_the_old_key_they_fit_no_code_and_the_log_says_so(changed_key, caplog):
    caplog.set_level("INFO", "scrutiny.security")
    kept = FactorAdapter().encrypt("JBSWY3DPEHPK3PXP")
    changed_key(keep=False)
    assert FactorAdapter().decrypt(kept) != "JBSWY3DPEHPK3PXP"
    assert [record.getMessage() for record in caplog.records] == ["second_factor_unreadable person=nobody"]
