"""Whoever is signed in as a person is signed out."""


def end_sessions(person, *, by, now):
    """Sign the person out everywhere: a session holds a mark of the password, which becomes another one."""
    person.set_unusable_password()
    person.save(update_fields=["password"])
