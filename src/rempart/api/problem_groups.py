"""Which problems an address may answer, in groups that several share: codes of problems.py."""

from typing import Final

READING: Final = (
    "not_json", "not_utf8", "malformed_json", "duplicate_key", "body_too_large", "body_too_slow",
    "unknown_field", "missing_field", "wrong_type", "bad_format",
)  # fmt: skip
PROVING: Final = ("invalid_proof", "use_dpop_nonce", "proof_repeated")
ASKING: Final = (
    "bad_date", "bad_check_digit", "looks_like_nir", "card_secret_required",
    "card_secret_forbidden", "care_date_out_of_window", "token_required", "invalid_token",
    "professional_not_linked", "account_not_ready", "domain_not_allowed", "reference_reused",
    "too_many_questions", "overloaded",
)  # fmt: skip

OWN_MONEY: Final = ("token_required", "invalid_token", *PROVING, "overloaded", "bad_format")
OWN_CLAIM: Final = (*OWN_MONEY, "claim_unknown")
CLAIMING: Final = (
    "engagement_unknown", "engagement_used", "engagement_cancelled", "engagement_expired",
    "category_unknown", "agreement_needed", "amounts_do_not_fit", "line_not_agreed",
    "above_promise", "claim_reference_reused", "claim_in_payment",
)  # fmt: skip
QUOTING: Final = (
    "category_unknown", "amounts_do_not_fit", "authorization_unknown", "authorization_claimed",
)  # fmt: skip
OWN_AUTHORIZATION: Final = (
    "token_required", "invalid_token", *PROVING, "overloaded", "authorization_unknown",
)  # fmt: skip
ANSWERING: Final = (
    "token_required", "invalid_token", *PROVING, "answers_closed", "bad_format",
)  # fmt: skip
SENDING: Final = ("token_required", "invalid_token", *PROVING, "feeds_closed", "bad_format")
