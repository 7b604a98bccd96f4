"""Lays the rows that do not depend on the estate's size: places, vocabulary, custom fields, config contexts."""

from __future__ import annotations

from typing import Any

from . import catalog
from .model import Estate, Ref

#: the first data centre, which every estate has
FIRST_SITE = "ham-dc-1"

BOTH_KINDS = ["dcim.device", "virtualization.virtualmachine"]


def lay(estate: Estate) -> None:
    _tags_and_custom_fields(estate)
    _places(estate)
    _vocabulary(estate)
    _config_contexts(estate)


def _tags_and_custom_fields(estate: Estate) -> None:
    # the loader writes into its description which estate this is
    estate.add("tags", catalog.MARKER_TAG, name=catalog.MARKER_TAG, slug=catalog.MARKER_TAG)
    for slug, name in catalog.TAGS.items():
        estate.add("tags", slug, name=name, slug=slug)
    for key, name, values in (
        ("zabbix_sync_status", "Zabbix sync status", catalog.SYNC_STATUSES),
        ("service_level", "Service level", catalog.SERVICE_LEVELS),
    ):
        estate.add("choice_sets", key, name=name, extra_choices=[[value, value.capitalize()] for value in values])
    zabbix: dict[str, dict[str, Any]] = {
        "zabbix_hostid": {"type": "integer", "label": "Host ID"},
        "zabbix_sync_status": {
            "type": "select",
            "label": "Sync status",
            "choice_set": Ref("choice_sets", "zabbix_sync_status"),
        },
        "zabbix_sync_time": {"type": "datetime", "label": "Sync time"},
        "zabbix_sync_detail": {"type": "longtext", "label": "Sync detail"},
        "zabbix_exclude": {"type": "boolean", "label": "Exclude from monitoring"},
    }
    for name, payload in zabbix.items():
        estate.add("custom_fields", name, name=name, object_types=BOTH_KINDS, group_name="Zabbix", **payload)
    estate.add(
        "custom_fields",
        "service_level",
        name="service_level",
        object_types=BOTH_KINDS,
        type="select",
        choice_set=Ref("choice_sets", "service_level"),
    )
    estate.add("custom_fields", "owner", name="owner", object_types=BOTH_KINDS, type="text")


def _places(estate: Estate) -> None:
    for continent in catalog.COUNTRIES:
        slug = catalog.slugify(continent)
        estate.add("regions", slug, name=continent, slug=slug)
    for continent, countries in catalog.COUNTRIES.items():
        for country in countries:
            slug = catalog.slugify(country)
            parent = Ref("regions", catalog.slugify(continent))
            estate.add("regions", slug, name=country, slug=slug, parent=parent)
    for city in catalog.CITIES:
        # by code: the city of Singapore lies in the country of Singapore
        parent = Ref("regions", catalog.slugify(city.country))
        estate.add("regions", city.code, name=city.name, slug=f"city-{catalog.slugify(city.name)}", parent=parent)
    for slug, name, group_parent in catalog.SITE_GROUPS:
        estate.add("site_groups", slug, name=name, slug=slug, **_parent("site_groups", group_parent))


def _vocabulary(estate: Estate) -> None:
    for slug, (name, parent) in catalog.TENANT_GROUPS.items():
        estate.add("tenant_groups", slug, name=name, slug=slug, **_parent("tenant_groups", parent))
    for slug, (name, group) in catalog.TENANTS.items():
        estate.add("tenants", slug, name=name, slug=slug, group=Ref("tenant_groups", group) if group else None)
    for slug, name in catalog.MANUFACTURERS.items():
        estate.add("manufacturers", slug, name=name, slug=slug)
    for slug, name, parent, maker in catalog.PLATFORMS:
        estate.add(
            "platforms",
            slug,
            name=name,
            slug=slug,
            manufacturer=Ref("manufacturers", maker) if maker else None,
            **_parent("platforms", parent),
        )
    for models in catalog.MODELS.values():
        for model in models:
            estate.add(
                "device_types",
                model.slug,
                manufacturer=Ref("manufacturers", model.manufacturer),
                model=model.model,
                slug=model.slug,
                part_number=model.part_number,
                u_height=model.height,
                is_full_depth=False,
            )
    for slug, name, parent, color, for_vms in catalog.ROLES:
        estate.add("roles", slug, name=name, slug=slug, color=color, vm_role=for_vms, **_parent("roles", parent))
    for slug, name in catalog.CLUSTER_TYPES.items():
        estate.add("cluster_types", slug, name=name, slug=slug)
    for slug, name in catalog.CLUSTER_GROUPS.items():
        estate.add("cluster_groups", slug, name=name, slug=slug)


