"""Keys that turn inside a token: made there beside the first, and the first destroyed there."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rempart.cli.demo_platform import running_platform
from rempart.cli.demo_state import settings_for
from rempart.foundation.errors import UnavailableError
from rempart.foundation.processes import free_port
from rempart.rights import BlindingClient, Purpose
from tests.support.soft_token import SoftToken

pytestmark = pytest.mark.slow


def blinded(path: Path, generation: int) -> list[bytes]:
    async def ask() -> list[bytes]:
        client = await BlindingClient.open(path)
        try:
            return await client.blind([(one.under(generation), bytes(32)) for one in Purpose])
        finally:
            await client.close()

    return asyncio.run(ask())


def test_a_platform_turns_the_keys_of_its_token(
    token: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    token.command("hsm", "make")
    monkeypatch.setenv("SOFTHSM2_CONF", token.environ["SOFTHSM2_CONF"])
    state = token.folder / "state"
    settings = replace(settings_for(state, free_port(), free_port()), hsm=token.uri())

    def turn(*words: str) -> dict[str, Any]:
        ours, signin = settings.public_url, settings.signin_url
        return token.command("turn", *words, REMPART_PUBLIC_URL=ours, REMPART_SIGNIN_URL=signin)

    with running_platform(settings, demonstration=False):
        first = blinded(settings.blinding_socket, 1)
        assert turn("make")["generation"] == 2
    with running_platform(settings, demonstration=False):
        assert blinded(settings.blinding_socket, 1) == first
        second = blinded(settings.blinding_socket, 2)
        turn("begin", "--by", "alice")
        turn("end")
        assert turn("forget") == {"forgotten": [1]}
    with running_platform(settings, demonstration=False):
        assert blinded(settings.blinding_socket, 2) == second
        with pytest.raises(UnavailableError):
            blinded(settings.blinding_socket, 1)
    assert set(first).intersection(second) == {first[1]}  # whom one met one has met
    assert token.command("hsm", "check")["microseconds_a_hash"].keys() == {
        "met_index",
        "registry_index_2",
        "card_index_2",
    }
