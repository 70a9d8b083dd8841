"""The settings of the server: where it listens, who may ask, and how much at once."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from ..errors import ConfigError
from .core import TOML, CoreSettings
from .sites import Site, check_sites

SECRET = "WFC_QA_SECRET"  # noqa: S105  (its name, not its value)
UNITS = "second|minute|hour|day"
LIMIT = rf"^[1-9][0-9]{{0,8}}/({UNITS})(;[1-9][0-9]{{0,8}}/({UNITS}))*$"


def _limit(meaning: str) -> Any:
    return Field(pattern=LIMIT, description=f"{meaning}, such as 60/minute;1000/day")


class ServerSettings(CoreSettings):
    """What the server does beside answering; frozen once made."""

    host: Annotated[str, Field(description="address the server listens on")] = "127.0.0.1"
    port: Annotated[
        int, Field(ge=0, le=65535, description="port the server listens on; 0 takes a free one")
    ] = 7860
    root_path: Annotated[
        str, Field(description="path prefix behind a reverse proxy, such as /qa", pattern=r"^(/[\w.~-]+)*$")
    ] = ""

    sites: Annotated[
        dict[str, Site],
        Field(description="portals that may embed the widget, by site key; none may unless it stands here"),
    ] = {}  # noqa: RUF012  (pydantic copies it)
    api_access: Annotated[
        Literal["local", "key", "open"],
        Field(
            description="who may use the API without a key: 'local' this machine's own programs, 'key' nobody, "
            "'open' everybody"
        ),
    ] = "local"
    state_url: Annotated[
        str,
        Field(
            description="where limits, used tickets and streams are kept: memory://, or redis://host:port/0 "
            "for several processes",
            pattern=r"^(memory://|rediss?://.+)$",
        ),
    ] = "memory://"
    limit_address: Annotated[str, _limit("requests of each kind that an address may make without a key")] = (
        "120/minute"
    )
    limit_session: Annotated[str, _limit("requests of each kind that a session of the widget may make")] = (
        "30/minute"
    )
    limit_site: Annotated[
        str, _limit("requests of each kind that all sessions of a site may make together")
    ] = "1200/minute"
    limit_key: Annotated[str, _limit("requests of each kind that an API key may make")] = "600/minute"
    limit_feedback: Annotated[str, _limit("verdicts on answers that an address may send")] = (
        "20/minute;300/day"
    )
    concurrent_answers: Annotated[
        int, Field(ge=0, le=1000, description="answers made at once in a process; 0 takes as many as cores")
    ] = 0
    waiting_answers: Annotated[
        int, Field(ge=0, le=100_000, description="questions that may wait their turn in a process")
    ] = 200
    trusted_proxies: Annotated[
        tuple[str, ...],
        Field(description="addresses or networks of proxies whose X-Forwarded-For or Forwarded is believed"),
    ] = ("127.0.0.1", "::1")
    ticket_s: Annotated[
        int, Field(ge=5, le=600, description="seconds in which a ticket to open the widget is used or lost")
    ] = 60
    session_s: Annotated[
        int, Field(ge=60, le=86_400, description="seconds a session of the widget lasts before it asks anew")
    ] = 1800

    @model_validator(mode="before")
    @classmethod
    def _keep_the_secret_out(cls, given: Any) -> Any:
        if isinstance(given, dict) and "secret" in given:
            raise ConfigError(
                f"the signing secret does not belong in {TOML}; remove it there and set {SECRET} in the environment"
            )
        return given

    @field_validator("sites", mode="after")
    @classmethod
    def _sites_are_exact(cls, sites: dict[str, Site]) -> dict[str, Site]:
        check_sites(sites)
        return sites

    @field_validator("trusted_proxies", mode="after")
    @classmethod
    def _proxies_are_networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in proxies:
            try:
                ip_network(proxy)
            except ValueError:
                raise ConfigError(
                    f"trusted_proxies holds {proxy!r}; write an address or a network, such as 10.0.0.0/8"
                ) from None
        return proxies
