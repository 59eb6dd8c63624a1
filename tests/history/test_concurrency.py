"""Actions at the same moment are sealed one after the other, without a deadlock."""

from threading import Barrier

import pytest
from django.db import transaction

from inquiries.actions import history, progress, records
from inquiries.check_history import Chain
from inquiries.models import Entry, Notification, Person, Seal
from tests.actions.test_packs_at_once import at_once
from tests.cast import NOW, person
from tests.factories import make_report

pytestmark = pytest.mark.django_db(transaction=True)


def sound():
    return list(Chain().findings()) == [] and Seal.objects.count() == Entry.objects.count()


def test_seals_concurrent_entries(committee, clerk):
    def write(number):
        for time in range(20):
            with transaction.atomic():
                history.write("note", committee, f"noted {number} {time}", by=clerk, now=NOW)
                history.write("note", committee, f"noted {number} {time} again", by=clerk, now=NOW)

    assert at_once(*(lambda number=number: write(number) for number in range(6))) == [None] * 6
    assert list(Seal.objects.values_list("position", flat=True)) == list(range(1, 241))
    assert sound()


def test_rollback_leaves_no_gap(committee, clerk):
    def write_or_not(number):
        for time in range(10):
            try:
                with transaction.atomic():
                    history.write("note", committee, f"noted {number} {time}", by=clerk, now=NOW)
                    if time % 2:
                        raise ValueError("Changed my mind.")
            except ValueError:
                pass

    assert at_once(*(lambda number=number: write_or_not(number) for number in range(4))) == [None] * 4
    assert list(Seal.objects.values_list("position", flat=True)) == list(range(1, 21))
    assert sound()


def test_seals_updates_saved_at_once(inquiry, clerk):
    updates = list(make_report(inquiry, clerk).updates.all())

    def write(update):
        for version in range(8):
            progress.save_update(update, version=version, text=f"Words {version}.", by=clerk, now=NOW)

    assert at_once(*(lambda update=update: write(update) for update in updates)) == [None] * 3
    assert Entry.objects.filter(verb="save_update").count() == 24
    assert sound()


def test_locks_rows_before_chain(committee, clerk):
    """One action notifies a person (a foreign key that is looked at when it commits), another changes their address.

    Were the chain locked while the key is looked at, each would wait for the other.
    """
    ivy = person("Ivy Marsh", "ivy@wealdshire.example")
    both_have_written = Barrier(2)

    def tell_her():
        with transaction.atomic():
            history.write("note", committee, "told Ivy", by=clerk, now=NOW)
            _tell(ivy)
            both_have_written.wait()

    def change_her_address():
        with transaction.atomic():
            held = Person.objects.select_for_update().get(pk=ivy.pk)
            held.email = "ivy.marsh@wealdshire.example"
            records.save_record(held, by=clerk, now=NOW)
            both_have_written.wait()

    assert at_once(tell_her, change_her_address) == [None, None]
    assert Person.objects.get(pk=ivy.pk).email == "ivy.marsh@wealdshire.example"
    assert sound()


def _tell(someone):
    Notification.objects.create(recipient=someone, occasion="x", key="x", subject="x", body="x", queued_on=NOW)
