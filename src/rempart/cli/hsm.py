"""`rempart hsm`: the outer index keys in a PKCS#11 token, made there and looked at."""

import time
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final

import typer

from rempart.cli.output import Json, RefusedError, emit, load_settings
from rempart.foundation.errors import BadInputError

if TYPE_CHECKING:
    from rempart.foundation.hsm import Token

_HASHES: Final = 2000


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer(
        help="Keep the outer index keys in a PKCS#11 token (REMPART_HSM).",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command("make")(make)
    group.command("check")(check)
    app.add_typer(group, name="hsm")


def make(as_json: Json = False) -> None:
    """Make the three outer index keys inside the token, for a platform that has none yet."""
    from rempart.foundation.keyring import FileKeyring
    from rempart.rights import outer_key_names, refuse_two_homes

    keyring = load_settings().keyring
    if keyring.exists():
        refuse_two_homes(FileKeyring.open(keyring))
    names = outer_key_names([1])
    with opened_token() as token:
        there = [name for name in names if name in token.names()]
        if there:
            raise RefusedError(f"the token holds {', '.join(there)} already: nothing was made")
        for name in names:
            token.make(name)
    emit({"keys": names}, as_json, lambda: typer.echo("the token holds the three keys"))


def check(as_json: Json = False) -> None:
    """Open the token, look at each outer index key, and measure a hash."""
    from rempart.foundation.keyring import FileKeyring
    from rempart.rights import held_generations, outer_key_names

    keyring = load_settings().keyring
    held = held_generations(FileKeyring.open(keyring)) if keyring.exists() else []
    took: dict[str, float] = {}
    with opened_token() as token:
        for name in outer_key_names(held or [1]):
            hashed = token.hmac(name)
            began = time.perf_counter()
            for number in range(_HASHES):
                hashed(number.to_bytes(32, "big"))
            took[name] = round((time.perf_counter() - began) / _HASHES * 1e6, 1)

    def render() -> None:
        for name, microseconds in took.items():
            typer.echo(f"{name}  made in the token, cannot leave it  {microseconds} µs a hash")

    emit({"microseconds_a_hash": took}, as_json, render)


def opened_token() -> "AbstractContextManager[Token]":
    """Open the token that REMPART_HSM names. Raises `BadInputError` and `KeyringError`."""
    from rempart.foundation.hsm import Token, TokenPlace

    uri = load_settings().hsm
    if uri is None:
        raise BadInputError("REMPART_HSM", "names no token")
    return Token.open(TokenPlace.read(uri))
