"""Whatever is killed, the embedded database comes back with its data, and nothing stays behind."""

from tests.foundation.conftest import (
    Who,
    eventually,
    is_at_work,
    kill_hard,
    parent,
    postmaster,
)


def test_it_survives_every_kill(who: Who) -> None:
    base = who.folder / "state"
    data = base / "postgres" / "data"
    with who.actor(base) as first:
        first.do("start")
        first.do("sql create table kept (n int)")
        first.do("sql insert into kept values (42)")

        # The server itself: its keeper ends, and the same process can start it again.
        server = postmaster(data)
        keeper = parent(server)
        kill_hard(server)
        eventually(lambda: not is_at_work(keeper))
        assert first.do("running") is False
        first.do("start")
        assert first.do("sql select n from kept") == "42"

        # The keeper: the server stops with it, in order.
        server = postmaster(data)
        keeper = parent(server)
        assert keeper > 1
        kill_hard(keeper)
        eventually(lambda: not is_at_work(server))
        with who.actor(base) as second:
            second.do("start")
            assert second.do("sql select n from kept") == "42"
            server = postmaster(data)

            # Both at once, then a start while children of the dead may still be at work.
            keeper = parent(server)
            kill_hard(keeper)
            kill_hard(server)
            second.do("start")
            assert second.do("sql select n from kept") == "42"
            server = postmaster(data)

            # A holder: the server goes on for the other one, and stops after the last.
            first.kill()
            assert is_at_work(server)
            assert second.do("sql select n from kept") == "42"
        eventually(lambda: not is_at_work(server))
        eventually(lambda: not (data / "postmaster.pid").exists())


def test_processes_that_start_at_once_share_one_server(ourselves: Who) -> None:
    base = ourselves.folder / "state"
    actors = [ourselves.actor(base) for _ in range(3)]
    try:
        for actor in actors:
            actor.tell("start")
        assert [actor.hear() for actor in actors] == [{"said": True}] * 3
        shown = {actor.do("sql select pg_postmaster_start_time()") for actor in actors}
        assert len(shown) == 1
        server = postmaster(base / "postgres" / "data")
        for actor in actors[:2]:
            actor.do("stop")
        assert actors[2].do("running") is True
        actors[2].do("stop")
        assert not is_at_work(server)
    finally:
        for actor in actors:
            actor.kill()


def test_initdb_that_was_cut_short_is_begun_again(ourselves: Who) -> None:
    base = ourselves.folder / "state"
    with ourselves.actor(base) as actor:
        actor.tell("start")
        eventually((base / "postgres" / "data.new" / "base").exists)
        actor.kill()
    with ourselves.actor(base) as actor:
        actor.do("start")
        assert actor.do("sql select 1") == "1"
        assert not (base / "postgres" / "data.new").exists()
        assert not (base / "postgres" / "password.new").exists()


def test_a_recorded_id_that_another_program_has_now_is_cleared(ourselves: Who) -> None:
    base = ourselves.folder / "state"
    record = base / "postgres" / "data" / "postmaster.pid"
    with ourselves.actor(base) as actor:
        actor.do("start")
        server = postmaster(record.parent)
        keeper = parent(server)
        kill_hard(server)
        eventually(lambda: not is_at_work(keeper))
        lines = record.read_text().splitlines()
        # This actor runs, is that user's own, and is no server.
        record.write_text("\n".join([str(actor.process.pid), *lines[1:]]))
        actor.do("start")
        assert actor.do("sql select 1") == "1"
