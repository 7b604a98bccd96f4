# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The texts of the options that every module has: what `plugins/module_utils/connection.py` reads, and the reports."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  netbox_url:
    description:
      - Address of NetBox, with or without C(/api).
      - Falls back to the environment variable E(NETBOX_URL).
    type: str
    required: true
  netbox_token:
    description:
      - API token of NetBox, of either kind (C(nbt_...) of NetBox 4.5 and later, or the older 40 digits).
      - Falls back to the environment variable E(NETBOX_TOKEN).
    type: str
    required: true
  netbox_validate_certs:
    description: Whether NetBox's certificate must be trusted.
    type: bool
    default: true
  netbox_ca_path:
    description: File with the authority of NetBox's certificate, where the system does not know it.
    type: path
  netbox_timeout:
    description: Seconds to wait for one answer of NetBox.
    type: int
    default: 120
  zabbix_url:
    description:
      - Address of Zabbix's web interface, with or without C(/api_jsonrpc.php).
      - Falls back to the environment variable E(ZABBIX_URL).
    type: str
    required: true
  zabbix_token:
    description:
      - API token of Zabbix. It wins over O(zabbix_user).
      - Falls back to the environment variable E(ZABBIX_TOKEN).
    type: str
  zabbix_user:
    description:
      - Name of a Zabbix user, where there is no token.
      - Falls back to the environment variable E(ZABBIX_USER).
    type: str
  zabbix_password:
    description:
      - Password of O(zabbix_user).
      - Falls back to the environment variable E(ZABBIX_PASSWORD).
    type: str
  zabbix_http_user:
    description: User of HTTP basic authentication before Zabbix. Zabbix 7.2 and later do not work behind it.
    type: str
  zabbix_http_password:
    description: Password of O(zabbix_http_user).
    type: str
  zabbix_validate_certs:
    description: Whether Zabbix's certificate must be trusted.
    type: bool
    default: true
  zabbix_ca_path:
    description: File with the authority of Zabbix's certificate, where the system does not know it.
    type: path
  zabbix_timeout:
    description:
      - Seconds to wait for one answer of Zabbix.
      - Zabbix goes on working after its client has given up, so that a short time makes runs slower, not faster.
    type: int
    default: 300
  reports:
    description:
      - Files to be written when the run has ended, well or not. Folders that are missing are made.
      - In a path C({job}) stands for the name of the module, so that all jobs can share one setting.
      - A relative path is seen from where C(ansible-playbook) was called.
      - They are written in check mode too, except O(reports.prometheus), whose figures would pass for those of a run.
      - One that cannot be written is a warning. The collection's document C(docs/reports.md) describes them.
    type: dict
    suboptions:
      html:
        description: A page in a single file, to be opened in a browser. It needs no server.
        type: path
      json:
        description: The whole result.
        type: path
      junit:
        description: JUnit XML, in which each host is a test case.
        type: path
      markdown:
        description: A comment for a merge request.
        type: path
      prometheus:
        description: Text for the textfile collector of Prometheus' node exporter. The name has to end in C(.prom).
        type: path
  self_monitoring:
    description:
      - Where the figures of a run are sent to, by Zabbix's sender protocol, when it has ended, well or not.
      - The playbook C(netops.netbox_zabbix.self_monitoring) makes the host that takes them. The collection's document
        C(docs/self_monitoring.md) describes it.
      - Modules that are not run by a schedule send nothing, and no module does in check mode.
      - What goes wrong is a warning and fails no run.
    type: dict
    suboptions:
      server:
        description: Name or address of the Zabbix server, or of the proxy that monitors the host.
        type: str
        required: true
      port:
        description: Its port.
        type: int
        default: 10051
      host:
        description: Technical name of the host.
        type: str
        default: NetBox sync netbox
notes:
  - Proxies are taken from the environment (E(HTTP_PROXY), E(HTTPS_PROXY), E(NO_PROXY)).
requirements:
  - pynetbox >= 7.5
  - zabbix-utils >= 2.0.3
  - requests
"""
