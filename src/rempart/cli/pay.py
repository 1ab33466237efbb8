"""`rempart pay`: the payment, from what is owed to the notice of what was paid."""

import typer

from rempart.cli.client import group_of
from rempart.cli.output import Json, emit, load_settings
from rempart.foundation.keyring import FileKeyring


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = group_of("Pay what is owed.")
    group.command("keys")(keys)
    group.callback()(lambda: None)
    app.add_typer(group, name="pay")


def keys(as_json: Json = False) -> None:
    """Make the pair of keys that bank details are sealed to, in the keyring; an older one stays.

    The key `payment` opens every bank detail: keep it where the payment job runs, and nowhere else.
    """
    from rempart.billing import PRIVATE_KEY, PUBLIC_KEY, make_payment_keys

    keyring = FileKeyring.create(load_settings().keyring)
    make_payment_keys(keyring)
    told = {"private": PRIVATE_KEY, "public": PUBLIC_KEY}
    emit(told, as_json, lambda: typer.echo(f"in the keyring: {PRIVATE_KEY}, {PUBLIC_KEY}"))
