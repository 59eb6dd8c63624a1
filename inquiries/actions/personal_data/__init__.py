"""For a person who asks: everything that is kept about them, or its erasure."""

from inquiries.actions.personal_data.erasing import erase_person
from inquiries.actions.personal_data.exporting import export_person
from inquiries.actions.personal_data.weighing import Weighed, check_can_be_erased, weigh

__all__ = ["Weighed", "check_can_be_erased", "erase_person", "export_person", "weigh"]