def _parent(table: str, slug: str | None) -> dict[str, Ref]:
    return {"parent": Ref(table, slug)} if slug else {}


def _config_contexts(estate: Estate) -> None:
    def context(name: str, weight: int, data: dict[str, Any], **assigned: Any) -> None:
        estate.add("config_contexts", name, name=name, weight=weight, data=data, is_active=True, **assigned)

    servers = {"ntp": {"servers": ["ntp1.example.net", "ntp2.example.net"]}, "syslog": {"server": "192.0.2.10"}}
    context("Everywhere", 100, servers)
    context("Europe", 200, {"dns": {"servers": ["192.0.2.53"]}, "locale": "de"}, regions=[Ref("regions", "europe")])
    context(
        "Americas",
        200,
        {"dns": {"servers": ["198.51.100.53"]}, "ntp": {"servers": ["ntp.us.example.net"]}},
        regions=[Ref("regions", "americas")],
    )
    context(
        "Branches",
        300,
        {"zabbix": {"tags": {"wan": "single"}}},
        site_groups=[Ref("site_groups", "branches")],
    )
    context(
        "Network devices",
        400,
        {"zabbix": {"tags": {"team": "network"}}},
        roles=[Ref("roles", "network")],
    )
    context(
        "Databases",
        400,
        {"zabbix": {"tags": {"team": "database"}, "host_groups": ["Teams/Database"]}, "backup": {"daily": True}},
        roles=[Ref("roles", "database-server")],
    )
    context(
        "Linux",
        500,
        {"zabbix": {"tags": {"os": "linux"}}, "packages": ["zabbix-agent2", "chrony"]},
        platforms=[Ref("platforms", "linux")],
    )
    # The keys of another tool that many NetBoxes carry: its users bring their contexts along.
    context(
        "RouterOS SNMP",
        600,
        {
            "zabbix": {
                "interface_type": 2,
                "interface_port": 161,
                "snmp": {"version": 2, "bulk": 1, "community": "{$SNMP_COMMUNITY}"},
                "usermacros": {"{$SNMP_COMMUNITY}": "estate"},
                "tags": [{"snmp": "v2"}],
            }
        },
        platforms=[Ref("platforms", "routeros")],
    )
    context(
        "UPS",
        600,
        {
            "zabbix": {
                "templates": ["APC UPS by SNMP"],
                "interfaces": [{"type": "snmp", "version": 2, "address": "primary"}],
            }
        },
        roles=[Ref("roles", "ups")],
    )
    context("Hamburg DC 1", 300, {"zabbix": {"proxy": "lab-proxy"}}, sites=[Ref("sites", FIRST_SITE)])
    context(
        "Finance",
        700,
        {"zabbix": {"tags": {"compliance": "sox"}}, "contact": "finance-it@example.net"},
        tenants=[Ref("tenants", "finance")],
    )
    context("Lab", 800, {"zabbix": {"tags": {"alerting": "none"}}, "motd": "lab {{ 7*7 }}"}, tags=["lab"])
    context(
        "Proxmox",
        800,
        {"hypervisor": {"ha": True}},
        cluster_types=[Ref("cluster_types", "proxmox")],
    )
    # Last, so that it would win everywhere if a reader forgot to look at is_active.
    context("Retired", 9000, {"zabbix": {"tags": {"retired": "yes"}}})
    estate.tables["config_contexts"].rows[-1].payload["is_active"] = False
