"""The made-up population: what it must hold for a demonstration to mean something."""

from collections import Counter, defaultdict
from datetime import date
from functools import cache

import pytest

from rempart.simulation.plans import INSURERS
from rempart.simulation.population import Population, make_population
from rempart.simulation.professionals import luhn_digit, make_practice
from rempart.simulation.sample_cards import sample_cards
from rempart.simulation.truth import Truth

TODAY = date(2026, 11, 22)


@cache
def people() -> Population:
    return make_population(1, TODAY, 20_000)


def test_a_seed_gives_one_population() -> None:
    assert make_population(7, TODAY, 500) == make_population(7, TODAY, 500)
    assert make_population(7, TODAY, 500).people != make_population(8, TODAY, 500).people


@pytest.mark.parametrize("size", [1, 2, 3, 499, 20_000])
def test_it_has_exactly_the_people_asked_for_each_one_once(size: int) -> None:
    population = people() if size == 20_000 else make_population(1, TODAY, size)
    assert len(population.people) == len(set(population.people)) == size
    assert {cover.person for cover in population.covers} == set(population.people)


def test_a_small_population_is_the_beginning_of_a_larger_one() -> None:
    small = make_population(1, TODAY, 3_000)
    assert small.people == people().people[:3_000]
    assert set(small.covers) <= set(people().covers)
    assert sample_cards(make_population(1, TODAY, 6_000), TODAY) == sample_cards(people(), TODAY)


def test_families_share_number_and_secret_and_twins_differ_by_rank_alone() -> None:
    families = defaultdict(list)
    for person in people().people:
        families[person.insurer, person.member_number].append(person)
    assert max(map(len, families.values())) >= 5
    twins = [
        (one, two)
        for family in families.values()
        for one in family
        for two in family
        if one.birth_date == two.birth_date and (one.birth_rank, two.birth_rank) == (1, 2)
    ]
    assert len(twins) > 20
    secrets = defaultdict(set)
    for cover in people().covers:
        secrets[cover.person.insurer, cover.person.member_number].add(cover.card_secret)
    assert all(len(found) == 1 for found in secrets.values())
    assert len({secret for found in secrets.values() for secret in found}) == len(secrets)
    assert all(len(cover.card_secret) * 5 >= 80 for cover in people().covers)


def test_member_numbers_have_their_insurers_shape() -> None:
    shapes = {insurer.amc_number: insurer.number_shape for insurer in INSURERS}
    assert len(shapes) == 12
    assert len(set(shapes.values())) >= 10
    for person in people().people[:2_000]:
        shape = shapes[person.insurer]
        assert len(person.member_number) == len(shape)
        for mark, character in zip(shape, person.member_number, strict=True):
            assert {"9": character.isdigit(), "A": character.isalpha()}.get(mark, mark == character)


def test_covers_end_begin_follow_and_stand_beside_one_another() -> None:
    truth = Truth(people())
    kinds = Counter[str]()
    for person in people().people:
        covers = truth.covers_of(person)
        kinds["ended"] += all(cover.valid_to < TODAY for cover in covers)
        kinds["to come"] += all(cover.valid_from > TODAY for cover in covers)
        kinds["two ranks"] += len({cover.cover_rank for cover in covers}) == 2
        kinds["one after the other"] += (
            len(covers) == 2 and len({c.cover_rank for c in covers}) == 1
        )
        assert all(person.birth_date <= cover.valid_from <= cover.valid_to for cover in covers)
    assert 300 < kinds["ended"] < 900
    assert 80 < kinds["to come"] < 320
    assert kinds["two ranks"] > 200
    assert kinds["one after the other"] > 150


def test_professionals_are_as_many_as_announced_and_their_numbers_check() -> None:
    practice = make_practice(1)
    assert (len(practice.professionals), len(practice.sites)) == (200, 120)
    assert len({who.rpps for who in practice.professionals}) == 200
    assert len({site.identifier for site in practice.sites}) == 120
    for who in practice.professionals:
        assert len(who.rpps) == 11
        assert luhn_digit(who.rpps[:-1]) == who.rpps[-1]
    assert {site for _, site in practice.accounts} == set(practice.sites)
    places = Counter(who for who, _ in practice.accounts)
    assert max(places.values()) == 2
    assert make_practice(1) == practice


@pytest.mark.parametrize("digits,check", [("7992739871", "3"), ("1234567812345670", "0")])
def test_luhn_digit_agrees_with_published_numbers(digits: str, check: str) -> None:
    body = digits if len(digits) == 10 else digits[:-1]
    assert luhn_digit(body) == check


def test_sample_cards_cover_the_outcomes() -> None:
    cards = sample_cards(people(), TODAY)
    assert len(cards) >= 6
    assert cards[0].expected_outcome == "covered"
    assert {card.expected_outcome for card in cards} == {
        "covered",
        "covered_on_request",
        "no_right_found",
        "insurer_not_served",
    }
    expected = {card.why: card.expected_outcome for card in cards}
    assert expected["wrong_secret"] == expected["wrong_birth_date"] == expected["ended"]
    assert expected["scanned"] == expected["second_twin"] == "covered"
