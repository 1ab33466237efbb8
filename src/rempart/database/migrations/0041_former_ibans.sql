-- An IBAN that nothing is paid to any more is erased long before the payments that were made to it.
set role rempart_owner;

-- squawk-ignore ban-drop-not-null
alter table billing.bank_detail alter column sealed drop not null;
comment on column billing.bank_detail.sealed is 'The IBAN, padded to 34 characters, sealed to the payment job and to this site''s number; null once it was erased (docs/purge.md).';
