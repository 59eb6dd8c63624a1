"""Each change of state as a function: a verb, named as in `models/`.

Each takes `by=` (who does it) and `now=` (when), asks `permissions`, writes the data, the history entry and the
outgoing notifications in one transaction, and raises `Refused` where it may not be done.
"""
