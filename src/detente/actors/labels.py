"""Labels to comparable keys: what may differ between two spellings of one label, and nothing more."""

from __future__ import annotations

import re
import unicodedata

# Letters that Unicode does not take apart into a base letter and an accent.
_WHOLE_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe"})
_GAPS = re.compile(r"[\W_]+")
_IDLE_WORDS = {"the"}
_SPELLED_OUT = {"st": "saint", "ste": "sainte", "rep": "republic", "dem": "democratic", "fed": "federal"}


def key_of(label: str, scheme: str = "name") -> str:
    """The form in which labels of a scheme are compared.

    Names lose case, accents, punctuation, the article and a leading "Government of"; a few fixed abbreviations are
    written out. Codes lose case and surrounding blanks, numbers their leading zeros. No letter is exchanged: a misspelt
    name stays unknown.
    """
    return name_key(label) if scheme in ("name", "ucdp", "historian") else code_key(label)


def name_key(label: str) -> str:
    """The comparable form of a name."""
    plain = label.casefold().replace("&", " and ")
    if not plain.isascii():
        letters = unicodedata.normalize("NFKD", plain.translate(_WHOLE_LETTERS))
        plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = [_SPELLED_OUT.get(word, word) for word in _GAPS.split(plain) if word and word not in _IDLE_WORDS]
    return " ".join(words).removeprefix("government of ")


def code_key(label: str) -> str:
    """The comparable form of a code."""
    code = label.strip().upper()
    return str(int(code)) if code.isascii() and code.isdigit() else code
