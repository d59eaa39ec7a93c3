"""Finding out in which encoding a text file was written.

A byte-order mark or valid UTF-8 is certain. Whatever else a spreadsheet program writes is an older
encoding of single bytes, and each of them turns any file into some text: the one counts in which
the words are words, with letters that one language has together. A file of names has too few of
them for statistics; what this leaves open, charset-normalizer decides.
"""

from __future__ import annotations

import codecs
import contextlib
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
    "cp1256": ("Windows (Arabic)", "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي پچژگکی"),
    "mac_latin2": ("Mac OS (Central European)", _CENTRAL),
    "iso8859_2": ("ISO 8859-2", _CENTRAL),
    "koi8_r": ("KOI8-R", _RUSSIAN),
    "cp850": ("MS-DOS (Western)", _WEST),
}  # fmt: skip
# Those with two bytes for a letter: what people call each, and the first bytes of the letters in
# daily use. Of bytes that are others' letters some are always among the rare ones.
_OF_TWO_BYTES = {
    "cp949": ("Korean", range(0xB0, 0xC9)),
    "gb18030": ("simplified Chinese", range(0xB0, 0xD8)),
    "big5": ("traditional Chinese", range(0xA4, 0xC7)),
    "cp932": ("Japanese (Shift JIS)", range(0x82, 0x99)),
    "euc_jp": ("Japanese (EUC)", range(0xA4, 0xD0)),
}
# Languages of few letters of their own that other encodings turn into theirs by chance.
_RARER = {"áéíóúýþæöð": 0.6, "äõöüšž": 0.8}
_APOSTROPHES = "\u2019\u2018·"
_MARKS_IN_TEXT = f"{_APOSTROPHES}“”„«»–—…€•£°©®™¿¡ºª§½\u00a0"
_WORD = re.compile(rb"[^\s;,|\"@]*[\x80-\xff][^\s;,|\"@]*")
_WORDS_AT_MOST = 2000
# So many words more must be words in one encoding than in any other, for it to be certain.
_CLEARLY = 1.5
# What a letter of UTF-8 becomes if it is read as Windows' letters and saved as UTF-8 again.
_INNER = f"[\u0080-\u00bf{bytes(range(0x80, 0xA0)).decode('cp1252', 'ignore')}]"
_TWICE = re.compile(
    f"[\u00c2-\u00df]{_INNER}|[\u00e0-\u00ef]{_INNER}{{2}}|[\u00f0-\u00f4]{_INNER}{{3}}"
)
# So many of a file's letters that are not ASCII must look so.
_MOST = 0.8
_BROKEN = re.compile(r"[^\n\r\t;,|\"]*\ufffd[^\n\r\t;,|\"]*")
_SAMPLE = re.compile(r"[^\n\r\t;,|\"]*[^\W\d_]*[^\x00-\x7f][^\n\r\t;,|\"]*")


