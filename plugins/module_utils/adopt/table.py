# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The table of candidates as CSV: what a report writes, a person edits in a spreadsheet, and `apply` reads again.

A spreadsheet may have put semicolons or tabs for the commas, and columns and rows in another order; what it may not
have done is named with the number of the line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ..errors import InputError, nearest
from ..netbox.objects import ALL_KINDS
from .match import Matching, Pair

ADOPT, SKIP = "adopt", "skip"
DECISIONS = (ADOPT, SKIP)
#: what has to be there again
NEEDED = ("decision", "object", "hostid")
COLUMNS = (*NEEDED, "name", "netbox_status", "host", "visible_name", "score", "evidence", "conflict")
_DELIMITERS = ",;\t"
#: what a spreadsheet takes for the beginning of a formula
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's word on one line: this host is that object's."""

    line: int
    ref: str
    hostid: str


def as_csv(matching: Matching, least: int, decided: Mapping[Key, str]) -> str:
    """Return the table: candidates, then objects without one, then hosts that nobody claims.

    A clear candidate of at least `least` is proposed by the word `adopt`. `decided`: what a person wrote before, which
    stays.
    """
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\r\n", restval="")
    table.writeheader()
    left = dict(decided)
    rows = [_of_pair(pair, left, least) for pair in matching.pairs]
    rows += [
        {"object": one.ref, "name": one.label, "netbox_status": one.status, "conflict": one.excluded}
        for one in matching.alone
    ]
    rows += [
        {
            "hostid": found.live.hostid,
            "host": found.live.host,
            "visible_name": found.live.name,
            "conflict": "made by Zabbix's discovery: cannot be adopted" if found.discovered else "",
        }
        for found in matching.unclaimed
    ]
    # what a person put together that we would not have
    rows += [
        {"decision": word, "object": ref, "hostid": hostid, "evidence": "by hand"}
        for (ref, hostid), word in left.items()
        if word and ref and hostid and matching.ours.get(ref) != hostid
    ]
    for row in rows:
        table.writerow({name: _safe(value) for name, value in row.items()})
    return text.getvalue()


def _of_pair(pair: Pair, decided: dict[Key, str], least: int) -> dict[str, str]:
    one, live = pair.subject, pair.found.live
    word = decided.pop((one.ref, live.hostid), None)
    return {
        "decision": (ADOPT if pair.proposed(least) else "") if word is None else word,
        "object": one.ref,
        "hostid": live.hostid,
        "name": one.label,
        "netbox_status": one.status,
        "host": live.host,
        "visible_name": live.name,
        "score": str(pair.score),
        "evidence": "; ".join(map(str, pair.evidence)),
        "conflict": "; ".join(pair.conflicts),
    }


def _safe(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value


def decided_before(content: bytes, path: str) -> dict[Key, str]:
    """Return what stands in the column `decision` of a table, by object and host. Raises InputError."""
    rows = _rows(content, path)
    return {(row["object"], row["hostid"]): row["decision"] for dummy, row in rows if row["object"] and row["hostid"]}


def read_decisions(content: bytes, path: str) -> list[Decision]:
    """Return the lines of a table that say `adopt`. Raises InputError with all that is wrong, each with its line."""
    problems: list[str] = []
    decisions: list[Decision] = []
    seen: dict[tuple[str, str], int] = {}
    for line, row in _rows(content, path):
        where = f"{path}, line {line}"
        word, ref, hostid = row["decision"].casefold(), row["object"], row["hostid"]
        if word not in ("", *DECISIONS):
            problems.append(
                f'{where}: the decision "{row["decision"]}" is neither {" nor ".join(DECISIONS)}.'
                f"{nearest(word, DECISIONS)}"
            )
        if word != ADOPT:
            continue
        wrong = _wrong(ref, hostid)
        if wrong:
            problems.append(f"{where}: {wrong}")
            continue
        for side, value in (("object", ref), ("hostid", hostid)):
            first = seen.setdefault((side, value), line)
            if first != line:
                what = "object " + value if side == "object" else "host id " + value
                problems.append(f"{where}: {what} is decided twice, first in line {first}")
        decisions.append(Decision(line, ref, hostid))
    if problems:
        raise InputError(problems)
    return decisions


def check_known(decisions: Iterable[Decision], refs: Collection[str], hostids: Collection[str], path: str) -> None:
    """Raise InputError for lines whose object NetBox does not have, or whose host Zabbix does not have."""
    problems: list[str] = []
    for one in decisions:
        where = f"{path}, line {one.line}"
        if one.ref not in refs:
            problems.append(f"{where}: NetBox has no {one.ref.replace(':', ' ')}, or its token may not see it")
        if one.hostid not in hostids:
            problems.append(f"{where}: Zabbix has no host of id {one.hostid}, or its user may not see it")
    if problems:
        raise InputError([*problems, "Nothing was written. Make the report again, or correct the file."])


def _wrong(ref: str, hostid: str) -> str:
    kind, dummy, number = ref.partition(":")
    if not ref or not hostid:
        return f"the {'column object' if not ref else 'column hostid'} is empty, and the decision is to adopt"
    if kind not in ALL_KINDS or not (number.isascii() and number.isdigit()):
        return f'the object "{ref}" is not of the form device:123 or virtual_machine:45'
    if not (hostid.isascii() and hostid.isdigit()):
        return f'the host id "{hostid}" is not a number'
    return ""


def _rows(content: bytes, path: str) -> list[tuple[int, dict[str, str]]]:
    """Return the rows with their lines. Raises InputError for a file that is no such table."""
    text = _text(content, path)
    head = text.partition("\n")[0]
    if not head.strip():
        raise InputError([f"{path}, line 1: is empty; the names of the columns are expected there"])
    delimiter = max(_DELIMITERS, key=head.count)
    rows: list[tuple[int, dict[str, str]]] = []
    problems: list[str] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = [name.strip().casefold() for name in next(reader)]
        _check_columns(names, path)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names):
                problems.append(
                    f"{path}, line {reader.line_num}: has {len(cells)} columns, and line 1 has {len(names)}"
                )
                continue
            row = dict(zip(names, cells, strict=True))
            rows.append((reader.line_num, {name: row[name].strip() for name in NEEDED}))
    except csv.Error as error:
        problems.append(f"{path}, line {reader.line_num}: is no CSV: {error}")
    if problems:
        raise InputError(problems)
    return rows


def _check_columns(names: list[str], path: str) -> None:
    problems = [
        f'{path}, line 1: there is no column "{name}".{nearest(name, names)}' for name in NEEDED if name not in names
    ]
    problems += [f'{path}, line 1: there are several columns "{name}"' for name in NEEDED if names.count(name) > 1]
    if problems:
        raise InputError(problems)


def _text(content: bytes, path: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            [f'{path}, line {line}: is not UTF-8. Save it as "CSV UTF-8", which is one of a spreadsheet\'s formats']
        ) from None
