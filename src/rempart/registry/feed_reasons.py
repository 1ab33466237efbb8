"""Why the platform refuses a feed, in words: one sentence for each code of the SQL functions."""

from rempart.registry.feed_source import FeedProblem

_REASONS = {
    "insurer_unknown": ("insurer", "this platform does not host the rights of this insurer"),
    "feed_under_way": (
        "insurer",
        "another import of this insurer is under way; if it was killed, try again in 15 seconds",
    ),
    "older_than_the_last": ("made_at", "older than the feed in force"),
    "undoes_an_end": (
        "made_at",
        (
            "it covers a member who was ended at once, and may be older: clocks differ by up to an"
            " hour. State his end in it, or make it anew an hour after"
        ),
    ),
    "count_differs": (
        "count",
        "not every cover arrived, as when the server restarts meanwhile: import it again",
    ),
    "index_keys_turned": (
        "",
        "the platform's index keys turned while it came in: import it again",
    ),
    "plan_unknown": ("plan", "not a plan of this insurer"),
    "ended_and_stated": ("plan", "a person is ended, and covered by another line"),
    "nobody_ended": ("reference", "no cover of this member goes on after that day"),
    "covers_overlap": ("valid_from", "a person has two covers of one cover_rank on one day"),
    "references_not_one_to_one": (
        "reference",
        "two people share a reference, or one person has two",
    ),
    "references_changed": (
        "reference",
        "a tenth of the people known have another one: if that is meant, with its map: --rekey MAP",
    ),
    "map_count_differs": (
        "--rekey",
        "not every line of the map arrived, as when the server restarts meanwhile: import it again",
    ),
    "map_not_one_to_one": ("--rekey", "in the map, a reference stands twice on one side"),
    "map_of_another_feed": ("--rekey", "the map names a new reference that the feed does not have"),
    "map_contradicts": (
        "--rekey",
        "the map makes two people known here one, or one of them another",
    ),
    "map_incomplete": (
        "--rekey",
        "somebody known here has another reference, and the map does not say which he had",
    ),
    "renames": (
        "reference",
        "it would give people known here other references: only with the platform's go-ahead",
    ),
    "ends_many": (
        "",
        "it would end more of this insurer's covers than is usual: if that is meant, --confirm",
    ),
}


def reason_of(because: str, line: int = 0) -> FeedProblem:
    """Put a refusal's code in words."""
    column, reason = _REASONS[because]
    return FeedProblem(line, column, reason)
