"""Which words are English, as a British dictionary has them."""

import io
from functools import lru_cache
from pathlib import Path

from spylls.hunspell import Dictionary, readers
from spylls.hunspell.readers.file_reader import FileReader

DICTIONARY = Path(__file__).parent / "en-GB"


class WholeFile(FileReader):
    """Reads the file at once: the library's own reader leaves it open."""

    def _open(self, path, encoding):
        return io.StringIO(Path(path).read_text(encoding=encoding, errors="surrogateescape"))


@lru_cache
def load_dictionary():
    aff, context = readers.read_aff(WholeFile(DICTIONARY / "en-GB.aff"))
    dic = readers.read_dic(WholeFile(DICTIONARY / "en-GB.dic", encoding=context.encoding), aff=aff, context=context)
    return Dictionary(aff, dic)


@lru_cache(maxsize=20_000)
def is_word(text):
    """Whether `text` (one word, in any case) is in the dictionary: "organisation" does, "themthis" does not."""
    return load_dictionary().lookup(text)
