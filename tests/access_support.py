"""What the tests of access share: a server with sites, asked as a browser or a program would ask."""

from __future__ import annotations

import json

import httpx

BANK, TOWN = "http://portal.test:8000", "https://town.example"
SITES = json.dumps(
    {
        "bank": {"name": "Bank", "origins": [BANK, "https://www.bank.example"]},
        "town": {"name": "Town", "origins": [TOWN], "doc_ids": ["green-finance.en", "green-finance.zh"]},
    }
)
GENEROUS = {f"limit_{name}": "100000/minute" for name in ("address", "session", "site", "key", "feedback")}


def client(url: str, **headers: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=60, trust_env=False, headers=headers)


def ask_ticket(http: httpx.Client, site: str = "bank", origin: str = BANK) -> httpx.Response:
    return http.post("api/v1/widget/tickets", json={"site": site}, headers={"Origin": origin})


def redeem(http: httpx.Client, ticket: str, **headers: str) -> httpx.Response:
    return http.post("api/v1/widget/sessions", json={"ticket": ticket}, headers=headers)


def session(http: httpx.Client, site: str = "bank", origin: str = BANK) -> dict[str, str]:
    """The header that a session of ``site`` sends."""
    token = redeem(http, ask_ticket(http, site, origin).json()["ticket"]).json()["token"]
    return {"Authorization": f"Bearer {token}"}
