"""Is history what it was? Each part is asked for its findings, a sentence each; none where all is well.

`chain` walks the seals, `guards` looks whether the database still refuses to change history, `files` and `words`
compare what is kept and printed with what the history says of it. `models.history_roles` knows who could get round
the database's refusal.
"""

from inquiries.checking_history.chain import Chain, Head, read_heads
from inquiries.checking_history.files import changed_files
from inquiries.checking_history.guards import missing_guards
from inquiries.checking_history.words import changed_words

__all__ = ["Chain", "Head", "changed_files", "changed_words", "missing_guards", "read_heads"]
