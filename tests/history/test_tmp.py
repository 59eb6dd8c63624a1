import pytest
from django.core.management import call_command
from inquiries.check_history import changed_records, changed_files
pytestmark = pytest.mark.django_db(transaction=True)
def test_everything(everything):
    found = list(changed_records()) + list(changed_files())
    print("\n".join(found))
    assert not found
def test_demo(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.DEMONSTRATION = True
    call_command("load_demonstration")
    found = list(changed_records()) + list(changed_files())
    print("\n".join(found))
    assert not found
