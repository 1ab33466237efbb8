"""The outer keys have one home, and a generation that is gone does not come back as another."""

from pathlib import Path

import pytest

from rempart.foundation.errors import KeyMissingError
from rempart.foundation.keyring import FileKeyring, KeyringError
from rempart.rights import (
    held_generations,
    keys_of,
    note_name,
    outer_key_names,
    refuse_missing,
    settle_home,
    turning_key_names,
)


@pytest.fixture
def keyring(tmp_path: Path) -> FileKeyring:
    return FileKeyring.create(tmp_path / "keyring")


def put(keyring: FileKeyring, generation: int) -> None:
    for name in turning_key_names(generation):
        keyring.ensure(name)


def test_the_names_are_in_the_order_in_which_the_process_reads_them() -> None:
    assert outer_key_names([1]) == ["registry_index", "met_index", "card_index"]
    assert outer_key_names([1, 2])[3:] == ["registry_index_2", "card_index_2"]
    assert outer_key_names([3]) == ["met_index", "registry_index_3", "card_index_3"]


def test_the_first_keys_are_made_once(keyring: FileKeyring) -> None:
    assert settle_home(keyring, in_token=False) == [1]
    first = keys_of(keyring, [1])
    put(keyring, 2)
    assert settle_home(keyring, in_token=False) == held_generations(keyring) == [1, 2]
    assert keys_of(keyring, [1]) == first


def test_what_was_forgotten_is_not_made_anew(keyring: FileKeyring) -> None:
    settle_home(keyring, in_token=False)
    put(keyring, 2)
    for name in turning_key_names(1):
        keyring.remove(name)
    assert settle_home(keyring, in_token=False) == [2]
    assert "registry_index" not in keyring.names()
    # Half of a generation is none.
    keyring.remove("card_index_2")
    with pytest.raises(KeyMissingError, match="card_index_2"):
        keys_of(keyring, settle_home(keyring, in_token=False))


def test_a_token_is_noted_by_generation(keyring: FileKeyring) -> None:
    assert settle_home(keyring, in_token=True) == [1]
    keyring.ensure(note_name(2))
    assert settle_home(keyring, in_token=True) == [1, 2]
    keyring.remove(note_name(1))
    assert settle_home(keyring, in_token=True) == [2]
    with pytest.raises(KeyringError, match="names none"):
        settle_home(keyring, in_token=False)
    keyring.put("registry_index_2", b"k" * 32)
    with pytest.raises(KeyringError, match="holds outer keys"):
        settle_home(keyring, in_token=True)


def test_keys_of_another_time_are_refused() -> None:
    refuse_missing([1, 2], [2, 1])
    refuse_missing([1, 2, 3], [2])
    with pytest.raises(KeyringError, match="generation 1 live"):
        refuse_missing([2], [2, 1])


def test_a_key_that_is_not_there_cannot_be_removed(keyring: FileKeyring) -> None:
    with pytest.raises(KeyMissingError):
        keyring.remove("card_index_2")
