"""A model name is a rule of a simulated judge, and a name that is none is told what is known."""

from __future__ import annotations

import dataclasses

import pytest

from judge import simulated_rules
from judge.errors import InputError
from judge.simulated_rules import Rule


def test_a_model_name_is_a_rule_with_overrides() -> None:
    rule = simulated_rules.rule("sim-first:position=0.2, noise=0.1,own=blue,schema=no")
    assert rule == Rule("sim-first", position=0.2, noise=0.1, own="blue", schema=False)
    assert simulated_rules.rule("sim-careless") == Rule(
        "sim-careless", unreadable=0.05, refuse=0.02
    )


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("gpt", "no simulated judge named 'gpt'; known: sim-fair, sim-first, sim-long"),
        ("sim-fair:colour=3", "no option 'colour' of simulated judges; known: skill, position"),
        ("sim-fair:name=x", "no option 'name'"),
        ("sim-fair:noise", "option noise must be a number, not ''"),
        ("sim-fair:noise=lots", "option noise must be a number, not 'lots'"),
        ("sim-fair:schema=perhaps", "option schema must be yes or no, not 'perhaps'"),
        ("sim-fair:noise=1.2", "noise must be a share between 0 and 1, not 1.2"),
        ("sim-fair:noise=nan", "noise must be a share"),
        ("sim-fair:position=0.6", "position must be between -0.5 and 0.5"),
        ("sim-fair:skill=0", "skill must be above 0"),
        ("sim-fair:length=inf", "length must be a finite number"),
        ("sim-fair:tie=-1", "tie must not be below 0"),
        ("sim-fair:refuse=0.6,truncate=0.6", "the shares add up to over 1"),
    ],
)
def test_an_unknown_or_impossible_rule_is_an_error_that_says_what_is_right(
    model: str, message: str
) -> None:
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        simulated_rules.rule(model)


def test_every_rule_and_every_field_of_a_rule_is_documented() -> None:
    for name in simulated_rules.RULES:
        assert f"{name} (" in (simulated_rules.__doc__ or "")
    for field in dataclasses.fields(Rule):
        assert field.name in (Rule.__doc__ or "")
