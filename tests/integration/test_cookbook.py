"""The cookbook's policies as they are printed, each on a real Zabbix: what host comes out, and that a second run is
quiet.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.jobs.result import Result

from integration.world import World, ZabbixSide, names, of, tags

pytestmark = [pytest.mark.zabbix, pytest.mark.netbox]

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = DOCS / "cookbook"
CASES = sorted(file.stem for file in FOLDER.glob("*.yml"))
#: every host group of the cookbook is below this one
TOP = "NetBox"
KEYS = ("00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")


@pytest.fixture
def no_groups_left(zabbix_server: ZabbixSide) -> Iterator[None]:
    """Set up before `world` and so torn down after it, when the hosts of the test are gone."""
    before = _groups(zabbix_server)
    yield
    made = _groups(zabbix_server) - before
    if made:
        zabbix_server.api("hostgroup.delete", sorted(made))


def _groups(side: ZabbixSide) -> set[str]:
    found = side.api("hostgroup.get", output=["groupid", "name"], search={"name": TOP}, startSearch=True)
    return {group["groupid"] for group in found if group["name"] == TOP or group["name"].startswith(f"{TOP}/")}


@pytest.fixture
def kitchen(no_groups_left: None, world: World) -> World:
    return world


# --- the page


def section(case: str) -> list[str]:
    """Return the YAML blocks of the page that stand in the section of a case, the policy first."""
    page = (DOCS / "cookbook.md").read_text(encoding="utf-8")
    (text,) = [part for part in page.split("\n## ") if f"(cookbook/{case}.yml)" in part]
    return [block.split("```")[0] for block in text.split("```yaml\n")[1:]]


@pytest.mark.parametrize("case", CASES)
def test_the_page_shows_the_policy_as_it_is_tested(case: str) -> None:
    assert section(case)[0] == (FOLDER / f"{case}.yml").read_text(encoding="utf-8")
    assert f"test_{case}" in globals(), "each case is tested"


# --- building in NetBox


def named(world: World, path: str, slug: str, **fields: Any) -> int:
    """Make an object with a slug; its name is the slug with a capital letter and blanks."""
    number: int = world.netbox.make(path, slug=slug, name=title(slug), **fields)["id"]
    return number


def title(slug: str) -> str:
    return slug.replace("-", " ").capitalize()


def site(world: World, slug: str, **fields: Any) -> int:
    return named(world, "dcim/sites/", slug, **fields)


def role(world: World, slug: str) -> int:
    return named(world, "dcim/device-roles/", slug)


def tag(world: World, slug: str) -> list[dict[str, str]]:
    """Make a tag, and return what an object's `tags` take."""
    named(world, "extras/tags/", slug)
    return [{"slug": slug}]


def custom_field(world: World, name: str, kind: str = "text") -> None:
    both = ["dcim.device", "virtualization.virtualmachine"]
    world.netbox.make("extras/custom-fields/", name=name, type=kind, object_types=both)


def address(world: World, device: dict[str, Any], interface: str, ip: str) -> int:
    """Give a device one more interface with an address, and return the address' id."""
    made = world.netbox.make("dcim/interfaces/", device=device["id"], name=interface, type="virtual")
    given = {"address": ip, "assigned_object_type": "dcim.interface", "assigned_object_id": made["id"]}
    number: int = world.netbox.make("ipam/ip-addresses/", **given)["id"]
    return number


def dns_name(world: World, owner: dict[str, Any], name: str) -> None:
    world.netbox.change("ipam/ip-addresses/", owner["primary_ip4"]["id"], dns_name=name)


# --- running, and looking at the outcome


def run(world: World, case: str, **options: Any) -> Result:
    return world.sync(policy_path=str(FOLDER / f"{case}.yml"), digest_key="a long random key for tests", **options)


def cook(world: World, case: str, **options: Any) -> Result:
    """Sync with a policy of the cookbook, twice: nobody fails, and the second time nothing is to be done."""
    result = run(world, case, **options)
    assert not result.failed, f"{result.message} {[host.error for host in result.hosts]}"
    again = run(world, case, **options)
    assert not again.changed, [(host.name, host.changes, host.reasons) for host in again.hosts]
    assert world.proxy.writes == []
    return result


