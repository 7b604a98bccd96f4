"""A NetBox with a believable company in it: the stand-in, or the NetBox in NETBOX_URL.

A company that a real NetBox carries already is used as it is; one that had to be loaded is taken out again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pynetbox
import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.connection import NetBoxConnection
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.client import NetBox, connect
from lab.estate import generate, load, purge
from lab.netbox import StandIn

OBJECTS = 150


@dataclass(frozen=True)
class Company:
    """Where the company is; `readonly_token` is None where a real NetBox was given without one."""

    url: str
    token: str
    readonly_token: str | None
    standin: StandIn | None

    def connection(self, token: str | None = None) -> NetBoxConnection:
        return NetBoxConnection(self.url, token or self.token, timeout=60)

    def connect(self, token: str | None = None) -> NetBox:
        return connect(self.connection(token))

    @property
    def api(self) -> pynetbox.api:
        """pynetbox, for what a test prepares or looks at beside the code under test."""
        api = pynetbox.api(self.url, token=self.token)
        api.http_session.trust_env = False
        return api


@pytest.fixture(scope="package")
def company() -> Iterator[Company]:
    if os.environ.get("NETBOX_URL"):
        url, token = os.environ["NETBOX_URL"].rstrip("/"), os.environ["NETBOX_TOKEN"]
        there = Company(url, token, os.environ.get("NETBOX_READONLY_TOKEN"), None)
        empty = there.api.dcim.devices.count() == 0
        if empty:
            load(generate(OBJECTS), url, token)
        yield there
        if empty:
            purge(url, token)
        return
    with StandIn() as standin:
        load(generate(OBJECTS), standin.url, standin.token)
        yield Company(standin.url, standin.token, standin.readonly_token, standin)


@pytest.fixture
def netbox(company: Company) -> NetBox:
    return company.connect()
