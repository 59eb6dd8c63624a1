"""Import of people, export and erasure: what every role gets (columns as in tests/access_table.py)."""

TABLE: dict[str, dict[str, str]] = {}

# What stands for the parts of an address where their name alone does not say it (see tests/test_access.py).
OWN: dict[str, dict[str, str]] = {}
