"""The largest insurer there is: 20 million covers, in the memory that one million takes."""

import json
import time
from pathlib import Path

import psycopg
import pytest

from bench.feed_million import AMC, GOAL_MB, imported, platform, prepared
from tests.support.kept import keep

PEOPLE = 20_000_000


@pytest.mark.soak
def test_twenty_million_covers_are_taken_in_with_the_memory_of_one(tmp_path: Path) -> None:
    with platform(tmp_path / "platform") as (server, keyring, settings):
        feed = prepared(tmp_path, PEOPLE, changed=False)
        dsn = server.dsn(server.superuser, keyring.ensure_password(server.superuser))
        with psycopg.connect(dsn, autocommit=True) as owner:
            owner.execute("select registry.add_insurer(%s, 'Mutuelle')", (AMC,))
            rules = json.dumps({"PHAR": {"mode": "direct", "rate_bp": 10000}})
            owner.execute("select registry.add_plan(%s, 'FULL', 'Tout', %s::jsonb)", (AMC, rules))
        began = time.monotonic()
        found = imported(settings, feed)
        taken_s = time.monotonic() - began
        keep("twenty_million", {"seconds": taken_s, "peak_mb": found["peak_mb"]})
        assert found["accepted"] == found["after"] == PEOPLE
        assert found["peak_mb"] <= GOAL_MB
