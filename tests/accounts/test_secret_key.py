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
def test_sessions_outlast_key(keep, status, client, clerk, changed_key):
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    changed_key(keep=keep)
    assert client.get("/clerk/people/").status_code == status


def test_decrypts_with_the_old_key(changed_key):
    kept = FactorAdapter().encrypt("JBSWY3DPEHPK3PXP")
    changed_key(keep=True)
    assert FactorAdapter().decrypt(kept) == "JBSWY3DPEHPK3PXP"


def test_logs_unreadable_secret(changed_key, caplog):
    caplog.set_level("INFO", "scrutiny.security")
    kept = FactorAdapter().encrypt("JBSWY3DPEHPK3PXP")
    changed_key(keep=False)
    assert FactorAdapter().decrypt(kept) != "JBSWY3DPEHPK3PXP"
    assert [record.getMessage() for record in caplog.records] == ["second_factor_unreadable person=nobody"]
