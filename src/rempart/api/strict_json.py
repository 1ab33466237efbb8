"""Reads a JSON object into a wire struct with one meaning only, or says which field is at fault.

msgspec takes the last of two equal keys in silence, and its messages quote keys; so keys are
read here first, and errors are worked out from the struct's own types (docs/decisions/0005).
"""

import datetime as dt
import json
import types
import typing
from functools import cache
from typing import Any, Final, NoReturn, TypeVar

import msgspec

from rempart.api.problems import ProblemError

Wire = TypeVar("Wire", bound=msgspec.Struct)

_BOM: Final = b"\xef\xbb\xbf"


def read(body: bytes, wire: type[Wire]) -> Wire:
    """Return the body as this struct; raise `ProblemError`, which never holds a value.

    The struct's fields are text, whole numbers and dates, each possibly null, or a list of structs
    of those: what is wrong inside such a list is told by the list's name.
    """
    fields = _fields(wire)
    given = _object(body, fields.keys())
    try:
        if "".join([text for text in given.values() if isinstance(text, str)]).isprintable():
            return msgspec.convert(given, wire, strict=True)
    except msgspec.ValidationError:
        pass  # which field, and what is wrong with it, is worked out below
    if given.keys() - fields.keys():
        raise ProblemError("unknown_field")  # its name is the client's text: not repeated
    for name, field in fields.items():
        if name not in given:
            if field.required:
                raise ProblemError("missing_field", name)
            continue
        _check(name, given[name], field.type)
    raise ProblemError("malformed_json")


@cache
def _fields(wire: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(wire)}


def _object(body: bytes, names: typing.Collection[str]) -> dict[str, Any]:
    if body.startswith(_BOM):
        raise ProblemError("malformed_json")
    try:
        text = body.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise ProblemError("not_utf8") from None

    try:
        given = _DECODER.decode(text)
    except _DuplicateKeyError as error:
        raise ProblemError("duplicate_key", error.key if error.key in names else None) from None
    except (ValueError, RecursionError):
        # Includes NaN and Infinity, and numbers of more than 4,300 digits.
        raise ProblemError("malformed_json") from None
    if not isinstance(given, dict):
        raise ProblemError("malformed_json")
    return given


class _DuplicateKeyError(Exception):
    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise _DuplicateKeyError(key)
        seen.add(key)
    raise ValueError


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)


def _check(name: str, value: object, expected: Any) -> None:  # noqa: ANN401 - a type, as typing has it
    """Raise for one field's value: of the wrong kind, or of the right kind and out of form."""
    bare = _bare(expected)
    if value is None and type(None) in bare:
        return
    kinds = {str if kind is dt.date else kind for kind in bare}
    if type(value) not in kinds:
        raise ProblemError("wrong_type", name)
    if isinstance(value, str) and not value.isprintable():
        raise ProblemError("bad_format", name)  # control characters, lone surrogates
    try:
        msgspec.convert(value, expected, strict=True)
    except msgspec.ValidationError:
        code = "bad_date" if dt.date in bare else "bad_format"
        raise ProblemError(code, name) from None


def _bare(expected: Any) -> set[type]:  # noqa: ANN401 - a type, as typing has it
    """List the plain types behind an annotation: str for a Literal of texts, and so on."""
    origin = typing.get_origin(expected)
    if origin is typing.Annotated:
        return _bare(typing.get_args(expected)[0])
    if origin is typing.Literal:
        return {type(value) for value in typing.get_args(expected)}
    if origin is tuple:
        return {list}
    if origin in {typing.Union, types.UnionType}:
        return set().union(*(_bare(part) for part in typing.get_args(expected)))
    if isinstance(expected, type) and issubclass(expected, msgspec.Struct):
        return {dict}
    return {expected}
