"""A believable company to test against: made by `generate`, put into a NetBox by `load`, taken out by `purge`."""

from __future__ import annotations

from .generate import generate
from .load import EstateError, load, purge
from .model import Estate, Ref, Row, Table

__all__ = ["Estate", "EstateError", "Ref", "Row", "Table", "generate", "load", "purge"]
