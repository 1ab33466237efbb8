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


GUARANTEES = 500
MANY = """
insert into billing.engagement (
    engagement_id, number_hash, site_id, account_id, asked, domain, care_on, insurer_id, plan_id,
    member_reference, rate_bp, amount_cents, ceiling_cents, terms_id, given_at, expires_on)
select decode(md5('id' || n), 'hex'), sha256(('hash' || n)::bytea), e.site_id, e.account_id,
       decode(md5('asked' || n), 'hex'), e.domain, e.care_on, e.insurer_id, e.plan_id,
       e.member_reference, e.rate_bp, e.amount_cents, e.ceiling_cents, e.terms_id, e.given_at,
       e.expires_on
  from (select * from billing.engagement limit 1) e, generate_series(1, %s) n
"""


def read(site: Site) -> dict[str, int]:
    """Count the rows that indexes gave, by table."""
    owner = site.db.owner
    for connection in (owner, site.edge()):
        connection.execute("select pg_stat_force_next_flush()")
    owner.execute("select pg_stat_clear_snapshot()")
    rows = owner.execute(
        "select schemaname || '.' || relname as name, sum(idx_tup_read)::bigint as read"
        " from pg_stat_user_indexes group by 1"
    ).fetchall()
    return {row["name"]: row["read"] for row in rows}


def test_a_question_reads_no_more_when_there_are_more_guarantees(site: Site) -> None:
    for _ in range(10):
        site.ask(site.question())
    site.db.owner.execute(MANY, [GUARANTEES])
    before = read(site)
    assert site.outcome(site.question("bob")) == "covered"
    found = {name: count - before[name] for name, count in read(site).items()}
    assert found["billing.engagement"] >= 0
    assert {name: count for name, count in found.items() if count > GUARANTEES / 10} == {}
