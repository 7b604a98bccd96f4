"""What NetBox answers when it does not do as asked."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(body)
        self.status = status
        self.body = body
        self.headers = headers or {}


class Invalid(ApiError):
    """The request's values are refused: {"field": ["reason"]}."""

    def __init__(self, errors: Any) -> None:
        super().__init__(400, errors)


def invalid(field: str, reason: str) -> Invalid:
    return Invalid({field: [reason]})


def not_found(class_name: str) -> ApiError:
    return ApiError(404, {"detail": f"No {class_name} matches the given query."})


def forbidden(detail: str = "You do not have permission to perform this action.") -> ApiError:
    return ApiError(403, {"detail": detail})
