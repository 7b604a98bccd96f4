# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks that need both sides, or one of them and this machine."""

from __future__ import annotations

from datetime import datetime

from .checks import BOTH, OK, WARNING, Check

#: seconds by which clocks may differ: the Date header has whole ones, and answers take their time
CLOSE = 10.0
HERE = "this machine"


def check_clocks(netbox: float | None, zabbix: float | None) -> Check:
    """Whether the three clocks agree. `netbox`, `zabbix`: seconds ahead of this machine, None where not known."""
    offsets = {HERE: 0.0, "NetBox": netbox, "Zabbix": zabbix}
    known = {name: offset for name, offset in offsets.items() if offset is not None}
    silent = [name for name, offset in offsets.items() if offset is None]
    text = ", ".join(f"{name} {_ahead(offset)}" for name, offset in known.items() if name != HERE)
    if silent:
        text = f"{text}; " if text else ""
        text += f"{' and '.join(silent)} sent no date"
    apart = max(known.values()) - min(known.values())
    if apart > CLOSE:
        return Check(
            "clocks",
            BOTH,
            WARNING,
            f"the clocks are {apart:.0f} s apart: {text}",
            "let all machines take their time from the same place (NTP): maintenance windows, what changed since the "
            "last run, and the lease of a run go by these clocks",
        )
    return Check("clocks", BOTH, OK, text)


def _ahead(seconds: float) -> str:
    if abs(seconds) <= 1:
        return "agrees with this machine"
    return f"is {abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} this machine"


def check_time_zones(netbox: str | None, zabbix: str | None, user: str | None) -> Check:
    """What each side takes for the local time. `netbox`: its offset as it writes times; `zabbix`: the server's default;
    `user`: that of our user.
    """
    here = datetime.now().astimezone().isoformat()[-6:]
    said = [
        f"NetBox writes times with {netbox}" if netbox else "NetBox's cannot be known",
        f"Zabbix has {_zone(zabbix)}" if zabbix else "Zabbix's cannot be known",
        f"this machine has {here}",
    ]
    if user not in (None, "default", zabbix):
        said.insert(2, f"its user {_zone(user or '')}")
    return Check("time_zones", BOTH, OK, "; ".join(said) + ". All times that are written carry theirs")


def _zone(name: str) -> str:
    return "that of its machine" if name == "system" else name
