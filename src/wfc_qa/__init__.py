"""wfc-qa: answers about a document collection, each sentence with the paragraph that proves it."""

__version__ = "0.1.0"
