"""`python -m benchmark.html_report`: how long Chromium takes to open the report of 10,000 hosts, 500 of them different.

The goal is 2 s from the address to the first rows; seconds of the median of nine, in turns with a page that is empty.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools import collection

collection.register()

from ansible_collections.netops.netbox_zabbix.plugins.module_utils.report.html_page import as_html  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402
from unit.report import samples  # noqa: E402

ROUNDS = 9


def opened(page: Page, address: str, wanted: str) -> float:
    began = time.perf_counter()
    page.goto(address)
    page.wait_for_selector(wanted)
    return time.perf_counter() - began


def main() -> int:
    chromium = subprocess.check_output([str(collection.ROOT / "tests" / "tools" / "chromium")], text=True).strip()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        report, empty = Path(folder, "report.html"), Path(folder, "empty.html")
        began = time.perf_counter()
        report.write_text(as_html(samples.large(10_000, 500).full()), encoding="utf-8")
        made = time.perf_counter() - began
        empty.write_text("<!DOCTYPE html><p>empty")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        ours: list[float] = []
        bare: list[float] = []
        for dummy in range(ROUNDS):
            for address, wanted, times in ((report, "#rows tr", ours), (empty, "p", bare)):
                page = browser.new_page()
                times.append(opened(page, address.as_uri(), wanted))
                page.close()
        browser.close()
        size = report.stat().st_size
    figures = statistics.median(ours), max(ours), statistics.median(bare)
    print(f"10,000 hosts, 500 different: made in {made:.2f} s, {size / 1e6:.2f} MB")
    print("opened in {:.2f} s (worst {:.2f}), an empty page in {:.2f} s".format(*figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
