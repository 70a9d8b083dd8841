"""The commands that say who may come in: `wfc-qa site` and `wfc-qa key`."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from .options import read_settings

if TYPE_CHECKING:
    from ..serving.access.ledger import ApiKey

site_app = typer.Typer(
    no_args_is_help=True, help="List, revoke and restore the portals that may embed the widget."
)
key_app = typer.Typer(no_args_is_help=True, help="Make, list and revoke the API's keys.")

SiteKey = Annotated[str, typer.Argument(help="The site's key, as in wfc_qa.toml.")]
Named = Annotated[str, typer.Argument(help="The key's name.")]


class For(StrEnum):
    """The scopes, known before anything heavy is loaded."""

    ANSWERS = "answers"
    DOCUMENTS = "documents"
    FEEDBACK = "feedback"
    METRICS = "metrics"


@site_app.command("list")
def list_sites() -> None:
    """Every site of the settings, with its origins."""
    from ..serving.access.ledger import Ledger

    settings = read_settings()
    known = Ledger(settings.data_dir).read().sites
    if not settings.sites:
        typer.echo("no site may embed the widget; add [sites.KEY] with origins to wfc_qa.toml")
    for key, site in settings.sites.items():
        word = known.get(key)
        state = "revoked " if word and word.revoked else "may embed"
        typer.echo(f"{key}  {state}  {' '.join(site.origins)}  {site.name}".rstrip())


@site_app.command("revoke")
def revoke_site(site: SiteKey) -> None:
    """Void every ticket and session of a site, and give no more until it is restored."""
    _say(site, revoked=True)
    typer.echo(f"{site} is revoked: its tickets and sessions are void; running servers know within seconds")


@site_app.command("restore")
def restore_site(site: SiteKey) -> None:
    """Let a revoked site embed again; what was given before stays void."""
    _say(site, revoked=False)
    typer.echo(f"{site} may embed again; what it was given before stays void")


def _say(site: str, *, revoked: bool) -> None:
    from ..errors import ConfigError
    from ..serving.access.ledger import Ledger

    settings = read_settings()
    if site not in settings.sites:
        raise ConfigError(f"there is no site {site!r}; `wfc-qa site list` shows those of the settings")
    Ledger(settings.data_dir).say(site, revoked=revoked)


@key_app.command("add")
def add_key(
    name: Named,
    scope: Annotated[list[For], typer.Option("--scope", help="What it is for; repeatable.")],
    expires: Annotated[int | None, typer.Option(min=1, max=36_500, help="Days after which it ends.")] = None,
) -> None:
    """Make a key and print it, this once."""
    from ..serving.access.keys import add_key as add
    from ..serving.access.ledger import Ledger
    from ..serving.access.visitor import Scope

    typer.echo(add(Ledger(read_settings().data_dir), name, [Scope(one) for one in scope], expires))
    typer.echo("keep it now: it is not shown again, and kept here only as a hash", err=True)


@key_app.command("list")
def list_keys() -> None:
    """Every key by name: scopes, state, and when it was last used; never the key."""
    from ..serving.access.ledger import Ledger

    keys = Ledger(read_settings().data_dir).read().keys
    if not keys:
        typer.echo("there is no key; make one with `wfc-qa key add NAME --scope answers`")
    for key in keys:
        scopes, used = ",".join(sorted(key.scopes)), key.last_used or "never"
        typer.echo(f"{key.name}  {_state(key)}  {scopes}  made {key.made}  last used {used}")


@key_app.command("revoke")
def revoke_key(name: Named) -> None:
    """End a key; running servers know within seconds."""
    from ..errors import ConfigError
    from ..serving.access.ledger import Ledger

    if not Ledger(read_settings().data_dir).revoke_key(name):
        raise ConfigError(f"there is no key {name!r}; `wfc-qa key list` shows those there are")
    typer.echo(f"{name} is revoked")


def _state(key: ApiKey) -> str:
    now = datetime.now(UTC)
    if key.revoked:
        return "revoked"
    if key.ends_s is None:
        return "good"
    day = datetime.fromtimestamp(key.ends_s, UTC).date()
    return f"good until {day}" if key.is_good(now.timestamp()) else f"expired {day}"
