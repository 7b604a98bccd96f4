# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading what a person exported from a REST API: a file for each list, or one file with all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import InputError

Row = dict[str, Any]


class Export:
    """Lists of rows by name. `table("device-mapping")` finds it as `device_mapping` and `device-mapping.json` too."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        problems: list[str] = []
        self._tables = {_plain(name): _rows(name, value, problems) for name, value in tables.items()}
        if problems:
            raise InputError(problems)

    def table(self, name: str) -> list[Row]:
        """Return the rows of a list, none where it was not exported."""
        return self._tables.get(_plain(name), [])

    def has(self, name: str) -> bool:
        """Tell whether the list was exported, be it empty."""
        return _plain(name) in self._tables

    def names(self) -> list[str]:
        """Return the names of all lists."""
        return sorted(self._tables)

    def find(self, name: str, reference: Any) -> Row | None:
        """Return the row that a reference means: an id, or an object as it is nested in another one."""
        number = reference.get("id") if isinstance(reference, Mapping) else reference
        row = next((row for row in self.table(name) if number is not None and row.get("id") == number), None)
        if row is None and isinstance(reference, Mapping):
            return dict(reference)
        return row


def read_export(paths: Iterable[str]) -> Export:
    """Return what is in these files and directories. Raises InputError with all that cannot be read."""
    tables: dict[str, Any] = {}
    problems: list[str] = []
    for given in paths:
        path = Path(given)
        files = sorted(path.glob("*.json")) if path.is_dir() else [path]
        if path.is_dir() and not files:
            problems.append(f"{path}: there are no .json files in it")
        for file in files:
            try:
                content = json.loads(file.read_text(encoding="utf-8"))
            except OSError as error:
                problems.append(f"{file}: cannot be read: {error.strerror}")
                continue
            except ValueError as error:
                problems.append(f"{file}: is no JSON: {error}")
                continue
            if isinstance(content, Mapping) and "results" not in content and not path.is_dir():
                tables.update(content)
            else:
                tables[file.stem] = content
    if problems:
        raise InputError(problems)
    return Export(tables)


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")


def _rows(name: str, value: Any, problems: list[str]) -> list[Row]:
    if isinstance(value, Mapping) and "results" in value:
        if value.get("next"):
            problems.append(f"{name}: is only the first page; export it with ?limit=0, or page by page into one list")
        value = value["results"]
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        problems.append(f"{name}: is no list of objects")
        return []
    return [dict(row) for row in value]
