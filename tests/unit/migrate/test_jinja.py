"""The Jinja2 that people write for names, as fields; all else is refused, and nothing is evaluated."""

from __future__ import annotations

import pytest
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.errors import InputError
from ansible_collections.netops.netbox_zabbix.plugins.module_utils.migrate.jinja import translate_jinja

TRANSLATED = [
    ("plain", "", "plain"),
    ("a {b} c", "", 'a {"{"}b{"}"} c'),
    ("{$MACRO} {HOST.NAME}", "", "{$MACRO} {HOST.NAME}"),
    ("{{ object }}", "", "{name}"),
    ("{{object.name}}", "", "{name}"),
    ("{{ object.site.name }}/x", "", "{site}/x"),
    ("{{ object.site.region.name|lower }}", "", "{site.region:lower}"),
    ("{{ object.name }}", "role", "{role}"),
    ("{{ object.model }}", "device_type", "{device_type.model}"),
    ("{{ object.custom_field_data['owner'] }}", "", "{custom_fields.owner}"),
    ("{{ object.cf.owner | default('nobody') }}", "", '{custom_fields.owner|"nobody"}'),
    ('{{ object.name | replace("a", "b") | upper }}', "", '{name:replace("a", "b"):upper}'),
    ("{{ object.tenant.name or object.site.name }}", "", "{tenant|site}"),
    ("{{ 'text' }}", "", "text"),
    ("{{ word }}", "", "given"),
]


@pytest.mark.parametrize(("text", "prefix", "expected"), TRANSLATED)
def test_translated(text: str, prefix: str, expected: str) -> None:
    assert translate_jinja(text, prefix, {"word": "given"}) == expected


REFUSED = [
    "{% if object.site %}x{% endif %}",
    "{{ object.site.name[0:3] }}",
    "{{ object.interfaces.all() }}",
    "{{ object.name | regex_replace('a', 'b') }}",
    "{{ 7 * 7 }}",
    "{{ object.__class__ }}",
    "{{ object.face }}",
    "{{ config }}",
    "{{ object.name",
    "{{ object.name ~ 'x' }}",
]


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    with pytest.raises(InputError):
        translate_jinja(text, "", {})
