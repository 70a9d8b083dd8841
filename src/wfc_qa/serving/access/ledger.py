"""What outlives the server: API keys, hashed, and which sites are revoked; in SQLite, beside the feedback."""

from __future__ import annotations

import hmac
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ...errors import StorageError
from .visitor import Scope

DATABASE = "access.sqlite"
VERSION = 1
# How old what a running server knows of keys and revocations may be.
FRESH_S = 1.0
SCHEMA = """
CREATE TABLE keys (
    name TEXT PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    made TEXT NOT NULL,
    ends_s REAL,
    revoked INTEGER NOT NULL DEFAULT 0,
    last_used TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE sites (site TEXT PRIMARY KEY, revoked INTEGER NOT NULL, since_s REAL NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """``digest`` is SHA-256 of the key; ``ends_s`` Unix seconds; ``made`` and ``last_used`` are days, UTC."""

    name: str
    digest: bytes
    scopes: frozenset[Scope]
    made: str
    ends_s: float | None = None
    revoked: bool = False
    last_used: str = ""

    def is_good(self, now_s: float) -> bool:
        return not self.revoked and (self.ends_s is None or now_s < self.ends_s)


@dataclass(frozen=True, slots=True)
class SiteWord:
    """The last word on a site: what was given until ``since_s`` is void, and all is while it is ``revoked``."""

    revoked: bool
    since_s: float


@dataclass(frozen=True, slots=True)
class Known:
    """Everything in the ledger, as read at one moment."""

    keys: tuple[ApiKey, ...] = ()
    sites: Mapping[str, SiteWord] = field(default_factory=dict)

    def find(self, digest: bytes) -> ApiKey | None:
        """The key with ``digest``; every one is compared, each in constant time."""
        found = [key for key in self.keys if hmac.compare_digest(key.digest, digest)]
        return found[0] if found else None

    def allows(self, site: str, given_s: float) -> bool:
        word = self.sites.get(site)
        return word is None or (not word.revoked and given_s > word.since_s)


class Ledger:
    """One SQLite file; any process may write, and readers see it within ``FRESH_S``. Raises StorageError."""

    def __init__(self, data_dir: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = data_dir / DATABASE
        self._clock = clock
        self._known = Known()
        self._read_s = float("-inf")

    def known(self) -> Known:
        """What stands there now, give or take ``FRESH_S``."""
        if not 0 <= self._clock() - self._read_s < FRESH_S:
            self._known, self._read_s = self.read(), self._clock()
        return self._known

    def read(self) -> Known:
        if not self.path.is_file():
            return Known()
        with self._reading() as connection:
            # Another process is just making it.
            if self._check_version(connection) == 0:
                return Known()
            keys = connection.execute(
                "SELECT name, digest, scopes, made, ends_s, revoked, last_used FROM keys ORDER BY name"
            ).fetchall()
            sites = connection.execute("SELECT site, revoked, since_s FROM sites").fetchall()
        return Known(
            tuple(
                ApiKey(
                    name,
                    digest,
                    frozenset(map(Scope, scopes.split())),
                    made,
                    ends_s,
                    bool(revoked),
                    last_used,
                )
                for name, digest, scopes, made, ends_s, revoked, last_used in keys
            ),
            {site: SiteWord(bool(revoked), since_s) for site, revoked, since_s in sites},
        )

    def add(self, key: ApiKey) -> bool:
        """Whether the name was free, or its key revoked."""
        row = (key.name, key.digest, " ".join(sorted(key.scopes)), key.made, key.ends_s)
        with self._open() as connection:
            done = connection.execute(
                "INSERT INTO keys (name, digest, scopes, made, ends_s) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name)"
                " DO UPDATE SET digest = excluded.digest, scopes = excluded.scopes, made = excluded.made,"
                " ends_s = excluded.ends_s, revoked = 0, last_used = '' WHERE revoked",
                row,
            )
        return done.rowcount == 1

    def revoke_key(self, name: str) -> bool:
        """Whether there was such a key."""
        with self._open() as connection:
            return connection.execute("UPDATE keys SET revoked = 1 WHERE name = ?", (name,)).rowcount == 1

    def mark_used(self, name: str) -> None:
        with self._open() as connection:
            connection.execute("UPDATE keys SET last_used = ? WHERE name = ?", (self.today(), name))

    def say(self, site: str, *, revoked: bool) -> None:
        """The word on ``site``, from now."""
        with self._open() as connection:
            connection.execute(
                "INSERT INTO sites VALUES (?, ?, ?) ON CONFLICT (site)"
                " DO UPDATE SET revoked = excluded.revoked, since_s = excluded.since_s",
                (site, int(revoked), self._clock()),
            )

    def today(self) -> str:
        return datetime.fromtimestamp(self._clock(), UTC).date().isoformat()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Without a right to write, which a server need not have here."""
        try:
            address = f"{self.path.resolve().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=10)) as connection:
                yield connection
        except (OSError, sqlite3.Error) as error:
            raise StorageError(f"{self.path} cannot be read: {error}; mend its rights or move it") from None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A transaction, in a database that is made where it is missing, readable by its owner alone."""
        connection: sqlite3.Connection | None = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch(0o600)
            connection = sqlite3.connect(self.path, timeout=10, isolation_level=None)
            connection.execute("BEGIN IMMEDIATE")
            self._prepare(connection)
            yield connection
            connection.execute("COMMIT")
        except (OSError, sqlite3.Error) as error:
            raise StorageError(f"{self.path} cannot be used: {error}; free or open that folder") from None
        finally:
            if connection:
                connection.close()

    def _prepare(self, connection: sqlite3.Connection) -> None:
        if self._check_version(connection) == 0:
            for statement in filter(str.strip, SCHEMA.split(";")):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")

    def _check_version(self, connection: sqlite3.Connection) -> int:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise StorageError(
                f"{self.path} was written by a newer wfc-qa (schema {version}); update wfc-qa or move the file"
            )
        return int(version)
