"""Forms of data sets: how each is read to documents and questions, and written from them."""

from .beir import read_beir, write_beir
from .item import Flaw, Item
from .records import read_jsonl, write_jsonl
from .squad import read_squad, write_squad

READERS = {"squad": read_squad, "beir": read_beir, "jsonl": read_jsonl}
WRITERS = {"squad": write_squad, "beir": write_beir, "jsonl": write_jsonl}

__all__ = ["READERS", "WRITERS", "Flaw", "Item"]
