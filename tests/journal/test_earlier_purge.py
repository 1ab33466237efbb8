"""A run that an earlier version began: it ends, certified, with the kinds that it began with."""

import msgspec

from rempart.journal import check_certificate, read_certificate
from rempart.journal.purges import WHAT
from tests.support.asking import Site
from tests.support.purging import SIGNER, assert_whole, counts, purged

BEGUN_BEFORE = """
    with kinds as (select * from journal.purge_limits(now(), 36) where place <= 6),
         opened as (
            select r.entry_no from journal.record_purge(guard.now(), 'open', 'schedule', null, (
                select array_agg(journal.pack(
                           convert_to(k.what, 'UTF8'), convert_to(k.policy, 'UTF8'),
                           convert_to(to_char(k.before, 'YYYY-MM-DD'), 'UTF8'), null)
                       order by k.place)
                  from kinds k)) r),
         begun as (
            insert into journal.purge (purge_no, opened_at, author)
            select entry_no, now(), 'schedule' from opened returning purge_no)
    insert into journal.purge_part (purge_no, place, what, policy, before)
    select b.purge_no, k.place, k.what, k.policy, k.before from begun b cross join kinds k
"""
"""A run of a version that put six kinds on record, cut off before it erased anything."""


def test_a_run_that_an_earlier_version_began_ends_with_what_it_began_with(site: Site) -> None:
    site.db.owner.execute(BEGUN_BEFORE)
    made = purged(site.db)
    assert tuple(counts(made)) == WHAT[:6]
    check_certificate(read_certificate(msgspec.json.encode(made)), SIGNER.public_key)
    assert tuple(counts(purged(site.db))) == WHAT
    assert_whole(site.db)