@dataclass(frozen=True)
class Decoded:
    """A file's text; if its encoding is not certain, what it is called, and one name in it.

    `was` is how that name stood in a file whose letters had been encoded twice.
    """

    text: str
    encoding: str = ""
    sample: str = ""
    was: str = ""

    @property
    def note(self) -> str:
        """Return the sentence that asks people to look whether the letters are right."""
        if self.was:
            return (
                "Another program has garbled letters of this file before it came here. "
                f"“{self.was}” is read as “{self.sample}”. If that looks wrong, export the file "
                "again where it comes from."
            )
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
        return _once(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _decode_older(data)


def _once(text: str) -> Decoded:
    """Return a text whose letters were encoded twice as it was before."""
    if text.isascii() or not _TWICE.search(text):
        return Decoded(text)
    meant: dict[str, str] = {}
    for found in set(_TWICE.findall(text)):
        with contextlib.suppress(UnicodeError):
            meant[found] = _as_windows(found).decode("utf-8")
    doubled = sum(len(found) for found in _TWICE.findall(text) if found in meant)
    if doubled < _MOST * sum(not sign.isascii() for sign in text):
        return Decoded(text)

    def once(part: str) -> str:
        return _TWICE.sub(lambda found: meant.get(found[0], found[0]), part)

    cells = (cell.strip() for cell in re.split(r"[\r\n;,|\t\"]", text) if _TWICE.search(cell))
    was = next(cell for cell in cells if once(cell) != cell)
    return Decoded(once(text), sample=once(was)[:60], was=was[:60])


def _as_windows(text: str) -> bytes:
    """Return the bytes that Windows' western letters stand for, also those that it leaves open."""
    return b"".join(
        bytes([ord(sign)]) if ord(sign) < 0xA0 else sign.encode("cp1252") for sign in text
    )


def _decode_older(data: bytes) -> Decoded:
    words = list(dict.fromkeys(_WORD.findall(data)))[:_WORDS_AT_MOST]
    fits = {
        encoding: _fit(words, encoding, letters) for encoding, (_, letters) in _ENCODINGS.items()
    }
    fits["utf-8"] = _fit(words, "utf-8", f"{_WEST} {_CENTRAL}")
    fits |= {encoding: _fit_of_two_bytes(data, encoding) for encoding in _OF_TWO_BYTES}
    best = max(fits, key=lambda encoding: fits[encoding])
    if sum(_is_utf_8(word) for word in words) > len(words) / 2:
        best = "utf-8"
    elif fits[best] < len(words) / 2 and (other := _most_likely(words)):
        best = other
    text = data.decode(best, errors="replace")
    rivals = [fit for encoding, fit in fits.items() if not _same(words, encoding, best)]
    if best == "cp1252" and fits[best] - max(rivals, default=0) >= _CLEARLY:
        return Decoded(text)
    known = {encoding: called for encoding, (called, _) in (_ENCODINGS | _OF_TWO_BYTES).items()}
    called = known.get(best, best.replace("_", "-").upper())
    found = _BROKEN.search(text) or _SAMPLE.search(text)
    return Decoded(text, called, " ".join(found[0].split())[:60] if found else "")


def _is_utf_8(word: bytes) -> bool:
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True


def _same(words: list[bytes], one: str, other: str) -> bool:
    return all(w.decode(one, "replace") == w.decode(other, "replace") for w in words)


def _most_likely(words: list[bytes]) -> str:
    """Return what charset-normalizer takes these words for, if anything."""
    found = charset_normalizer.from_bytes(b" ".join(words), threshold=0.5).best()
    return found.encoding if found else ""


def _fit(words: list[bytes], encoding: str, letters: str) -> float:
    """Return how many of these words are words in this encoding, less those that are none."""
    alphabets = {letters: _RARER.get(letters, 1.0) for letters in letters.split()}
    texts = [word.decode(encoding, "replace") for word in words]
    # Between two encodings that fit equally well the words of one language decide.
    in_one = max(sum(_is_of(text, alphabet) for text in texts) for alphabet in alphabets)
    return sum(_of_word(text, alphabets) for text in texts) + in_one / len(texts) / 4


def _fit_of_two_bytes(data: bytes, encoding: str) -> float:
    """Return how many words are words in this encoding of two bytes a letter."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return -1
    common = _OF_TWO_BYTES[encoding][1]
    words = [w for w in dict.fromkeys(re.split(r"[\s;,|\"@]+", text)) if not w.isascii()]
    return sum(
        1 if all(sign.isascii() or sign.encode(encoding)[0] in common for sign in word) else -1
        for word in words[:_WORDS_AT_MOST]
    )


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


def _is_of(word: str, alphabet: str) -> bool:
    return all(sign.isascii() or sign.lower() in alphabet for sign in word)


def _is_odd(word: str, before: str, sign: str, after: str) -> bool:
    """Return whether a letter or sign that is not ASCII has neighbors that no word gives it."""
    if sign.isascii():
        return not after.isascii() and sign.islower() and after.isupper()
    if not sign.isalpha():  # amid letters an apostrophe or nothing
        return sign not in _APOSTROPHES and before.isalpha() and after.isalpha()
    if sign.isupper():
        return before.islower() or (before.isalpha() and not word.isupper())
    return sign.islower() and after.isupper()
