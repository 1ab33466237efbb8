"""Insurers, plans and coverages: what the platform knows of who is covered, and how it comes in."""

from rempart.registry.card_issue import Issued, Series, issue_cards
from rempart.registry.card_payload import CardPayload, read_card_payload, write_card_payload
from rempart.registry.feed_bundle import Sent, open_sent, opened_to_send, read_sent_header
from rempart.registry.feed_end import end_member, prepare_end
from rempart.registry.feed_file import FeedHeader, check_feed, list_problems, read_header
from rempart.registry.feed_import import Blind, Imported, Intent, OnProgress, import_feed
from rempart.registry.feed_keys import make_keys, read_key, read_keys
from rempart.registry.feed_prepare import (
    FeedKeys,
    Prepared,
    former_reference_of,
    prepare_feed,
    reference_of,
)
from rempart.registry.feed_reasons import reason_of
from rempart.registry.feed_source import COLUMNS, FeedProblem, SourceLine, read_source
from rempart.registry.index_keys import (
    HeldUnder,
    TurnRefused,
    begin_turn,
    end_turn,
    list_generations,
    live_generations,
)
from rempart.registry.insurers import (
    CategoryRule,
    DomainRule,
    add_insurer,
    add_plan,
    set_answer_days,
    set_ending_share,
)
from rempart.registry.nir import looks_like_nir
from rempart.registry.normalisation import (
    STAND_IN_SECRET,
    VERSION,
    feed_key_name,
    inner_card,
    inner_index,
    member_reference,
    normalise_amc,
    normalise_date,
    normalise_member,
    normalise_rank,
    normalise_secret,
)
from rempart.registry.plans import PlanRow, PlanStated, read_plan, read_plan_file
from rempart.registry.rekey_map import check_rekey_map, make_rekey_map

__all__ = [
    "COLUMNS",
    "STAND_IN_SECRET",
    "VERSION",
    "Blind",
    "CardPayload",
    "CategoryRule",
    "DomainRule",
    "FeedHeader",
    "FeedKeys",
    "FeedProblem",
    "HeldUnder",
    "Imported",
    "Intent",
    "Issued",
    "OnProgress",
    "PlanRow",
    "PlanStated",
    "Prepared",
    "Sent",
    "Series",
    "SourceLine",
    "TurnRefused",
    "add_insurer",
    "add_plan",
    "begin_turn",
    "check_feed",
    "check_rekey_map",
    "end_member",
    "end_turn",
    "feed_key_name",
    "former_reference_of",
    "import_feed",
    "inner_card",
    "inner_index",
    "issue_cards",
    "list_generations",
    "list_problems",
    "live_generations",
    "looks_like_nir",
    "make_keys",
    "make_rekey_map",
    "member_reference",
    "normalise_amc",
    "normalise_date",
    "normalise_member",
    "normalise_rank",
    "normalise_secret",
    "open_sent",
    "opened_to_send",
    "prepare_end",
    "prepare_feed",
    "read_card_payload",
    "read_header",
    "read_key",
    "read_keys",
    "read_plan",
    "read_plan_file",
    "read_sent_header",
    "read_source",
    "reason_of",
    "reference_of",
    "set_answer_days",
    "set_ending_share",
    "write_card_payload",
]
