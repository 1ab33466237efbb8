"""Worked examples for the documentation. Everybody in them is invented."""

from collections.abc import Mapping
from typing import Final

QUESTION: Final[Mapping[str, object]] = {
    "insurer": "88100014",
    "member_number": "42771803",
    "birth_date": "1985-05-19",
    "birth_rank": 1,
    "domain": "PHAR",
    "care_date": "2026-03-02",
    "evidence": "typed",
    "card_secret": None,
    "reference": "2026-03-02.0117",
    "professional": "10001234565",
    "site": "750012342",
}

RECEIPT: Final[Mapping[str, object]] = {
    "entry": "5d0c7f9a1be24c8896a3d17e02f4b56c",
    "leaf": "9b1f" * 16,
    "head": "c07a" * 16,
    "salt": "31e8" * 16,
    "body_salt": "7f42" * 8,
    "commitment_m": "ad06" * 16,
    "commitment_b": "e95b" * 16,
    "signed": {
        "index": 0,
        "size": 1,
        "path": [],
        "signature": "4c1d" * 32,
        "key_id": "q2Vb7xkA",
    },
}


def _answer(outcome: str, **told: object) -> dict[str, object]:
    keys = ("rate_bp", "amount_cents", "ceiling_cents", "engagement", "expires_on")
    return {
        "outcome": outcome,
        **{key: told.get(key) for key in keys},
        "receipt": RECEIPT,
    }


ANSWERS: Final[Mapping[str, Mapping[str, object]]] = {
    "covered": _answer(
        "covered",
        rate_bp=10_000,
        ceiling_cents=15_000,
        engagement="NB34-1EQP-PW3K-XJD5-V",
        expires_on="2026-04-01",
    ),
    "covered_on_request": _answer("covered_on_request"),
    "no_right_found": _answer("no_right_found"),
    "better_evidence_needed": _answer("better_evidence_needed"),
    "exception_possible": _answer("exception_possible"),
    "insurer_not_served": _answer("insurer_not_served"),
    "closed": _answer("closed"),
}

QUOTE: Final[Mapping[str, object]] = {
    **QUESTION,
    "domain": "OPTI",
    "evidence": "scan",
    "card_secret": "7K2MQ-XW9RT-4HBVC",
    "lines": [
        {
            "category": "MONTURE",
            "quantity": 1,
            "price_cents": 14_000,
            "base_cents": 5,
            "obligatory_cents": 3,
        },
        {
            "category": "VERRE",
            "quantity": 2,
            "price_cents": 26_000,
            "base_cents": 10,
            "obligatory_cents": 6,
        },
    ],
    "replaces": None,
}


def _quoted(outcome: str, *lines: tuple[int, int, int, str], **told: object) -> dict[str, object]:
    plain = _answer(outcome, **told)
    names = ("amount_cents", "patient_cents", "units_left", "next_from")
    receipt = plain.pop("receipt")
    return (
        plain
        | {"lines": [dict(zip(names, line, strict=True)) for line in lines]}
        | {"receipt": receipt}
    )


QUOTE_ANSWERS: Final[Mapping[str, Mapping[str, object]]] = {
    "agreed": _quoted(
        "agreed",
        (5_000, 8_997, 0, "2028-03-02"),
        (20_000, 5_994, 0, "2028-03-02"),
        amount_cents=25_000,
        engagement="NB34-1EQP-PW3K-XJD5-V",
        expires_on="2026-05-31",
    ),
    "nothing_agreed": _quoted(
        "nothing_agreed", (0, 13_997, 0, "2026-03-12"), (0, 25_994, 0, "2026-03-12")
    ),
}

AUTHORIZATION_REQUEST: Final[Mapping[str, object]] = {"authorization": "NB34-1EQP-PW3K-XJD5-V"}
AUTHORIZATION: Final[Mapping[str, object]] = {
    "state": "standing",
    "amount_cents": 25_000,
    "lines": [5_000, 20_000],
    "given_at": "2026-03-02T17:42:08.114Z",
    "expires_on": "2026-05-31",
}

