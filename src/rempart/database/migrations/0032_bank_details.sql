-- Where a site is paid: sealed, so that only the payment job can read it.
set role rempart_owner;

create table billing.bank_detail (
    detail_id bigint generated always as identity primary key,
    site_id bigint not null,
    place smallint not null check (place > 0),
    sealed bytea not null check (octet_length(sealed) between 1100 and 1400),
    last_four text not null check (last_four ~ '^[0-9A-Z]{4}$'),
    stated_at timestamptz not null,
    effective_at timestamptz not null,
    cancelled_at timestamptz,
    -- A change waits; and two who change at the same moment are not both heard.
    constraint bank_detail_once unique (site_id, place),
    check (effective_at >= stated_at),
    check (cancelled_at < effective_at)
);
comment on table billing.bank_detail is 'A site''s IBANs, one after the other. Write-only: sealed (HPKE) to a key that the payment job alone holds.';
comment on column billing.bank_detail.detail_id is 'Ours; a transfer says which one it was paid to.';
comment on column billing.bank_detail.site_id is 'Whose.';
comment on column billing.bank_detail.place is 'The first, the second, … of this site.';
comment on column billing.bank_detail.sealed is 'The IBAN, padded to 34 characters, sealed to the payment job and to this site''s number.';
comment on column billing.bank_detail.last_four is 'All that is ever shown of it.';
comment on column billing.bank_detail.stated_at is 'When it was stated.';
comment on column billing.bank_detail.effective_at is 'From when it is paid to: 72 hours later, or at once for the first.';
comment on column billing.bank_detail.cancelled_at is 'When it was cancelled, before it was ever paid to.';
