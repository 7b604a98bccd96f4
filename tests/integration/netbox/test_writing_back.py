"""Writing back into custom fields of a NetBox: what arrives, what does not, and who is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import NetBoxError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.names import read_names
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.objects import DEVICE, VIRTUAL_MACHINE
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.netbox.write_back import WriteBack, write_back

from .conftest import Company

pytestmark = pytest.mark.netbox

FIELD = "t_written_back"


@pytest.fixture(scope="module")
def field(company: Company) -> Iterator[str]:
    made = company.api.extras.custom_fields.create(name=FIELD, type="integer", object_types=["dcim.device"])
    yield FIELD
    made.delete()


@pytest.fixture
def devices(company: Company) -> list[int]:
    listed = [(number, str(name).lower()) for kind, number, name in read_names(company.connect()) if kind == DEVICE]
    # what other tests did to the company may have left namesakes, of which NetBox takes no new values
    often = Counter(name for dummy, name in listed)
    return [number for number, name in listed if often[name] == 1][:8]


def values(company: Company, ids: list[int]) -> list[int | None]:
    found = {item.id: item.custom_fields[FIELD] for item in company.api.dcim.devices.filter(id=ids)}
    return [found[number] for number in ids]


def test_values_arrive_and_the_changelog_says_who_wrote(company: Company, field: str, devices: list[int]) -> None:
    changes = [WriteBack(DEVICE, number, {field: number + 1}) for number in devices]
    assert write_back(company.connect(), changes, "written by a test").warnings == []
    assert values(company, devices) == [number + 1 for number in devices]
    entries = company.api.core.object_changes.filter(changed_object_id=devices[0], changed_object_type="dcim.device")
    newest = max(entries, key=lambda entry: entry.id)
    assert newest.message == "written by a test"


def test_only_the_offender_fails(company: Company, field: str, devices: list[int]) -> None:
    changes = [WriteBack(DEVICE, number, {field: number + 2}) for number in devices]
    changes[3] = WriteBack(DEVICE, devices[3], {field: "no integer"})
    before = values(company, devices)[3]
    (warning,) = write_back(company.connect(), changes).warnings
    assert f"device {devices[3]}" in warning
    assert "must be an integer" in warning
    expected = [number + 2 for number in devices]
    expected[3] = before if before is not None else None  # type: ignore[call-overload]
    assert values(company, devices) == expected


def test_a_device_that_is_gone_is_reported(company: Company, field: str, devices: list[int]) -> None:
    changes = [WriteBack(DEVICE, devices[0], {field: 5}), WriteBack(DEVICE, 99999999, {field: 5})]
    (warning,) = write_back(company.connect(), changes).warnings
    assert "device 99999999" in warning
    assert values(company, devices[:1]) == [5]


def test_a_field_that_the_kind_lacks_is_left_out(company: Company, field: str, devices: list[int]) -> None:
    netbox = company.connect()
    machine = next(number for kind, number, dummy in read_names(netbox) if kind == VIRTUAL_MACHINE)
    before = netbox.requests
    changes = [WriteBack(VIRTUAL_MACHINE, machine, {field: 5}), WriteBack(DEVICE, devices[0], {"t_no_such_field": 5})]
    assert write_back(netbox, changes).warnings == []
    assert netbox.requests - before == {"GET custom-fields": 1}


def test_a_token_that_may_not_write_is_a_warning(company: Company, field: str, devices: list[int]) -> None:
    if company.readonly_token is None:
        pytest.skip("NETBOX_READONLY_TOKEN is not set")
    netbox = company.connect(company.readonly_token)
    before = values(company, devices)
    (warning,) = write_back(netbox, [WriteBack(DEVICE, number, {field: 77}) for number in devices]).warnings
    assert "NetBox was not told" in warning
    assert values(company, devices) == before


@pytest.mark.parametrize("token", ["nbt_unknownkey00.unknownsecret", "0" * 40])
def test_an_unknown_token_is_said_to_be_the_trouble(company: Company, token: str) -> None:
    with pytest.raises(NetBoxError, match="does not take the token") as caught:
        company.connect(token)
    assert token not in str(caught.value)
