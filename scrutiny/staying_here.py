"""When the application must be reached from this machine alone, and why: asked before anything listens."""

# What everybody can read in this repository protects nobody.
KNOWN_SECRET = "insecure: for this machine only"  # noqa: S105


def refusal(place, *, demonstration, debug, secret):
    """Why it does not start on `place`, which other machines can reach: a sentence, or nothing where it may.

    `secret` is its own secret key, or nothing.
    """
    if demonstration:
        return (
            f"The demonstration does not start on {place}: in it anybody can sign in as anybody, "
            "so it is for this machine only. Use 127.0.0.1."
        )
    if debug:
        return f"Scrutiny does not start on {place}: debugging pages show secrets. Use 127.0.0.1."
    if secret in ("", KNOWN_SECRET):
        return (
            f"Scrutiny does not start on {place}: without a SCRUTINY_SECRET_KEY of its own anybody can forge "
            "what it signs. Set it, or use 127.0.0.1."
        )
    return ""
