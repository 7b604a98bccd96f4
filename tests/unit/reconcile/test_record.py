"""The applied record: what fits, what comes back, and what it never tells."""

from __future__ import annotations

import itertools
import string

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import NetboxZabbixError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.host_config import HostConfig, Macro, Secret
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.policy.inventory_fields import INVENTORY_FIELDS
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.reconcile.record import (
    MAX_LENGTH,
    AppliedRecord,
    decode,
    digest,
    value_digest,
)
from hypothesis import given
from hypothesis import strategies as st
from unit.reconcile.samples import agent, config, differ, secret, snmp3

SOME = AppliedRecord(
    scalars={"host": "AAAAA", "description": "BBB_-"},
    groups=frozenset({"2", "35", "36", "123456789"}),
    templates=frozenset({"10001"}),
    tags=frozenset({"ccccc", "ddddd"}),
    macros={"eeeee": "fffff"},
    inventory={"type": "ggggg", "notes": "hhhhh"},
    interfaces={"agent": "iiiiijjjjj", "snmp/core-1.a_b": "kkkkklllll"},
)

digests = st.text(string.ascii_letters + string.digits + "-_", min_size=5, max_size=5)
ids = st.frozensets(st.integers(1, 2**63).map(str), max_size=8)
keys = st.builds(
    lambda kind, name: f"{kind}/{name}" if name else kind,
    st.sampled_from(["agent", "snmp", "ipmi", "jmx"]),
    st.text(string.ascii_letters + string.digits + "_.-", max_size=12),
)
records = st.builds(
    AppliedRecord,
    scalars=st.dictionaries(
        st.sampled_from(["host", "name", "status", "description", "monitored_by", "inventory_mode"]), digests
    ),
    groups=ids,
    templates=ids,
    tags=st.frozensets(digests, max_size=20),
    macros=st.dictionaries(digests, digests, max_size=20),
    inventory=st.dictionaries(st.sampled_from(sorted(INVENTORY_FIELDS)), digests, max_size=20),
    interfaces=st.dictionaries(keys, st.text(string.ascii_letters + "-_", min_size=10, max_size=10), max_size=6),
)


@given(records)
def test_what_was_encoded_comes_back(record: AppliedRecord) -> None:
    assert decode(record.encode()) == record


@given(records)
def test_one_record_has_one_text(record: AppliedRecord) -> None:
    turned = AppliedRecord(
        scalars=dict(reversed(record.scalars.items())),
        groups=record.groups,
        templates=record.templates,
        tags=frozenset(sorted(record.tags, reverse=True)),
        macros=dict(reversed(record.macros.items())),
        inventory=dict(reversed(record.inventory.items())),
        interfaces=dict(reversed(record.interfaces.items())),
    )
    assert turned.encode() == record.encode()


def test_ids_are_kept_in_base_36() -> None:
    groups = SOME.encode().split("|")[2]
    assert groups.split(".") == sorted(["2", "z", "10", "21i3v9"])


def test_the_numbers_of_inventory_fields_never_change() -> None:
    """A record that is out there was written with them: a field is only ever added at the end."""
    text = AppliedRecord(inventory={"type": "aaaaa", "serialno_a": "bbbbb", "poc_2_notes": "ccccc"}).encode()
    assert text == "1||||||69ccccc07bbbbb00aaaaa|"
    assert len(INVENTORY_FIELDS) == 70


def test_a_record_fills_a_macro_to_the_last_character() -> None:
    full = AppliedRecord(tags=frozenset(_digests(400)), interfaces={"agent": ""})
    room = 2048 - len(full.encode())
    full.interfaces["agent"] = "x" * room
    assert len(full.encode()) == MAX_LENGTH == 2048
    assert decode(full.encode()) == full
    full.interfaces["agent"] += "x"
    with pytest.raises(NetboxZabbixError, match="2049"):
        full.encode()


def test_a_record_that_does_not_fit_says_so() -> None:
    with pytest.raises(NetboxZabbixError, match=r"would take 2\d{3} characters.*2048.*fewer"):
        AppliedRecord(tags=frozenset(_digests(420))).encode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "2" + SOME.encode()[1:],  # a future format
        SOME.encode() + "|",
        SOME.encode().rsplit("|", 1)[0],
        SOME.encode().replace("h", "?", 1),  # an attribute that is not known
        SOME.encode().replace("z", "!", 1),  # no number
        SOME.encode().replace("ccccc", "cccc"),  # a digest that is too short
        SOME.encode().replace("eeeee", "eeee"),
        SOME.encode().replace("00ggggg", "99ggggg"),  # no such inventory field
        SOME.encode().replace(":", ";"),
    ],
    ids=lambda text: text[:40],
)
def test_a_damaged_or_foreign_record_counts_as_none(text: str) -> None:
    assert decode(text) == AppliedRecord()


@given(st.text(max_size=200) | st.lists(st.text("1hn|.,:AB0-é٣", max_size=9), max_size=9).map("|".join))
def test_no_text_at_all_breaks_the_reading(text: str) -> None:
    assert isinstance(decode(text), AppliedRecord)


def test_a_secrets_digest_is_keyed_and_unlike_a_plain_texts() -> None:
    value = Secret("community", "tiger")
    assert value_digest(value, "one key") != value_digest(value, "another key")
    assert value_digest(value, "one key") != digest("tiger")
    assert value_digest(value, "one key") == value_digest(Secret("renamed", "tiger"), "one key")
    assert value_digest("tiger", "one key") == digest("tiger") == value_digest("tiger", "another key")


@given(st.text(string.ascii_letters + string.digits, min_size=6, max_size=40))
def test_no_secret_is_in_a_record(value: str) -> None:
    """Not even six characters of it, which leaves nothing to chance but digests of five."""
    desired = config(
        macros={"{$COMMUNITY}": secret(value)},
        interfaces=(agent(), snmp3(Secret("auth", value), Secret("priv", value[::-1]))),
    )
    text = record_text(desired)
    windows = {value[start : start + 6] for start in range(len(value) - 5)}
    assert not [part for part in windows if part in text and part not in _without(value)]


def _without(value: str) -> str:
    """What a record of the same host with another secret has: nothing in there comes from the secret."""
    other = config(
        macros={"{$COMMUNITY}": secret("x" + value)},
        interfaces=(agent(), snmp3(Secret("auth", "y" + value), Secret("priv", "z" + value))),
    )
    return record_text(other)


@pytest.mark.parametrize("field", ["macro", "auth", "priv"])
def test_a_changed_secret_changes_the_record(field: str) -> None:
    def text(**values: str) -> str:
        given = {"macro": "one", "auth": "two", "priv": "three"} | values
        desired = config(
            macros={"{$M}": Macro(Secret("m", given["macro"]), "secret")},
            interfaces=(snmp3(Secret("a", given["auth"]), Secret("p", given["priv"])),),
        )
        return record_text(desired)

    assert text() == text()
    assert text() != text(**{field: "changed"})


def record_text(desired: HostConfig) -> str:
    text = differ().create(desired).record
    assert text is not None
    return text


def _digests(number: int) -> list[str]:
    return ["".join(letters) for letters in itertools.islice(itertools.product("abcde", repeat=5), number)]
