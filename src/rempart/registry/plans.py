"""A plan as its insurer writes it down (a TOML file), and as it stands here."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta

from rempart.foundation.errors import BadInputError
from rempart.registry.insurers import CategoryRule, DomainRule
from rempart.registry.normalisation import normalise_amc

if TYPE_CHECKING:  # a file is checked where there is no database
    from rempart.foundation.database import Database

_Rate = Annotated[int, Meta(ge=0, le=100_000)]
_Cents = Annotated[int, Meta(ge=0, le=10_000_000)]
_Mode = Literal["direct", "on_request"]


class _Category(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    mode: _Mode
    rate_bp: _Rate | None = None
    amount_cents: _Cents | None = None
    ceiling_cents: _Cents | None = None
    every_months: Annotated[int, Meta(ge=1, le=120)] | None = None
    units: Annotated[int, Meta(ge=1, le=99)] = 1


class _Domain(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    mode: _Mode
    rate_bp: _Rate | None = None
    amount_cents: _Cents | None = None
    ceiling_cents: _Cents | None = None
    categories: dict[str, _Category] = {}


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    label: Annotated[str, Meta(min_length=1, max_length=100)]
    domains: Annotated[dict[str, _Domain], Meta(min_length=1)]


@dataclass(frozen=True, slots=True)
class PlanStated:
    """A plan's label, and what it pays by domain."""

    label: str
    rules: dict[str, DomainRule]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What a plan pays; ``category`` is None in a domain's own row. Basis points and cents."""

    domain: str
    category: str | None
    mode: str
    rate_bp: int | None
    amount_cents: int | None
    ceiling_cents: int | None
    every_months: int | None
    units: int | None


def read_plan_file(path: Path) -> PlanStated:
    """Read a plan's file (docs/money.md); raise `BadInputError` with what is wrong in it."""
    try:
        stated = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
    except (OSError, UnicodeDecodeError):
        raise BadInputError("file", "cannot be read") from None
    except tomllib.TOMLDecodeError:
        raise BadInputError("file", "is not TOML") from None
    except msgspec.ValidationError as error:
        raise BadInputError("file", str(error)) from None
    for name, domain in stated.domains.items():
        _check(name, domain)
    return PlanStated(
        stated.label,
        {
            name: DomainRule(
                domain.mode,
                domain.rate_bp,
                domain.amount_cents,
                domain.ceiling_cents,
                {code: _rule(own) for code, own in domain.categories.items()},
            )
            for name, domain in stated.domains.items()
        },
    )


def _check(name: str, domain: _Domain) -> None:
    """Refuse what the tables refuse too, in words that say where it stands."""
    if domain.mode == "direct" and domain.rate_bp is None and domain.amount_cents is None:
        raise BadInputError("file", f"{name}: a direct domain has a rate or a fixed amount")
    for code, own in domain.categories.items():
        if own.rate_bp is None and own.amount_cents is None:
            raise BadInputError("file", f"{name} {code}: a rate or a fixed amount is due")
        if own.every_months is not None and own.mode == "direct":
            raise BadInputError("file", f"{name} {code}: a frequency is for on_request only")
        if own.units > 1 and own.every_months is None:
            raise BadInputError("file", f"{name} {code}: units are for a frequency only")


def _rule(own: _Category) -> CategoryRule:
    return CategoryRule(
        own.mode, own.rate_bp, own.amount_cents, own.ceiling_cents, own.every_months, own.units
    )


async def read_plan(database: "Database", amc: str, code: str) -> tuple[PlanRow, ...]:
    """Return what a plan pays as it stands, domain by domain; empty for none. As rempart_desk."""
    rows = await database.call("registry.read_plan", normalise_amc(amc), code)
    return tuple(
        PlanRow(
            row["domain"],
            row["category"],
            row["mode"],
            row["rate_bp"],
            row["amount_cents"],
            row["ceiling_cents"],
            row["every_months"],
            row["units"],
        )
        for row in rows
    )