def interfaces(host: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Return a host's interfaces of a type, the main one first."""
    code = {"agent": "1", "snmp": "2", "ipmi": "3", "jmx": "4"}[kind]
    found = [one for one in host["interfaces"] if one["type"] == code]
    return sorted(found, key=lambda one: (one["main"] == "0", one["port"], one["ip"]))


def templates(host: dict[str, Any]) -> set[str]:
    return names(host["parentTemplates"])


def groups(host: dict[str, Any]) -> set[str]:
    return names(host["groups"])


def macros(host: dict[str, Any]) -> dict[str, str | None]:
    """Return a host's macros; None for a value that Zabbix hides."""
    found = {macro["macro"]: None if macro["type"] == "1" else macro["value"] for macro in host["macros"]}
    assert found.pop("{$NETBOX.APPLIED}")
    return found


def filled(host: dict[str, Any]) -> dict[str, str]:
    """Return the inventory fields of a host that hold something."""
    return {key: value for key, value in host["inventory"].items() if value and key != "inventory_mode"}


def monitored_by(world: World, host: dict[str, Any]) -> str:
    """Return the name of the proxy or proxy group of a host, `server` without one."""
    if world.zabbix.release < (7, 0):
        number, name = host["proxy_hostid"], "host"
    elif host["monitored_by"] == "2":
        return str(world.zabbix.api("proxygroup.get", proxy_groupids=[host["proxy_groupid"]])[0]["name"])
    else:
        number, name = host["proxyid"], "name"
    return "server" if number == "0" else str(world.zabbix.api("proxy.get", proxyids=[number])[0][name])


# --- network devices


def test_branch_routers_snmpv3(kitchen: World) -> None:
    branches = named(kitchen, "dcim/site-groups/", "branches")
    north = named(kitchen, "dcim/site-groups/", "branches-north", parent=branches)
    router = role(kitchen, "router")
    kitchen.device("br1", role=router, site=site(kitchen, "kiel", group=north), ip="10.20.0.1/24")
    kitchen.device("hq1", role=router, site=site(kitchen, "head-office"), ip="10.20.1.1/24")
    cook(kitchen, "branch_routers_snmpv3", secrets={"snmp_auth": "auth-phrase", "snmp_privacy": "privacy-phrase"})

    branch, office = kitchen.host("br1"), kitchen.host("hq1")
    assert templates(branch) == templates(office) == {"Cisco IOS by SNMP"}
    assert groups(branch) == {"NetBox/Routers/Kiel", "NetBox/Branches"}
    assert groups(office) == {"NetBox/Routers/Head office"}
    (snmp,) = interfaces(branch, "snmp")
    assert (snmp["ip"], snmp["port"], snmp["main"]) == ("10.20.0.1", "161", "1")
    expected = {
        "version": "3",
        "securityname": "zabbix",
        "securitylevel": "2",
        "authprotocol": "3",
        "authpassphrase": "auth-phrase",
        "privprotocol": "3",
        "privpassphrase": "privacy-phrase",
    }
    assert {key: snmp["details"][key] for key in expected} == expected
    details = interfaces(office, "snmp")[0]["details"]
    assert (details["version"], details["community"]) == ("2", "{$SNMP_COMMUNITY}")


def test_pdus(kitchen: World) -> None:
    maker = named(kitchen, "dcim/manufacturers/", "apc")
    kinds = {
        slug: kitchen.netbox.make("dcim/device-types/", model=slug.upper(), slug=slug, manufacturer=maker)["id"]
        for slug in ("ap8881", "ap8941")
    }
    place = site(kitchen, "muc1")
    rack = kitchen.netbox.make("dcim/racks/", name="R 12", site=place)["id"]
    kitchen.device("pdu-a", device_type=kinds["ap8881"], site=place, rack=rack)
    kitchen.device("pdu-b", device_type=kinds["ap8941"], site=place)
    kitchen.device("switch")
    cook(kitchen, "pdus")

    assert {host["host"] for host in kitchen.ours()} == {"pdu-a", "pdu-b"}
    host = kitchen.host("pdu-a")
    assert templates(host) == {"Generic by SNMP"}
    assert groups(host) == {"NetBox/Power/Muc1"}
    assert tags(host) == {("model", "ap8881"), ("rack", "R 12")}
    assert macros(host) == {}
    details = interfaces(host, "snmp")[0]["details"]
    assert (details["version"], details["bulk"], details["community"]) == ("1", "0", "{$PDU_COMMUNITY}")
    host = kitchen.host("pdu-b")
    assert tags(host) == {("model", "ap8941")}, "no rack, no tag"
    assert macros(host) == {"{$SNMP.TIMEOUT}": "10m", "{$PDU.PHASES}": "3"}


def test_several_snmp(kitchen: World) -> None:
    custom_field(kitchen, "gateway_agent")
    firewall = role(kitchen, "firewall")
    device = kitchen.device("fw1", role=firewall, ip="10.30.0.1/24", custom_fields={"gateway_agent": "10.30.9.9"})
    oob = address(kitchen, device, "oob", "10.31.0.1/24")
    kitchen.netbox.change("dcim/devices/", device["id"], oob_ip=oob)
    address(kitchen, device, "ha0", "10.32.0.1/30")
    kitchen.device("fw2", role=firewall, ip="10.30.0.2/24")
    cook(kitchen, "several_snmp")

    host = kitchen.host("fw1")
    assert templates(host) == {"Network Generic Device by SNMP"}
    assert groups(host) == {"NetBox/Firewalls"}
    found = {one["ip"]: one for one in interfaces(host, "snmp")}
    assert {ip: (one["main"], one["port"], one["details"]["version"]) for ip, one in found.items()} == {
        "10.31.0.1": ("1", "161", "2"),
        "10.32.0.1": ("0", "161", "2"),
        "10.30.9.9": ("0", "1161", "1"),
    }
    assert found["10.31.0.1"]["details"]["community"] == "{$SNMP_COMMUNITY}"
    assert found["10.32.0.1"]["details"]["community"] == "{$CLUSTER_COMMUNITY}"
    (only,) = interfaces(kitchen.host("fw2"), "snmp")
    assert (only["ip"], only["main"]) == ("10.30.0.2", "1")


def test_ipv6_only(kitchen: World) -> None:
    modern = named(kitchen, "dcim/site-groups/", "ipv6-only")
    lab = site(kitchen, "garching", group=modern)
    both = kitchen.device("sw-both", ip="10.40.0.1/24")
    six = address(kitchen, both, "lo6", "2001:db8::b/128")
    kitchen.netbox.change("dcim/devices/", both["id"], primary_ip6=six)
    old = kitchen.device("sw-both-6", site=lab, ip="10.40.0.2/24")
    six = address(kitchen, old, "lo6", "2001:db8::c/128")
    kitchen.netbox.change("dcim/devices/", old["id"], primary_ip6=six)
    kitchen.device("sw-6", site=lab, ip="2001:db8::a/64")
    kitchen.device("sw-6-elsewhere", ip="2001:db8::d/64")
    cook(kitchen, "ipv6_only")

    found = {host["host"]: interfaces(host, "snmp")[0]["ip"] for host in kitchen.ours()}
    assert found == {
        "sw-both": "10.40.0.1",
        "sw-both-6": "2001:db8::c",
        "sw-6": "2001:db8::a",
        "sw-6-elsewhere": "2001:db8::d",
    }
    assert groups(kitchen.host("sw-6")) == {"NetBox/Switches/Garching", "NetBox/IPv6"}
    assert tags(kitchen.host("sw-6")) == {("family", "ipv6")}
    assert templates(kitchen.host("sw-6")) == {"Network Generic Device by SNMP"}
    assert tags(kitchen.host("sw-both")) == set()
    kitchen.device("sw-4", site=lab, ip="10.40.0.3/24")
    assert "no ipv6 address" in (of(run(kitchen, "ipv6_only"), "sw-4").error or "")


# --- servers and virtual machines


def platforms(world: World) -> dict[str, int]:
    """Make two families of platforms with one version each."""
    windows = named(world, "dcim/platforms/", "windows")
    linux = named(world, "dcim/platforms/", "linux")
    return {
        "windows": named(world, "dcim/platforms/", "windows-server-2022", parent=windows),
        "linux": named(world, "dcim/platforms/", "debian-12", parent=linux),
    }


def test_windows_vms(kitchen: World) -> None:
    platform = platforms(kitchen)
    kitchen.vm("win1", platform=platform["windows"], ip="10.50.0.1/24")
    kitchen.vm("lin1", platform=platform["linux"])
    kitchen.device("metal", platform=platform["windows"])
    cook(kitchen, "windows_vms")

    assert {host["host"] for host in kitchen.ours()} == {"win1", "lin1"}, "devices are others' matter"
    host = kitchen.host("win1")
    assert templates(host) == {"Windows by Zabbix agent"}
    assert groups(host) == {"NetBox/Virtual machines/c1", "NetBox/Windows"}
    assert tags(host) == {("os", "Windows server 2022")}
    (agent,) = interfaces(host, "agent")
    assert (agent["ip"], agent["port"]) == ("10.50.0.1", "10050")
    assert templates(kitchen.host("lin1")) == {"Linux by Zabbix agent"}


def test_ipmi_oob(kitchen: World) -> None:
    custom_field(kitchen, "bmc", "boolean")
    server = role(kitchen, "server")
    device = kitchen.device("srv1", role=server, ip="10.60.0.1/24", custom_fields={"bmc": True})
    oob = address(kitchen, device, "ipmi", "10.61.0.1/24")
    kitchen.netbox.change("dcim/devices/", device["id"], oob_ip=oob)
    kitchen.device("srv2", role=server, custom_fields={"bmc": False})
    cook(kitchen, "ipmi_oob", secrets={"ipmi": "ipmi-pass"})

    host = kitchen.host("srv1")
    assert templates(host) == {"Linux by Zabbix agent", "Chassis by IPMI"}
    assert [one["ip"] for one in interfaces(host, "agent")] == ["10.60.0.1"]
    assert [(one["ip"], one["port"]) for one in interfaces(host, "ipmi")] == [("10.61.0.1", "623")]
    fields = ("ipmi_authtype", "ipmi_privilege", "ipmi_username", "ipmi_password")
    assert [host[field] for field in fields] == ["6", "2", "zabbix", "ipmi-pass"]
    host = kitchen.host("srv2")
    assert templates(host) == {"Linux by Zabbix agent"}
    assert interfaces(host, "ipmi") == []
    assert host["ipmi_username"] == ""
    kitchen.device("srv3", role=server, custom_fields={"bmc": True})
    failed = of(run(kitchen, "ipmi_oob", secrets={"ipmi": "ipmi-pass"}), "srv3")
    assert "no oob address" in (failed.error or "")


def test_jmx_by_tenant(kitchen: World) -> None:
    tomcat = tag(kitchen, "tomcat")
    kitchen.vm("app-bank", tags=tomcat, tenant=named(kitchen, "tenancy/tenants/", "bank"), ip="10.70.0.1/24")
    kitchen.vm("app-shared", tags=tomcat)
    secrets = {"tomcat": "one", "tomcat_bank": "two"}
    cook(kitchen, "jmx_by_tenant", secrets=secrets)

    host = kitchen.host("app-bank")
    assert templates(host) == {"Apache Tomcat by JMX"}
    assert groups(host) == {"NetBox/Applications/Bank"}
    assert [(one["ip"], one["port"]) for one in interfaces(host, "jmx")] == [("10.70.0.1", "{$JMX.PORT}")]
    assert macros(host) == {"{$JMX.PORT}": "19010", "{$TOMCAT.USER}": "bank-monitor", "{$TOMCAT.PASSWORD}": None}
    host = kitchen.host("app-shared")
    assert groups(host) == {"NetBox/Applications/shared"}
    assert macros(host) == {"{$JMX.PORT}": "9010", "{$TOMCAT.USER}": "monitor", "{$TOMCAT.PASSWORD}": None}
    rotated = run(kitchen, "jmx_by_tenant", secrets={**secrets, "tomcat_bank": "three"})
    assert of(rotated, "app-bank").changes == ["macros[{$TOMCAT.PASSWORD}]"]
    assert len(rotated.hosts) == 1, "the other tenants' password is the same"


def test_secret_macros(kitchen: World) -> None:
    custom_field(kitchen, "environment")
    database = tag(kitchen, "postgresql")
    kitchen.vm("PG1", tags=database, custom_fields={"environment": "production"}, ip="10.80.0.1/24")
    kitchen.vm("pg2", tags=database, ip="10.80.0.2/24")
    cook(kitchen, "secret_macros", secrets={"postgresql": "pg-pass"})

    host = kitchen.host("PG1")
    assert templates(host) == {"PostgreSQL by Zabbix agent 2"}
    assert macros(host) == {
        "{$PG.USER}": "zbx_monitor",
        "{$PG.PASSWORD}": "secret/databases/pg1:password",
        "{$PG.URI}": "tcp://10.80.0.1:5432",
    }
    host = kitchen.host("pg2")
    assert macros(host) == {"{$PG.USER}": "zbx_monitor", "{$PG.PASSWORD}": None, "{$PG.URI}": "tcp://10.80.0.2:5432"}
    assert [one["description"] for one in host["macros"] if one["macro"] == "{$PG.PASSWORD}"] == [
        "Rotated by the database team"
    ]


def test_tls_psk(kitchen: World) -> None:
    linux = platforms(kitchen)["linux"]
    kitchen.vm("Web1", platform=linux)
    kitchen.vm("web2", platform=linux, tags=tag(kitchen, "psk-migration"))
    secrets = {"agent_psk": {"default": KEYS[0], "web2": KEYS[1]}}
    cook(kitchen, "tls_psk", secrets=secrets)

    one, two = kitchen.host("Web1"), kitchen.host("web2")
    assert templates(one) == templates(two) == {"Linux by Zabbix agent"}
    assert (one["tls_connect"], one["tls_accept"]) == ("2", "2")
    assert (two["tls_connect"], two["tls_accept"]) == ("2", "3")
    rotated = run(kitchen, "tls_psk", secrets={"agent_psk": {"default": KEYS[0], "web2": KEYS[2]}})
    assert [(host.name, host.changes) for host in rotated.hosts] == [("web2", ["tls_psk"])]


def test_dns_connections(kitchen: World) -> None:
    dns_name(kitchen, kitchen.vm("srv1", ip="10.90.0.1/24"), "srv1.example.net")
    named_so = tag(kitchen, "name-is-dns")
    kitchen.vm("SRV2", tags=named_so, ip="10.90.0.2/24")
    dns_name(kitchen, kitchen.vm("srv3", tags=named_so, ip="10.90.0.3/24"), "srv3.example.net")
    cook(kitchen, "dns_connections")

    def connection(name: str) -> tuple[str, str, str]:
        (agent,) = interfaces(kitchen.host(name), "agent")
        return agent["useip"], agent["ip"], agent["dns"]

    assert templates(kitchen.host("srv1")) == {"Zabbix agent"}
    assert connection("srv1") == ("0", "10.90.0.1", "srv1.example.net")
    assert connection("SRV2") == ("0", "", "srv2.example.com")
    assert connection("srv3") == ("0", "", "srv3.example.net")
    kitchen.vm("srv4")
    assert "no DNS name" in (of(run(kitchen, "dns_connections"), "srv4").error or "")


def test_config_context(kitchen: World) -> None:
    server = role(kitchen, "server")
    web = tag(kitchen, "apache")
    context = yaml.safe_load(section("config_context")[1])
    kitchen.netbox.make("extras/config-contexts/", name="apache", weight=1000, tags=["apache"], data=context)
    kitchen.device("plain", role=server)
    kitchen.device("web1", role=server, tags=web)
    cook(kitchen, "config_context")

    host = kitchen.host("plain")
    assert templates(host) == {"Linux by Zabbix agent"}
    assert tags(host) == {("service", "base"), ("team", "linux")}
    host = kitchen.host("web1")
    assert templates(host) == {"Zabbix agent", "Apache by Zabbix agent"}
    assert groups(host) == {"NetBox/Servers", "NetBox/Web"}
    assert tags(host) == {("service", "web")}
    assert macros(host) == {"{$APACHE.STATUS.PORT}": "8080"}


def test_tuning_team(kitchen: World) -> None:
    server = role(kitchen, "server")
    device = kitchen.device("srv1", role=server)
    ownership = yaml.safe_load(section("tuning_team")[1])["netbox_zabbix_ownership"]
    cook(kitchen, "tuning_team", ownership=ownership)
    host = kitchen.host("srv1")
    assert templates(host) == {"Linux by Zabbix agent"}
    assert macros(host) == {"{$CPU.UTIL.CRIT}": "90"}

    # what the tuning team does
    kitchen.zabbix.api(
        "host.update",
        hostid=host["hostid"],
        templates=[{"templateid": kitchen.zabbix.template("Zabbix agent")}],
        templates_clear=[{"templateid": kitchen.zabbix.template("Linux by Zabbix agent")}],
    )
    (macro,) = [one for one in host["macros"] if one["macro"] == "{$CPU.UTIL.CRIT}"]
    kitchen.zabbix.api("usermacro.update", hostmacroid=macro["hostmacroid"], value="75")
    assert not run(kitchen, "tuning_team", ownership=ownership).changed
    # all else is kept right
    kitchen.netbox.change("dcim/devices/", device["id"], site=kitchen.netbox.ids["site2"])
    cook(kitchen, "tuning_team", ownership=ownership)
    host = kitchen.host("srv1")
    assert templates(host) == {"Zabbix agent"}
    assert macros(host) == {"{$CPU.UTIL.CRIT}": "75"}
    assert groups(host) == {"NetBox/Servers/Hamburg 1"}
    assert tags(host) == {("site", "ham1")}


# --- the whole estate


def test_proxies_by_region(kitchen: World) -> None:
    europe = named(kitchen, "dcim/regions/", "europe")
    germany = named(kitchen, "dcim/regions/", "germany", parent=europe)
    asia = named(kitchen, "dcim/regions/", "asia")
    bonn = site(kitchen, "bonn", region=germany)
    kitchen.device("de1", site=bonn)
    kitchen.device("jp1", site=site(kitchen, "tokyo", region=asia))
    kitchen.device("core1", site=bonn, role=role(kitchen, "core"))
    kitchen.device("none1")
    cook(kitchen, "proxies_by_region")

    hosts = {host["host"]: host for host in kitchen.ours()}
    assert {name: monitored_by(kitchen, host) for name, host in hosts.items()} == {
        "de1": "lab-proxy",
        "jp1": "lab-proxy-2",
        "core1": "server",
        "none1": "server",
    }
    assert groups(hosts["de1"]) == {"NetBox/Europe/Germany/Bonn"}
    assert groups(hosts["none1"]) == {"NetBox/no region/Berlin 1"}


def test_proxy_group(kitchen: World) -> None:
    datacentres = named(kitchen, "dcim/site-groups/", "datacentres")
    kitchen.device("dc1", site=site(kitchen, "fra1", group=datacentres))
    kitchen.device("office1")
    if kitchen.zabbix.release < (7, 0):
        result = run(kitchen, "proxy_group")
        assert "proxy group" in (of(result, "dc1").error or "")
        assert [host["host"] for host in kitchen.ours()] == ["office1"], "only those fail that want one"
        return
    cook(kitchen, "proxy_group")
    assert monitored_by(kitchen, kitchen.host("dc1")) == "lab-group"
    assert monitored_by(kitchen, kitchen.host("office1")) == "server"


def test_maintenance_tags(kitchen: World) -> None:
    sunday = tag(kitchen, "patch-sunday")
    device = kitchen.device("a", tags=sunday)
    kitchen.device("b", tags=tag(kitchen, "patch-wednesday"))
    kitchen.device("c")
    kitchen.device("d", status="staged")
    kitchen.device("e", tags=[*sunday, *tag(kitchen, "construction")])
    cook(kitchen, "maintenance_tags")

    found = {host["host"]: tags(host) for host in kitchen.ours()}
    assert found == {
        "a": {("maintenance", "sunday")},
        "b": {("maintenance", "wednesday")},
        "c": {("maintenance", "none")},
        "d": {("maintenance", "always")},
        "e": {("maintenance", "always")},
    }
    assert kitchen.host("d")["status"] == "0"
    # a tag taken away in NetBox takes the host out of the window
    kitchen.netbox.change("dcim/devices/", device["id"], tags=[])
    assert of(cook(kitchen, "maintenance_tags"), "a").reasons == ["pending"]
    assert tags(kitchen.host("a")) == {("maintenance", "none")}


def test_names_by_site(kitchen: World) -> None:
    kitchen.device("SW1", asset_tag="A-100")
    kitchen.device("SW1", site=kitchen.netbox.ids["site2"])
    kitchen.vm("Vm1")
    cook(kitchen, "names_by_site")

    assert {host["host"]: host["name"] for host in kitchen.ours()} == {
        "ber1-sw1": "Berlin 1: SW1 [A-100]",
        "ham1-sw1": "Hamburg 1: SW1",
        "ber1-vm1": "Berlin 1: Vm1",
    }


def test_inventory_cmdb(kitchen: World) -> None:
    place = site(kitchen, "bremen", physical_address="Am Wall 1, Bremen")
    hall = kitchen.netbox.make("dcim/locations/", name="Hall 2", slug="hall-2", site=place, status="active")["id"]
    rack = kitchen.netbox.make("dcim/racks/", name="R 7", site=place, location=hall)["id"]
    kitchen.device(
        "sw1",
        site=place,
        location=hall,
        rack=rack,
        serial="S-123",
        asset_tag="A-7",
        tenant=named(kitchen, "tenancy/tenants/", "bank"),
        platform=platforms(kitchen)["linux"],
    )
    kitchen.vm("vm1")
    cook(kitchen, "inventory_cmdb")

    host = kitchen.host("sw1")
    assert host["inventory_mode"] == "0"
    assert filled(host) == {
        "name": "sw1",
        "type": "Switch",
        "deployment_status": "active",
        "location": "Hall 2",
        "site_address_a": "Am Wall 1, Bremen",
        "contact": "Bank",
        "os": "Debian 12",
        "url_a": "https://netbox.example.com/search/?q=sw1",
        "vendor": "Acme",
        "model": "S1",
        "hardware": "Acme S1",
        "serialno_a": "S-123",
        "asset_tag": "A-7",
        "site_rack": "R 7",
    }
    host = kitchen.host("vm1")
    kitchen.zabbix.api("host.update", hostid=host["hostid"], inventory={"notes": "by hand"})
    assert not run(kitchen, "inventory_cmdb").changed
    assert filled(kitchen.host("vm1")) == {
        "notes": "by hand",
        "name": "vm1",
        "deployment_status": "active",
        "location": "Berlin 1",
        "contact": "IT",
        "url_a": "https://netbox.example.com/search/?q=vm1",
    }


def test_exclude_by_tag(kitchen: World) -> None:
    kitchen.device("sw1")
    kitchen.device("sw2", tags=tag(kitchen, "no-monitoring"))
    kitchen.device("panel", role=role(kitchen, "patch-panel"), ip=None)
    kitchen.vm("Test-7")
    cook(kitchen, "exclude_by_tag")

    (host,) = kitchen.ours()
    assert host["host"] == "sw1"
    assert templates(host) == {"ICMP Ping"}


def test_fallback(kitchen: World) -> None:
    kitchen.vm("known", platform=platforms(kitchen)["linux"])
    kitchen.device("unknown")
    cook(kitchen, "fallback")

    host = kitchen.host("known")
    assert templates(host) == {"Linux by Zabbix agent"}
    assert groups(host) == {"NetBox/Berlin 1"}
    assert tags(host) == set()
    host = kitchen.host("unknown")
    assert templates(host) == {"ICMP Ping"}
    assert groups(host) == {"NetBox/Berlin 1", "NetBox/To be sorted"}
    assert tags(host) == {("policy", "fallback")}


def test_by_environment(kitchen: World) -> None:
    custom_field(kitchen, "environment")
    kitchen.device("prod", custom_fields={"environment": "production"})
    kitchen.device("lab", custom_fields={"environment": "lab"}, status="staged")
    kitchen.device("new")
    kitchen.device("off", status="offline")
    cook(kitchen, "by_environment")

    hosts = {host["host"]: host for host in kitchen.ours()}
    assert {name: (groups(host), tags(host), macros(host), host["status"]) for name, host in hosts.items()} == {
        "prod": (
            {"NetBox/production/Switch"},
            {("environment", "production")},
            {"{$ICMP_LOSS_WARN}": "20"},
            "0",
        ),
        "lab": (
            {"NetBox/lab/Switch"},
            {("environment", "lab"), ("alerting", "office-hours")},
            {"{$ICMP_LOSS_WARN}": "60"},
            "0",
        ),
        "new": (
            {"NetBox/unknown/Switch"},
            {("environment", "unknown"), ("alerting", "office-hours")},
            {"{$ICMP_LOSS_WARN}": "60"},
            "0",
        ),
    }
