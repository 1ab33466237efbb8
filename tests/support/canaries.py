"""Insured people who do not exist: their identifiers go in, and are looked for, everywhere."""

import hashlib
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path

import psycopg

from rempart.cli.demo_platform import Platform
from rempart.foundation.embedded import EmbeddedPostgres

MEMBER = "CNRYMEM4207XQ"
OTHER_MEMBER = "CNRYMEM9911ZK"
SECRET = "CANRYSECRETQKXZMTWV7"
IBAN = "FR7630006000011234567890189"
"""A made-up account of a site, with a right key."""
NIR = "231077505300118"
"""A made-up number with a right key (97 - 2310775053001 mod 97)."""

PLANTED = (
    MEMBER, OTHER_MEMBER, SECRET, NIR, NIR[:13], IBAN, IBAN[4:-4],
    "1931-07-29", "19310729", "29/07/1931", "29.07.1931",
)  # fmt: skip


def traces() -> dict[str, bytes]:
    """Everything to look for: the canaries in clear, and their plain hashes."""
    found = {text: text.encode() for text in PLANTED}
    for text in (MEMBER, OTHER_MEMBER, SECRET, NIR, IBAN, "1931-07-29"):
        digest = hashlib.sha256(text.encode()).digest()
        found |= {f"sha256 {text} raw": digest, f"sha256 {text} hex": digest.hex().encode()}
    return found


def hits(looked: dict[str, bytes]) -> list[str]:
    """Every trace of a canary, and where it was found."""
    return [
        f"{name}: {place}"
        for place, content in looked.items()
        for name, trace in traces().items()
        if trace in content
    ]


def looked_through(
    platform: Platform, folders: Iterable[Path], printed: Iterable[str]
) -> dict[str, bytes]:
    """Everything that the platform keeps, says or shows, with these folders: name → bytes."""
    reached = platform.reached
    password = reached.keyring.ensure_password(EmbeddedPostgres.superuser)
    assert reached.embedded is not None
    found: dict[str, bytes] = {}
    dsn = reached.embedded.dsn(EmbeddedPostgres.superuser, password)
    with psycopg.connect(dsn, autocommit=True) as owner:
        tables = owner.execute(
            "select c.oid::regclass::text from pg_class c where c.relkind in ('r', 'm')"
        ).fetchall()
        for (table,) in tables:
            with owner.cursor().copy(f"copy (select t::text from {table} t) to stdout") as copy:
                found[f"table {table}"] = b"".join(bytes(chunk) for chunk in copy)
        activity = owner.execute("select a::text from pg_stat_activity a").fetchall()
        found["pg_stat_activity"] = repr(activity).encode()
        owner.execute("checkpoint")
    assert any(len(content) > 0 for name, content in found.items() if "payload" in name)
    for root in (reached.embedded.data_dir, *folders):
        for path in root.rglob("*"):
            if path.is_file() and not path.is_symlink():
                found[f"file {path.name} in {path.parent.name}: {path}"] = path.read_bytes()
    found["server log"] = reached.embedded.log_file.read_bytes()
    for url in (platform.settings.public_url, platform.settings.signin_url):
        for page in ("/metrics", "/readyz", "/healthz", "/v1/openapi.json"):
            found[url + page] = shown(url + page)
    found["printed by commands"] = "\n".join(printed).encode()
    return found


def shown(url: str) -> bytes:
    """What an address shows, whatever its status."""
    try:
        with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 - loopback
            return bytes(response.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.read()
