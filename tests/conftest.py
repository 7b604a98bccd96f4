"""For all tests: the checkout is the collection, wherever it lies."""

from __future__ import annotations

from tools import collection

collection.register()
