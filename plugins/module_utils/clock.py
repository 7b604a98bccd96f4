# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How far a server's clock is from ours, by the Date header that its answers carry."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def offset(date: str | None, began: float, ended: float) -> float | None:
    """Return by how many seconds a server is ahead of us, None where it sent no date that can be read.

    `began`, `ended`: when its answer was asked for and when it came, as `time.time()`. A Date header has whole seconds,
    so half a second is as exact as it gets.
    """
    if not date:
        return None
    try:
        said = parsedate_to_datetime(date)
    except ValueError:
        return None
    if said.tzinfo is None:
        said = said.replace(tzinfo=UTC)
    return said.timestamp() + 0.5 - (began + ended) / 2


def from_iso(text: str) -> datetime:
    """Return a moment as NetBox writes it, with its time zone."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
