"""The figures as Markdown for people and as JSON for programs."""

from __future__ import annotations

from typing import Any

from benchmark.scenarios import Row

MIB = 2**20
#: what was aimed at: ratios of unchanged, import and creation; memory, requests and engine's seconds at 10,000 objects
GOALS = {
    "unchanged": 1.2,
    "import": 1.2,
    "creation": 1.15,
    "rss_mib": 400,
    "engine_s": 3.0,
    "hundred_s": 1.5,
    "requests": 100,
}

#: ratios of looks, and requests of one where nothing changed
LOOKS = {"look at everything": 1.2, "look, nothing changed": 1.3, "look, 1 % changed": 1.6}
LOOK_NETBOX, LOOK_REQUESTS = 10, 40

#: the most used alternative, measured with 400 objects on a real NetBox 4.6.8 and Zabbix 7.0.22, two cores
PEERS = (
    ("netbox-zabbix-sync 4.0.1, all new", 276, 1159, 964, 54),
    ("netbox-zabbix-sync 4.0.1, unchanged", 89, 793, 378, 56),
    ("netbox-zabbix-sync 4.0.1, 40 objects changed", 140, 793, 478, 56),
)


def markdown(measured: dict[str, Any], rows: dict[str, list[Row]]) -> str:
    """Return all tables."""
    head = measured["machine"]
    text = [
        f"Measured {head['date']} on {head['cores']} cores ({head['cpu']}), {head['memory_gib']} GiB, "
        f"Python {head['python']}; Zabbix {measured['zabbix']} and the NetBox stand-in on the same machine. "
        f"Medians of {measured['rounds']} rounds, ours and bare in turns. "
        "Load: average of the last minute at the end of a row.",
        "",
        *_table(
            (
                "nothing to change",
                "objects",
                "ours s",
                "bare s",
                "ratio",
                "our CPU s",
                "bare CPU s",
                "ratio",
                "CPU ms/object",
                "peak MiB",
                "load",
            ),
            (
                (
                    row.what.removeprefix("nothing to change, "),
                    row.objects,
                    _seconds(row.ours("wall")),
                    _seconds(row.bare("wall")),
                    f"**{row.ratio('wall'):.2f}**",
                    _seconds(row.ours("cpu")),
                    _seconds(row.bare("cpu")),
                    f"{row.ratio('cpu'):.2f}",
                    f"{1000 * row.ours('cpu') / row.objects:.2f}",
                    f"{row.ours('rss') / MIB:.0f}",
                    row.load,
                )
                for row in rows["unchanged"]
            ),
        ),
        "",
        *_table(
            (
                "look",
                "objects",
                "ours s",
                "bare s",
                "ratio",
                "our CPU s",
                "bare CPU s",
                "to NetBox",
                "in all",
                "peak MiB",
            ),
            (
                (
                    row.what,
                    row.objects,
                    _seconds(row.ours("wall")),
                    _seconds(row.bare("wall")),
                    f"**{row.ratio('wall'):.2f}**",
                    _seconds(row.ours("cpu")),
                    _seconds(row.bare("cpu")),
                    sum(row.requests["netbox"].values()),
                    _total(row),
                    f"{row.ours('rss') / MIB:.0f}",
                )
                for row in rows["looks"]
            ),
        ),
        "",
        *_table(
            ("import", "templates", "ours s", "bare s", "ratio", "our CPU s", "bare CPU s", "requests", "load"),
            (
                (
                    row.what.removeprefix("import, "),
                    row.objects,
                    _seconds(row.ours("wall")),
                    _seconds(row.bare("wall")),
                    f"**{row.ratio('wall'):.2f}**",
                    _seconds(row.ours("cpu")),
                    _seconds(row.bare("cpu")),
                    sum(row.requests["zabbix"].values()),
                    row.load,
                )
                for row in rows["imports"]
            ),
        ),
        "",
        *_table(
            (
                "first creation",
                "hosts",
                "bare arrays s",
                "our writing s",
                "ratio",
                "whole run s",
                "ratio",
                "CPU ms/host",
                "peak MiB",
                "load",
            ),
            (
                (
                    row.what.removeprefix("first creation, "),
                    row.objects,
                    _seconds(row.bare("wall")),
                    _seconds(row.ours("writing")),
                    f"**{row.ratio('writing'):.2f}**",
                    _seconds(row.ours("wall")),
                    f"{row.ratio('wall'):.2f}",
                    f"{1000 * row.ours('cpu') / row.objects:.2f}",
                    f"{row.ours('rss') / MIB:.0f}",
                    row.load,
                )
                for row in rows["creation"]
            ),
        ),
        "",
        *_table(
            (
                "engine alone",
                "objects",
                "unchanged s",
                "CPU s",
                "of that policy",
                "diff",
                "first run s",
                "CPU ms/object",
                "configs by 100 mappings, CPU s",
                "peak MiB",
                "load",
            ),
            (
                (
                    "policy + diff in memory",
                    one["objects"],
                    _seconds(one["unchanged"]),
                    _seconds(one["unchanged_cpu"]),
                    _seconds(one["policy"]),
                    _seconds(one["diff"]),
                    _seconds(one["first_run"]),
                    f"{1000 * one['unchanged_cpu'] / one['objects']:.3f}",
                    _seconds(one["hundred"]),
                    f"{one['rss'] / MIB:.0f}",
                    one["load"],
                )
                for one in measured["engine"]
            ),
        ),
        "",
        *_table(
            ("a company of 400; NetBox taking its own time", "s", "requests to NetBox", "to Zabbix", "peak MiB"),
            [*(_company(one) for one in measured["company"]), *PEERS],
        ),
        "",
        *_table(("requests", "objects", "in all", "NetBox", "Zabbix"), _requests(rows)),
        "",
        *_table(("goal", "at", "aimed at", "measured", ""), _goals(measured, rows)),
    ]
    return "\n".join(text)


