"""The laboratory: real Zabbix servers, a NetBox stand-in and the estates that fill them."""
