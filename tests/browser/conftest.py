"""A real Chromium, driven by Playwright."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.report.html_page import as_html
from playwright.sync_api import Browser, Page, sync_playwright
from tools import collection


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = subprocess.check_output([str(collection.ROOT / "tests" / "tools" / "chromium")], text=True).strip()
    with sync_playwright() as playwright:
        # its sandbox needs what a container does not give
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a result's report. No page may say anything on its console, or ask for anything."""
    said: list[str] = []
    contexts = []

    def opened(result: Result, **options: Any) -> Page:
        file = tmp_path / "report.html"
        file.write_text(as_html(result.full()), encoding="utf-8")
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: said.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on(
            "request", lambda request: said.append(f"request: {request.url}") if request.url != file.as_uri() else None
        )
        page.goto(file.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert said == []
