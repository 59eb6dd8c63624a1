"""What a careful clerk would say about an agenda pack before it is published."""

from inquiries.preflight.checks import findings
from inquiries.preflight.finding import Finding
from inquiries.preflight.gathering import gather
from inquiries.preflight.subject import Subject

__all__ = ["Finding", "Subject", "findings", "gather"]
