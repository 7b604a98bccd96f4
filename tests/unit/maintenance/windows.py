"""Short ways to windows and their problems."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import yaml
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.maintenance.model import Window
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.maintenance.parse import parse_window
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.checks import Report

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def window(text: str, *, name: str = "patch", zone: str | None = None) -> Window:
    """Return the window written as YAML."""
    problems: list[str] = []
    found = parse_window(Report("test", problems=problems), name, yaml.safe_load(text), zone)
    assert found is not None, problems
    assert not problems
    return found


def problems_of(given: Any, *, name: Any = "patch", zone: str | None = None) -> list[str]:
    """Return what is wrong with a window, as YAML or as a value."""
    problems: list[str] = []
    raw = yaml.safe_load(given) if isinstance(given, str) else given
    found = parse_window(Report("test", problems=problems), name, raw, zone)
    assert (found is None) == bool(problems)
    return problems


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
