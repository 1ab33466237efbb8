"""A question reads by index alone: a plan kept since tables were small must not scan them whole."""

from tests.support.asking import Site


def scans(site: Site) -> dict[str, int]:
    owner = site.db.owner
    # A connection tells its statistics now and then: what was arranged must not be told later.
    for connection in (owner, site.edge()):
        connection.execute("select pg_stat_force_next_flush()")
    owner.execute("select pg_stat_clear_snapshot()")
    rows = owner.execute(
        "select schemaname || '.' || relname as name, seq_scan from pg_stat_user_tables"
    ).fetchall()
    return {row["name"]: row["seq_scan"] for row in rows}


def test_asking_and_collecting_scan_no_table(site: Site) -> None:
    # Ten first, so that plans are kept; replays, misses and refusals among what follows.
    for _ in range(10):
        site.ask(site.question())
    before = scans(site)
    replayed = site.question("bob")
    for question in (
        replayed,
        site.question("bob", reference=replayed["reference"], sameness=replayed["sameness"]),
        site.question("stranger"),
        site.scan("carol"),
        site.question(domain="OPTI"),
        site.question(insurer="99999999"),
        site.question(professional="10000000099"),
    ):
        assert len(site.ask(question)) == 1
    scanned = {name for name, count in scans(site).items() if count > before[name]}
    # Of one row, without an index.
    assert scanned == {"guard.clock"}
