"""Finding out in which encoding a text file was written.

A byte-order mark or valid UTF-8 is certain. Whatever else a spreadsheet program writes is an older
encoding of single bytes, and each of them turns any file into some text: the one counts in which
the words are words, with letters that one language has together. A file of names has too few of
them for statistics; what this leaves open, charset-normalizer decides.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

import charset_normalizer

_MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
_WEST = "äöüß éèêëàâçôîïûùœæ áéíóúñü ãõáéíóúâêôçà æøå äöå òàèéìù áéíóúýþæöð ëïéèöü àçèéíïóòúü"
_CENTRAL = "ąćęłńóśźż áčďéěíňóřšťúůýž áäčďéíĺľňóôŕšťúýž áéíóöőúüű čćđšž ăâîșțşţ"
_RUSSIAN = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
# The encodings that spreadsheet programs write, the likelier ones first: what people call each of
# them, and the letters of the languages written in it.
_ENCODINGS = {
    "cp1252": ("Windows (Western)", _WEST),
    "mac_roman": ("Mac OS (Western)", _WEST),
    "cp1250": ("Windows (Central European)", _CENTRAL),
    "cp1254": ("Windows (Turkish)", "çğıöşüâîû"),
    "cp1257": ("Windows (Baltic)", "āčēģīķļņšūž ąčęėįšųūž äõöüšž"),
    "cp1251": ("Windows (Cyrillic)", f"{_RUSSIAN} абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"),
    "cp1253": ("Windows (Greek)", "αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰ"),
    "cp1255": ("Windows (Hebrew)", "אבגדהוזחטיכלמנסעפצקרשתךםןףץ"),
    "mac_latin2": ("Mac OS (Central European)", _CENTRAL),
    "iso8859_2": ("ISO 8859-2", _CENTRAL),
    "koi8_r": ("KOI8-R", _RUSSIAN),
    "cp850": ("MS-DOS (Western)", _WEST),
}  # fmt: skip
# Languages of few letters of their own that other encodings turn into theirs by chance.
_RARER = {"áéíóúýþæöð": 0.6, "äõöüšž": 0.8}
_APOSTROPHES = "\u2019\u2018·"
_MARKS_IN_TEXT = f"{_APOSTROPHES}“”„«»–—…€•£°©®™¿¡ºª§½\u00a0"
_WORD = re.compile(rb"[^\s;,|\"@]*[\x80-\xff][^\s;,|\"@]*")
_WORDS_AT_MOST = 2000
# So many words more must be words in one encoding than in any other, for it to be certain.
_CLEARLY = 1.5
_SAMPLE = re.compile(r"[^\n\r\t;,|\"]*[^\W\d_]*[^\x00-\x7f][^\n\r\t;,|\"]*")


@dataclass(frozen=True)
class Decoded:
    """A file's text; if its encoding is not certain, what it is called, and one name in it."""

    text: str
    encoding: str = ""
    sample: str = ""

    @property
    def note(self) -> str:
        """Return the sentence that asks people to look whether the encoding is right."""
        if not self.encoding:
            return ""
        return (
            f"The file does not say how its letters are encoded. It is read as {self.encoding}: "
            f"“{self.sample}”. If that looks wrong, save the file as “CSV UTF-8” and try again."
        )


def decode(data: bytes) -> Decoded:
    """Return the text of these bytes: by byte-order mark, as UTF-8, else as what fits best."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return Decoded(data.decode(encoding, errors="replace"))
    # Mostly western text in UTF-16 without a mark has a zero in every second byte.
    sample = data[:4000]
    for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        every_second = sample[offset::2]
        if len(every_second) > 8 and every_second.count(0) > len(every_second) * 0.6:
            return Decoded(data.decode(encoding, errors="replace"))
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _decode_older(data)


def _decode_older(data: bytes) -> Decoded:
    words = list(dict.fromkeys(_WORD.findall(data)))[:_WORDS_AT_MOST]
    fits = {
        encoding: _fit(words, encoding, letters) for encoding, (_, letters) in _ENCODINGS.items()
    }
    fits["utf-8"] = _fit(words, "utf-8", f"{_WEST} {_CENTRAL}")
    best = max(fits, key=lambda encoding: fits[encoding])
    if fits[best] < len(words) / 2 and (other := _most_likely(words)):
        best = other
    text = data.decode(best, errors="replace")
    rivals = [fit for encoding, fit in fits.items() if not _same(words, encoding, best)]
    if best == "cp1252" and fits[best] - max(rivals, default=0) >= _CLEARLY:
        return Decoded(text)
    called = _ENCODINGS.get(best, (best.replace("_", "-").upper(), ""))[0]
    found = _SAMPLE.search(text)
    return Decoded(text, called, " ".join(found[0].split())[:60] if found else "")


def _same(words: list[bytes], one: str, other: str) -> bool:
    return all(w.decode(one, "replace") == w.decode(other, "replace") for w in words)


def _most_likely(words: list[bytes]) -> str:
    """Return what charset-normalizer takes these words for, if anything."""
    found = charset_normalizer.from_bytes(b" ".join(words), threshold=0.5).best()
    return found.encoding if found else ""


def _fit(words: list[bytes], encoding: str, letters: str) -> float:
    """Return how many of these words are words in this encoding, less those that are none."""
    alphabets = {letters: _RARER.get(letters, 1.0) for letters in letters.split()}
    return sum(_of_word(word.decode(encoding, "replace"), alphabets) for word in words)


def _of_word(word: str, alphabets: dict[str, float]) -> float:
    foreign = {sign.lower() for sign in word if not sign.isascii()}
    letters = {sign for sign in foreign if sign.isalpha()}
    if foreign - letters - set(_MARKS_IN_TEXT) or any(
        _is_odd(word, *signs) for signs in zip(f" {word[:-1]}", word, f"{word[1:]} ", strict=True)
    ):
        return -1
    mixed = any(sign > "\u02ff" for sign in letters) and any(
        sign.isascii() and sign.isalpha() for sign in word
    )
    if mixed:  # Cyrillic amid Latin letters, say
        return -1
    if not letters or len(word) == 1:
        return 0.5
    fitting = [weight for alphabet, weight in alphabets.items() if letters <= set(alphabet)]
    # Names begin with capital letters.
    return max(fitting, default=-1.0) * (0.5 if word[:1].islower() and not word.isascii() else 1)


def _is_odd(word: str, before: str, sign: str, after: str) -> bool:
    """Return whether a letter or sign that is not ASCII has neighbors that no word gives it."""
    if sign.isascii():
        return not after.isascii() and sign.islower() and after.isupper()
    if not sign.isalpha():  # amid letters an apostrophe or nothing
        return sign not in _APOSTROPHES and before.isalpha() and after.isalpha()
    if sign.isupper():
        return before.islower() or (before.isalpha() and not word.isupper())
    return sign.islower() and after.isupper()
