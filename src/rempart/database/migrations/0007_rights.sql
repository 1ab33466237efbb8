-- The shape in which questions reach rights.ask and rights.collect.
set role rempart_owner;

create type rights.question as (
    attempt bytea,
    token text,
    jkt bytea,
    proof bytea,
    proof_jti text,
    network text,
    edge bytea,
    boot bytea,
    professional text,
    site text,
    insurer text,
    person_index bytea,
    asked bytea,
    card bytea,
    domain text,
    care_on date,
    evidence text,
    reference text,
    sameness bytea,
    digest bytea,
    engagement_id bytea,
    engagement_hash bytea
);
comment on type rights.question is 'One question as the edge puts it: no plain identifier, every field filled (docs/question.md).';

create type rights.pickup as (
    attempt bytea,
    token text,
    jkt bytea
);
comment on type rights.pickup is 'What collects one answer: the attempt, and the token that asked.';