ENROLMENT_REQUEST: Final[Mapping[str, object]] = {"code": "K7QD9-XRM2V-TA4HF-C8N3E"}
ENROLMENT: Final[Mapping[str, object]] = {
    "client_id": "inst_3f0c9a7be1d24c5f8a6b7d90e2c4f1a8",
    "site": "750012342",
    "insurer": None,
}
TOKEN_REQUEST: Final[Mapping[str, object]] = {
    "grant_type": "client_credentials",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "client_assertion": "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJpbnN0XzR5VzFuUThyVDBzIn0.c2lnbmF0dXJl",
}
TOKEN: Final[Mapping[str, object]] = {
    "access_token": "Zk3uQ0m1yH7sVt2cWb9rXe5aLd8pGj4oNf6iKq0TzUw",
    "token_type": "DPoP",
    "expires_in": 300,
    "scope": "rights",
}
_FEED: Final[Mapping[str, object]] = {
    "id": "2026-03-15",
    "state": "in_force",
    "total": 150_000_211,
    "received": 150_000_211,
    "accepted": 1_000_000,
    "refused": 0,
    "ended": 4_117,
    "before": 996_300,
    "after": 1_000_000,
    "problems": [],
}
FEED_REPORTS: Final[Mapping[str, Mapping[str, object]]] = {
    "in_force": _FEED,
    "refused": {
        **_FEED,
        "state": "refused",
        "accepted": 0,
        "refused": 1,
        "ended": 0,
        "before": None,
        "after": None,
        "problems": [{"line": 7, "column": "valid_to", "reason": "before valid_from"}],
    },
}
CLAIM_REQUEST: Final[Mapping[str, object]] = {
    "engagement": "NB34-1EQP-PW3K-XJD5-V",
    "reference": "F-2026-0117",
    "lines": [
        {
            "category": "PH7",
            "quantity": 1,
            "price_cents": 2_000,
            "base_cents": 2_000,
            "obligatory_cents": 1_300,
        }
    ],
    "amount_cents": 700,
    "replaces": None,
}
CLAIM: Final[Mapping[str, object]] = {
    "claim": "5d0c7f9a1be24c8896a3d17e02f4b56c",
    "state": "accepted",
    "amount_cents": 700,
    "promised_cents": 700,
    "made_at": "2026-03-02T17:42:08.114Z",
    "disputed": False,
}
REMITTANCE: Final[Mapping[str, object]] = {
    "remittance": "RP7c0e5a9bd2f84e13a6b0c4d1e8f29375",
    "state": "paid",
    "paid_at": "2026-03-04T08:12:30.502Z",
    "insurer": "12345678",
    "amount_cents": 700,
    "claims": 1,
    "account": "2606",
    "returned_because": None,
}
REMITTANCES: Final[Mapping[str, object]] = {"remittances": [REMITTANCE], "has_more": False}
NOTICE: Final[Mapping[str, object]] = {
    "remittance": REMITTANCE,
    "lines": [
        {
            "claim": "5d0c7f9a1be24c8896a3d17e02f4b56c",
            "engagement": "NB34-1EQP-PW3K-XJD5-V",
            "care_date": "2026-03-02",
            "claimed_at": "2026-03-02T17:42:08.114Z",
            "amount_cents": 700,
            "disputed": False,
        }
    ],
}
PROOF_CLAIMS: Final[Mapping[str, object]] = {
    "htm": "POST",
    "htu": "https://rempart.example.org/v1/rights-questions",
    "jti": "b7Qm2xV0sT9hKf3nYc8r",
    "iat": 1_772_440_000,
    "nonce": "eJ0mC6pR1vX4uW8zQ2sD5g",
    "ath": "3vKp0sJx8fQw1nTz5cYh7mRd2bLg9aVe4uXi6oNkWqM",
    "bsh": "Hy6tR0wPz3mVb8kQd1xUj5nCf9sEa2gLo7iTqWcYvKs",
}
RECEIPT_KEYS: Final[Mapping[str, object]] = {
    "keys": [{"key_id": "q2Vb7xkA", "algorithm": "Ed25519", "public_key": "8d4a" * 16}]
}
READY: Final[Mapping[str, object]] = {
    "ready": True,
    "parts": dict.fromkeys(
        ("database", "migration", "months", "strays", "heart", "taken_up", "blinding"), "ok"
    ),
}
FIELDS: Final[Mapping[str, str]] = {
    "duplicate_key": "insurer",
    "missing_field": "birth_date",
    "wrong_type": "birth_rank",
    "bad_format": "site",
    "bad_date": "birth_date",
    "bad_check_digit": "professional",
    "looks_like_nir": "member_number",
    "card_secret_required": "card_secret",
    "card_secret_forbidden": "card_secret",
    "care_date_out_of_window": "care_date",
    "domain_not_allowed": "domain",
    "reference_reused": "reference",
}

RECEIVED_REQUEST: Final[Mapping[str, object]] = {"after": None, "at_most": 100}
_WAITING: Final[Mapping[str, object]] = {
    "claim": "5d0c7f9a1be24c8896a3d17e02f4b56c",
    "state": "accepted",
    "member_reference": "31e8c07af04225bd9b1f5d0c7f9a1be2",
    "site": "750012342",
    "domain": "PHAR",
    "care_date": "2026-03-02",
    "claimed_at": "2026-03-02T17:42:08.114Z",
    "amount_cents": 700,
    "lines": CLAIM_REQUEST["lines"],
    "sealed_lines": None,
    "answer_by": "2026-03-17T23:00:00Z",
    "answer": None,
    "because": None,
    "answered_at": None,
    "settled": None,
    "settled_at": None,
}
RECEIVED: Final[Mapping[str, object]] = {"claims": [_WAITING], "next": None}
_REJECTED: Final[Mapping[str, object]] = {
    "answer": "rejected",
    "because": "paid_already",
    "answered_at": "2026-03-05T09:30:12.690Z",
}
RECEIVED_CLAIM: Final[Mapping[str, object]] = {
    **_WAITING,
    "state": "paid",
    **_REJECTED,
    "settled": "withdrawn",
    "settled_at": "2026-04-14T08:05:51.027Z",
}
ANSWERS_REQUEST: Final[Mapping[str, object]] = {
    "answers": [
        {
            "claim": "5d0c7f9a1be24c8896a3d17e02f4b56c",
            "answer": "rejected",
            "because": "paid_already",
        },
        {"claim": "6a3d17e02f4b56c5d0c7f9a1be24c889", "answer": "accepted", "because": None},
    ]
}
ANSWERS_TAKEN: Final[Mapping[str, object]] = {
    "answers": [
        {"claim": "5d0c7f9a1be24c8896a3d17e02f4b56c", **_REJECTED, "refused_because": None},
        {
            "claim": "6a3d17e02f4b56c5d0c7f9a1be24c889",
            "answer": None,
            "because": None,
            "answered_at": None,
            "refused_because": "answer_too_late",
        },
    ]
}
