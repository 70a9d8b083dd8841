"""What stands between portals and the server, for `wfc-qa doctor`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from ...config import Settings
from ...doctor import Finding, find
from ...errors import WfcError
from .addresses import is_loopback
from .ledger import Ledger
from .secret import load_secret
from .state import open_state, shown_url

ACCESS = {
    "local": "programs of this machine ask without a key, all others with one",
    "key": "nobody asks without a key",
    "open": "everybody asks without a key",
}


def examine_access(settings: Settings) -> Iterator[Finding]:
    for subject, look in (("access", _access), ("sites", _sites), ("state", _state)):
        yield find(subject, look, settings)


def _access(settings: Settings) -> str:
    keys = Ledger(settings.data_dir).read().keys
    good = sum(not key.revoked for key in keys)
    return f"{settings.api_access}: {ACCESS[settings.api_access]}; {good} key{'s' if good != 1 else ''}"


def _sites(settings: Settings) -> str:
    if not settings.sites:
        return "none: no page may embed the widget"
    load_secret(settings.data_dir)
    known = Ledger(settings.data_dir).read().sites
    for key, site in settings.sites.items():
        plain = [one for one in site.origins if one.startswith("http://") and not is_loopback(one)]
        if plain:
            raise WfcError(
                f"{key} lists {plain[0]}, whose pages anybody on the way can change; serve it by https"
            )
    told = (
        f"{key}{f' ({site.name})' if site.name else ''}{', revoked' if key in known and known[key].revoked else ''}: "
        + ", ".join(site.origins)
        for key, site in settings.sites.items()
    )
    return "; ".join(told)


def _state(settings: Settings) -> str:
    from ..running.team import check_shared

    check_shared(settings)

    async def reach() -> None:
        state = open_state(settings.state_url)
        try:
            await state.check()
        finally:
            await state.aclose()

    asyncio.run(reach())
    shown = shown_url(settings.state_url)
    return f"{shown}: of this process alone" if shown.startswith("memory:") else f"{shown} answers"
