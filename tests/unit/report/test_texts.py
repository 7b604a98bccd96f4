"""JUnit, Markdown and Prometheus text, read as those read them who get them."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Detail, HostResult
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.report.junit import as_junit
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.report.markdown import MAX_CHARACTERS, as_markdown
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.report.prometheus import as_prometheus
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.report.words import headline, went_well
from prometheus_client.parser import text_string_to_metric_families
from unit.report.samples import NASTY, drifted, failed, large, nasty, orphan, result


def cases(text: str) -> dict[str, ElementTree.Element]:
    suite = ElementTree.fromstring(text)[0]
    assert suite.get("tests") == str(len(suite))
    for outcome, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert suite.get(name) == str(len(suite.findall(f"testcase/{outcome}"))), name
    return {case.get("name", ""): case for case in suite}


def test_a_host_is_a_test_case() -> None:
    found = cases(as_junit(result([drifted(1), failed(2, "no such template\nask for it"), orphan(3)]).full()))
    assert list(found) == [
        "SyncHostsNow: the run as a whole",
        "host-00001 (device 1)",
        "host-00002 (virtual machine 2)".replace("virtual machine", "virtual_machine"),
        "host-00003 (device 3)",
    ]
    outcomes = [[child.tag for child in case] for case in found.values()]
    assert outcomes == [["system-out"], ["system-out"], ["failure"], ["skipped"]]
    failure = found["host-00002 (virtual_machine 2)"][0]
    assert (failure.get("message"), failure.text) == ("no such template", "no such template\nask for it")
    assert "! name: by hand -> host 1   (drifted, mapping everything)" in str(found["host-00001 (device 1)"][0].text)


def test_a_host_that_the_run_is_to_fail_on_is_a_failure() -> None:
    report = result([drifted(1), failed(2), orphan(3)]).full()
    found = cases(as_junit(report, ["drifted", "orphan"]))
    assert [case[0].tag for case in found.values()] == ["system-out", "failure", "system-out", "failure"]


def test_a_host_that_nothing_is_known_of_is_as_one_that_failed() -> None:
    unknown = replace(failed(2, "no answer"), action="unknown")
    report = result([drifted(1), unknown]).full()
    assert [case[0].tag for case in cases(as_junit(report)).values()] == ["system-out", "system-out", "failure"]
    assert not went_well(report)
    assert headline(report) == "Of 1 host nothing is known"
    assert went_well(result([drifted(1)]).full())


def test_a_run_that_ended_early_is_an_error() -> None:
    found = cases(as_junit(result(refused="over the limit").full()))
    (case,) = found.values()
    assert (case[0].tag, case[0].text) == ("error", "over the limit")


def test_junit_is_xml_whatever_the_names() -> None:
    control = "bell \x07, nothing \x00, half a pair \ud800, end \uffff"
    hosts = [drifted(1, name=text, live=text) for text in (*NASTY, control)]
    text = as_junit(result(hosts).full())
    names = [case.get("name", "") for case in ElementTree.fromstring(text.encode("utf-8"))[0]]
    assert [name.removesuffix(" (device 1)") for name in names[1:-1]] == [*NASTY]
    assert names[-1] == "bell \ufffd, nothing \ufffd, half a pair \ufffd, end \ufffd (device 1)"


def test_markdown_tells_what_matters_and_folds_the_rest() -> None:
    text = as_markdown(result([drifted(1), failed(2), orphan(3)], stats={"unchanged": 397}).full())
    assert text.startswith("## SyncHostsNow: 1 host failed\n")
    assert "| failed | 1 |" in text
    assert "| unchanged | 397 |" in text
    assert "* `host-00002`: `no such template`" in text
    assert "<details><summary>update <code>host-00001</code> (drifted, pending)</summary>" in text
    assert "[NetBox](<https://netbox.example.com/dcim/devices/1/>)" in text
    assert "! name: by hand -> host 1   (drifted, mapping everything)\n+ templates[ICMP Ping]: ICMP Ping" in text
    assert text.count("<details>") == text.count("</details>") == 3


def test_since_when_a_difference_is_known_is_told_where_a_job_tells_it() -> None:
    host = drifted(1)
    host.details = [replace(host.details[0], since="2026-11-20T08:00:00Z")]
    line = "! name: by hand -> host 1   (drifted, since 2026-11-20T08:00:00Z, mapping everything)"
    assert line in as_markdown(result([host]).full())
    assert line in as_junit(result([host]).full()).replace("&gt;", ">")


def test_markdown_has_room_in_a_comment() -> None:
    text = as_markdown(large(10_000, 5_000).full())
    assert len(text) <= MAX_CHARACTERS
    assert text.count("<details>") == text.count("</details>") > 50
    assert re.search(r"\.\.\. and \d+ more hosts, which found no room here\.\n$", text)


def test_markdown_of_a_host_with_very_many_differences_stays_short() -> None:
    host = drifted(1)
    host.details = [Detail("tags", f"t{number}", "x" * 1000, None) for number in range(1000)]
    assert len(as_markdown(result([host]).full())) <= MAX_CHARACTERS


@pytest.mark.parametrize("text", NASTY)
def test_nothing_of_a_host_is_taken_for_markdown(text: str) -> None:
    markdown = as_markdown(result([drifted(1, text, text), HostResult(text, "", None, "failed", error=text)]).full())
    # what is left when code is taken away: it may hold no element but those of the folds
    bare = re.sub(r"(?ms)^(`{3,})diff\n.*?^\1$", "", markdown)
    bare = re.sub(r"(?<!`)(`+)(?!`) ?.*? ?(?<!`)\1(?!`)", "", bare)
    assert set(re.findall(r"<(/?\w+)", bare)) <= {
        "details",
        "/details",
        "summary",
        "/summary",
        "code",
        "/code",
        "https",
    }
    assert "@everyone" not in re.sub(r"<code>.*?</code>", "", bare)


def samples(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation
        assert family.type == "gauge"
        for sample in family.samples:
            assert sample.labels.pop("module") == "hosts_sync"
            labels = ",".join(sample.labels.values())
            found[sample.name.removeprefix("netbox_zabbix_") + (f"[{labels}]" if labels else "")] = sample.value
    return found


def test_prometheus_text() -> None:
    report = result([drifted(1), drifted(2), orphan(3)], stats={"unchanged": 7, "drifted": 4}).full()
    found = samples(as_prometheus(report, "hosts_sync"))
    assert found == {
        "last_run_timestamp_seconds": 1795514421,
        "run_success": 1,
        "run_refused": 0,
        "run_duration_seconds": 3.5,
        "phase_duration_seconds[read]": 2.5,
        "phase_duration_seconds[write]": 1,
        "hosts[orphan]": 1,
        "hosts[update]": 2,
        "hosts[unchanged]": 7,
        "count[unchanged]": 7,
        "count[drifted]": 4,
        "requests[netbox,GET devices]": 12,
        "requests[zabbix,host.get]": 3,
        "last_success_timestamp_seconds": 1795514421,
        "last_full_run_timestamp_seconds": 1795514421,
    }


def test_prometheus_remembers_the_last_run_that_went_well_and_the_last_full_one() -> None:
    first = as_prometheus(result().full(), "hosts_sync")
    part = result(whole=False)
    part.finished = "2026-11-24T11:00:00Z"
    second = as_prometheus(part.full(), "hosts_sync", first)
    bad = result(error="Zabbix cannot be reached")
    bad.finished = "2026-11-24T12:00:00Z"
    third = samples(as_prometheus(bad.full(), "hosts_sync", second))
    assert third["last_run_timestamp_seconds"] == 1795514421 + 7179
    assert third["last_success_timestamp_seconds"] == 1795514421 + 3579
    assert third["last_full_run_timestamp_seconds"] == 1795514421
    never = samples(as_prometheus(bad.full(), "hosts_sync", "# half a fi"))
    assert not {name for name in never if name.startswith(("last_success", "last_full"))}


def test_prometheus_labels_are_escaped() -> None:
    found = samples(as_prometheus(nasty().full(), "hosts_sync"))
    for text in NASTY:
        assert found[f"hosts[{text}]"] == 1
