"""The HTML report as people use it, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Detail, Result
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.report import html_page
from playwright.sync_api import Page, expect
from unit.report.samples import NASTY, drifted, failed, large, nasty, orphan, result

Show = Callable[..., Page]


def rows(page: Page) -> list[str]:
    """Return the names of the hosts that are shown."""
    return [name.strip() for name in page.locator("#rows > tr:not(.inner) > th").all_inner_texts()]


def chip(page: Page, word: str) -> None:
    page.locator("#chips button", has_text=word).click()


def small() -> Result:
    return result([drifted(1), failed(2), orphan(3), drifted(4)], stats={"unchanged": 396}, notes=["a note"])


def test_the_worst_comes_first_and_links_lead_to_both_servers(show: Show) -> None:
    page = show(small())
    assert rows(page) == ["host-00002", "host-00003", "host-00001", "host-00004"]
    expect(page.locator("h1")).to_have_text("SyncHostsNow: 1 host failed")
    chips = page.locator("#chips li").all_inner_texts()
    assert [text.strip() for text in chips] == ["1 failed", "1 orphan", "2 update", "396 unchanged"]
    assert page.get_by_role("img").get_attribute("aria-label") == (
        "400 hosts: 1 failed, 1 orphan, 2 update, 396 unchanged"
    )
    assert [link.get_attribute("href") for link in page.locator("#rows tr").nth(2).locator("a").all()] == [
        "https://netbox.example.com/dcim/devices/1/",
        "https://zabbix.example.com/zabbix/zabbix.php?action=latest.view&filter_set=1&hostids[]=10001",
    ]
    expect(page.get_by_text("a note")).to_be_visible()


def test_a_host_opens_to_its_differences_field_by_field(show: Show) -> None:
    page = show(small())
    button = page.get_by_role("button", name="host-00001")
    button.click()
    assert button.get_attribute("aria-expanded") == "true"
    inner = page.get_by_role("table", name="Differences of host-00001")
    texts = [row.locator("th, td").all_inner_texts() for row in inner.locator("tbody tr").all()]
    assert texts == [
        ["name", "by hand", "host 1", "drifted", "mapping everything"],
        ["templates[ICMP Ping]", "nothing", "ICMP Ping", "drifted", "mapping everything"],
        ["tags[owner]", "somebody", "nothing", "pending", ""],
    ]
    colours = {
        tag: inner.locator(tag).first.evaluate("element => getComputedStyle(element).backgroundColor")
        for tag in ("ins", "del")
    }
    assert colours["ins"] != colours["del"]
    button.click()
    expect(inner).to_have_count(0)


def test_what_was_applied_last_and_since_when_are_shown_where_a_job_tells_it(show: Show) -> None:
    host = drifted(1)
    host.details = [replace(one, applied="before", since="2026-11-20T08:00:00Z") for one in host.details[:1]]
    page = show(result([host]))
    page.get_by_role("button", name="host-00001").click()
    inner = page.get_by_role("table", name="Differences of host-00001")
    assert inner.locator("thead th").all_inner_texts()[-2:] == ["Last applied", "Known since"]
    assert inner.locator("tbody td").all_inner_texts()[-2:] == ["before", "2026-11-20T08:00:00Z"]


def test_search_and_filters(show: Show) -> None:
    page = show(large(1000, 100))
    expect(page.locator("#shown")).to_have_text("1 to 100 of 1000 hosts")
    search = page.get_by_role("searchbox")
    search.fill("HOST-0042")
    expect(page.locator("#shown")).to_have_text("1 to 10 of 10 hosts, 1000 without filters")
    search.fill("icmp host-0042")  # in a difference, and every word counts
    expect(page.locator("#shown")).to_have_text("1 to 1 of 1 hosts, 1000 without filters")
    assert rows(page) == ["host-00420"]
    search.fill("")
    expect(page.locator("#shown")).to_have_text("1 to 100 of 1000 hosts")
    chip(page, "in sync")
    expect(page.locator("#shown")).to_have_text("1 to 100 of 900 hosts, 1000 without filters")
    chip(page, "update")
    expect(page.locator("#shown")).to_have_text("1 to 100 of 1000 hosts")
    chip(page, "in sync")
    expect(page.locator("#shown")).to_have_text("1 to 100 of 100 hosts, 1000 without filters")
    chip(page, "update")
    page.get_by_label("Attribute").select_option("tags")
    expect(page.locator("#shown")).to_have_text("1 to 100 of 100 hosts, 1000 without filters")
    search.fill("nothing has this")
    expect(page.locator("#shown")).to_have_text("0 to 0 of 0 hosts, 1000 without filters")


def test_pages_and_order(show: Show) -> None:
    page = show(large(1000, 10))
    expect(page.get_by_role("button", name="Previous page")).to_be_disabled()
    page.get_by_role("button", name="Host", exact=True).click()
    assert rows(page)[:2] == ["host-00000", "host-00001"]
    page.get_by_role("button", name="Host", exact=True).click()
    assert rows(page)[:2] == ["host-00999", "host-00998"]
    assert page.locator("[aria-sort=descending]").inner_text() == "Host"
    for dummy in range(9):
        page.get_by_role("button", name="Next page").click()
    expect(page.locator("#shown")).to_have_text("901 to 1000 of 1000 hosts")
    expect(page.get_by_role("button", name="Next page")).to_be_disabled()


def test_everything_works_by_the_keyboard_alone(show: Show) -> None:
    page = show(small())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("a/b")  # within the field it is a character
    expect(page.get_by_role("searchbox")).to_have_value("a/b")
    page.get_by_role("searchbox").fill("host-00001")
    expect(page.locator("#shown")).to_have_text("1 to 1 of 1 hosts, 4 without filters")
    for dummy in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "open":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("table", name="Differences of host-00001")).to_be_visible()
    assert page.evaluate("document.activeElement.className") == "open"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_what_a_screen_reader_is_told(show: Show) -> None:
    page = show(small())
    for role, name in (("table", "Hosts."), ("search", ""), ("status", ""), ("navigation", "Pages")):
        expect(page.get_by_role(role, name=name).first).to_be_visible()  # type: ignore[arg-type]
    unnamed = page.evaluate(
        """[...document.querySelectorAll("button, a, input, select")].filter(element =>
            !(element.textContent.trim() || element.getAttribute("aria-label") || element.labels?.length)).length"""
    )
    assert unnamed == 0
    assert page.evaluate("document.documentElement.lang") == "en"
    pressed = page.locator("#chips button").first
    pressed.click()
    assert pressed.get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(show: Show, scheme: str) -> None:
    page = show(small(), color_scheme=scheme)
    page.get_by_role("button", name="Open or close all on this page").click()
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 40
    low = {text: round(contrast, 2) for text, contrast in contrasts if contrast < 4.5}
    assert low == {}


#: the contrast of each piece of text with what is behind it, by WCAG's formula
CONTRASTS = """() => {
  const luminance = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const behind = element => {
    for (let one = element; one; one = one.parentElement) {
      const colour = numbers(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.disabled) continue;
    if (/^(SCRIPT|NOSCRIPT|OPTION)$/.test(element.tagName)) continue;
    const a = luminance(numbers(getComputedStyle(element).color)), b = luminance(behind(element));
    found.push([walker.currentNode.data, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]);
  }
  return found;
}"""


def test_nothing_of_a_host_is_run_or_becomes_an_element(show: Show) -> None:
    page = show(nasty())
    page.get_by_role("button", name="Open or close all on this page").click()
    names = rows(page)
    for text in NASTY:
        spoken = " ".join(text.split())
        assert sum(" ".join(name.split()) == spoken for name in names) == 2, text
    assert page.locator("img, iframe, object, embed, svg, form, base").count() == 0
    assert page.locator("script").count() == 2
    assert (
        page.evaluate(
            "[...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => /^on/.test(a.name))).length"
        )
        == 0
    )
    assert {link.get_attribute("href", timeout=1000)[:8] for link in page.locator("#rows a").all()} == {"https://"}


def test_the_policy_of_the_page_lets_nothing_else_run(browser, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """What gets into the page in spite of all is not run: the digests in its policy name our script alone."""
    file = tmp_path / "report.html"
    text = html_page.as_html(small().full())
    file.write_text(text.replace("<main>", "<main><script>document.title = 'run'</script><b onclick='x()'>!</b>"))
    page = browser.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(file.as_uri())
    assert page.title() != "run"
    assert any("Content Security Policy" in text for text in refused)
    assert rows(page)[0] == "host-00002"
    page.close()


def test_the_data_cannot_end_its_script_element() -> None:
    text = html_page.as_html(nasty().full())
    data = text.split('id="data">', 1)[1].split("</script>", 1)[0]
    assert not set(data) & set("<>&\u2028\u2029")
    names = {host[0] for host in json.loads(data)["hosts"]}
    assert names == set(NASTY)


def test_a_page_has_a_bounded_number_of_differences(monkeypatch: pytest.MonkeyPatch, show: Show) -> None:
    monkeypatch.setattr(html_page, "MAX_DETAILS", 4)
    host = drifted(3)
    host.details = [Detail("tags", str(number), "x", None) for number in range(5)]
    page = show(result([drifted(1), drifted(2), host]))
    expect(page.get_by_text("7 differences found no room in this page")).to_be_visible()
    assert len(rows(page)) == 3


def test_ten_thousand_differences_are_shown(show: Show) -> None:
    page = show(large(10_000, 10_000))
    expect(page.locator("#shown")).to_have_text("1 to 100 of 10000 hosts")
    page.get_by_role("searchbox").fill("host-09999")
    expect(page.locator("#shown")).to_have_text("1 to 1 of 1 hosts, 10000 without filters")
