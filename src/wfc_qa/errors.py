"""What callers catch: every message is one line that names the cause and the mend."""

from __future__ import annotations


class WfcError(Exception):
    """Anything a user can mend. Commands print it and exit with 2; HTTP answers ``status``."""

    status = 400
    # Names the problem where its status does not.
    slug = ""


class ConfigError(WfcError):
    """A setting that cannot be used."""


class DocumentError(WfcError):
    """A document that cannot be read."""


class QuestionError(WfcError):
    """A question that cannot be asked: empty, too long, or without a word in it."""

    status = 422
    slug = "question-refused"


class NotFoundError(WfcError):
    """A document or paragraph the collection does not hold."""

    status = 404


class ModelError(WfcError):
    """An embedding or language model that is missing, damaged, of the wrong kind or silent."""

    status = 503


class IndexMissingError(WfcError):
    """No generation of the index to serve from."""

    status = 503


class IndexMismatchError(WfcError):
    """The index was built with another model or other settings than those asked for."""

    status = 503


class IndexCorruptError(WfcError):
    """A generation whose files are not what its manifest says."""

    status = 503


class StorageError(WfcError):
    """The disk is full or not writable; nothing was half-written."""

    status = 507
