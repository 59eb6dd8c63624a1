"""What concerns safety, in the log "scrutiny.security": what happened, and to whose account, by number alone."""

import logging

logger = logging.getLogger("scrutiny.security")


def note(event, person=None, **facts):
    """Write one line, such as `signed_in person=7 by=code`. `facts` are words of ours, never what somebody typed."""
    number = person.pk if person is not None and person.pk else "nobody"
    logger.info(" ".join([event, f"person={number}", *(f"{name}={value}" for name, value in facts.items())]))
