"""A Zabbix on 127.0.0.1 for each test, no pauses between attempts, and an environment that says nothing."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.zabbix import client
from unit.zabbix.certificates import authority_and_key
from unit.zabbix.server import Server, serve


@pytest.fixture(autouse=True)
def quick_and_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAUSE", 0.0)
    for name in (
        "http_proxy",
        "https_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "ZABBIX_URL",
        "ZABBIX_TOKEN",
        "ZABBIX_USER",
        "ZABBIX_PASSWORD",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[Server]:
    yield from serve()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that is its own authority; its key lies beside it."""
    path = tmp_path_factory.mktemp("tls") / "authority.pem"
    certificate, key = authority_and_key()
    path.write_bytes(certificate)
    path.with_suffix(".key").write_bytes(key)
    return path


@pytest.fixture
def tls_server(authority: Path) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, authority.with_suffix(".key"))
    yield from serve(context)
