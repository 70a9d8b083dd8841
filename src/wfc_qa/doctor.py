"""What stands between a user and an answer, each with its mend."""

from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .config import Settings
from .errors import WfcError

FREE_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """``message`` says how it is; where not ``well``, how to mend it."""

    subject: str
    well: bool
    message: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Findings, cheap ones first."""
    for subject, look in (
        ("python", _python),
        ("disk", _disk),
        ("documents", _documents),
        ("calibration", _calibration),
        ("model", _model),
        ("llm", _llm),
        ("dictionary", _dictionary),
        ("index", _index),
        ("answers", _answers),
        ("port", _port),
    ):
        yield find(subject, look, settings)


def find(subject: str, look: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(subject, True, look(settings))
    except WfcError as error:
        return Finding(subject, False, " ".join(str(error).split()))
    except OSError as error:
        cause = f"{error.filename or subject}: {error.strerror or error}"
        return Finding(subject, False, f"{cause}; mend the rights of that path, or set another")


def _python(_: Settings) -> str:
    return f"{sys.version.split()[0]} on {sys.platform}"


def _disk(settings: Settings) -> str:
    place = settings.cache_dir
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < FREE_BYTES:
        raise WfcError(f"{free / 1e9:.1f} GB free at {place}; free some, or set cache_dir to another disk")
    return f"{free / 1e9:.1f} GB free at {place}"


def _documents(settings: Settings) -> str:
    from .reading.collection import read_collection

    collection = read_collection(settings.documents_dir)
    if collection.problems:
        raise WfcError("; ".join(problem.message for problem in collection.problems))
    return f"{len(collection.documents)} in {settings.documents_dir}"


def _calibration(settings: Settings) -> str:
    from .answering.prompts import load_prompts
    from .answering.wording import load_wording
    from .calibration import load_calibration

    load_wording(settings.prompts_dir)
    load_prompts(settings.prompts_dir)
    fitted = load_calibration(settings.calibration_file).questions
    return "fitted on " + ", ".join(f"{name} {digest[:12]}" for name, digest in fitted.items())


def _model(settings: Settings) -> str:
    from .adapters.encoders import open_encoder, verify_model

    verify_model(settings)
    return open_encoder(settings).model_id


def _llm(settings: Settings) -> str:
    from .adapters.llms import check_language_model

    return check_language_model(settings)


def _dictionary(settings: Settings) -> str:
    from .adapters.cedict import open_dictionary

    dictionary = open_dictionary(settings.cache_dir)
    dictionary.check()
    dictionary.close()
    return "CC-CEDICT is whole"


def _index(settings: Settings) -> str:
    from .indexing.generation import generation_folder, open_generation

    generation = open_generation(generation_folder(settings.index_dir), deep=True)
    generation.close()
    return (
        f"generation {generation.manifest.generation}, {generation.manifest.counts['paragraphs']} paragraphs"
    )


def _answers(settings: Settings) -> str:
    from .engine import open_engine
    from .reading.collection import read_collection

    engine = open_engine(settings)
    indexed = dict(engine.generation.manifest.documents)
    model, fitted_on = engine.encoder.model_id, engine.calibration.model
    engine.close()
    if model != fitted_on:
        raise WfcError(
            f"weights and thresholds were fitted on {fitted_on}, not on {model}; run `wfc-qa eval fit`"
        )
    folder = settings.documents_dir
    present = {d.doc_id: d.sha256 for d in read_collection(folder).documents}
    told = "model, index and settings belong together"
    if present == indexed:
        return f"{told}; documents are unchanged"
    if not present.keys().isdisjoint(indexed):
        raise WfcError("the documents have changed since the index was built; run `wfc-qa index build`")
    if "documents_dir" in settings.model_fields_set:
        raise WfcError(
            f"the index holds none of {folder}; run `wfc-qa index build`, or name its own folder with --documents"
        )
    # The default folder is nobody's word that this index should hold it.
    return f"{told}; the index is of another collection than {folder}: compare it with --documents"


def _port(settings: Settings) -> str:
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise WfcError(
            f"{settings.host}:{settings.port} cannot be used ({error.strerror}); choose another port or host"
        ) from error
    return f"{settings.host}:{settings.port} is free"
