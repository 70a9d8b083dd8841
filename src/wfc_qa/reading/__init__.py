"""Files in, Documents with their Paragraphs out: one reader per format behind one interface."""

from .collection import Collection, Problem, read_collection, read_document

__all__ = ["Collection", "Problem", "read_collection", "read_document"]