def _company(one: dict[str, Any]) -> tuple[Any, ...]:
    asked = one["requests"]
    return (
        f"this collection, {one['what']}, links written back",
        f"{one['wall']:.1f}",
        sum(asked["netbox"].values()),
        sum(asked["zabbix"].values()),
        f"{one['rss'] / MIB:.0f}",
    )


def _seconds(value: float) -> str:
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _table(head: tuple[str, ...], lines: Any) -> list[str]:
    rule = ["---", *("---:" for dummy in head[1:])]
    return [f"| {' | '.join(str(cell) for cell in line)} |" for line in (head, rule, *lines)]


def _counted(kinds: dict[str, int]) -> str:
    return ", ".join(f"{kind} {number}" for kind, number in sorted(kinds.items(), key=lambda item: -item[1]))


def _total(row: Row) -> int:
    return sum(sum(kinds.values()) for kinds in row.requests.values())


def _requests(rows: dict[str, list[Row]]) -> list[tuple[Any, ...]]:
    lines: list[tuple[Any, ...]] = []
    seen: set[tuple[str, int]] = set()
    for kind in ("unchanged", "creation"):
        for row in rows[kind]:
            what = row.what.partition(", ")[0] if kind == "unchanged" else row.what
            if (what, row.objects) not in seen:
                seen.add((what, row.objects))
                asked = row.requests
                lines.append((what, row.objects, _total(row), _counted(asked["netbox"]), _counted(asked["zabbix"])))
    return lines


def _goals(measured: dict[str, Any], rows: dict[str, list[Row]]) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = []

    def goal(what: str, at: Any, aim: float, value: float, shown: str) -> None:
        lines.append((what, str(at), f"≤ {aim:g}", shown, "reached" if value <= aim else "**missed**"))

    for row in rows["looks"]:
        goal(row.what, row.objects, LOOKS[row.what], row.ratio("wall"), f"{row.ratio('wall'):.2f}")
        if row.what == "look, nothing changed":
            asked = sum(row.requests["netbox"].values())
            goal("requests to NetBox", row.objects, LOOK_NETBOX, asked, str(asked))
            goal("requests in all", row.objects, LOOK_REQUESTS, _total(row), str(_total(row)))
    for row in rows["unchanged"]:
        goal(row.what, row.objects, GOALS["unchanged"], row.ratio("wall"), f"{row.ratio('wall'):.2f}")
    for row in rows["imports"]:
        goal(row.what, row.objects, GOALS["import"], row.ratio("wall"), f"{row.ratio('wall'):.2f}")
    for row in rows["creation"]:
        for what, figure in (("writing", "writing"), ("whole run", "wall")):
            ratio = row.ratio(figure)
            goal(f"{row.what}, {what}", row.objects, GOALS["creation"], ratio, f"{ratio:.2f}")
    most = max(row.objects for row in rows["unchanged"])
    largest = [row for row in rows["unchanged"] if row.objects == most]
    everything = [row for some in rows.values() for row in some]
    rss = max(row.ours("rss") for row in everything) / MIB
    goal("peak memory in MiB", most, GOALS["rss_mib"], rss, f"{rss:.0f}")
    requests = max(_total(row) for row in largest)
    goal("requests of an unchanged run", most, GOALS["requests"], requests, str(requests))
    for one in measured["engine"]:
        if one["objects"] == 10_000:
            seconds = f"{_seconds(one['unchanged'])} (CPU {_seconds(one['unchanged_cpu'])})"
            goal("engine alone, seconds", 10_000, GOALS["engine_s"], one["unchanged"], seconds)
            hundred = _seconds(one["hundred"])
            goal("host configs by 100 mappings, CPU seconds", 10_000, GOALS["hundred_s"], one["hundred"], hundred)
    return lines
