"""The one shape of an error over HTTP, checked wherever one is met."""

import httpx

from rempart.api.problems import TABLE

KEYS = ["type", "title", "status", "code", "field", "detail", "request_id"]


def assert_problem(
    response: httpx.Response, code: str, field: str | None = None, *, never: tuple[str, ...] = ()
) -> None:
    """Assert a problem of this code and field; no text of ``never`` may come back anywhere."""
    row = TABLE[code]
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert (told["code"], told["field"], response.status_code) == (code, field, row.status)
    assert list(told) == KEYS
    assert told["status"] == row.status
    assert told["type"] == f"/v1/docs#problem-{code}"
    assert told["title"]
    assert told["detail"]
    assert told["request_id"] == response.headers["x-request-id"]
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-language"] in {"fr", "en"}
    assert ("www-authenticate" in response.headers) == (row.status == 401)
    everything = response.text + repr(response.headers)
    assert [text for text in never if text in everything] == []
