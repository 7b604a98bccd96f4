"""A stand-in for NetBox 4.6: a real HTTP server that holds an estate in memory and answers as NetBox does."""

from __future__ import annotations

from .client import StandIn

__all__ = ["StandIn"]
