"""The label constraint grammar: every spelling, every odd case, and messages that say what is wrong."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from krake.models.constraints import EXAMPLES, LabelConstraint, Operator

ADAPTER: TypeAdapter[LabelConstraint] = TypeAdapter(LabelConstraint)

SPELLINGS = [
    ("location is DE", Operator.EQUAL, "location", ("DE",)),
    ("location = DE", Operator.EQUAL, "location", ("DE",)),
    ("location == DE", Operator.EQUAL, "location", ("DE",)),
    ("location=DE", Operator.EQUAL, "location", ("DE",)),
    ("location==DE", Operator.EQUAL, "location", ("DE",)),
    ("location is not DE", Operator.NOT_EQUAL, "location", ("DE",)),
    ("location != DE", Operator.NOT_EQUAL, "location", ("DE",)),
    ("location!=DE", Operator.NOT_EQUAL, "location", ("DE",)),
    ("location in (DE)", Operator.ONE_OF, "location", ("DE",)),
    ("location in (DE, SK)", Operator.ONE_OF, "location", ("DE", "SK")),
    ("location in(SK,DE)", Operator.ONE_OF, "location", ("SK", "DE")),
    ("location not in (DE, SK)", Operator.NONE_OF, "location", ("DE", "SK")),
    ("gpu exists", Operator.EXISTS, "gpu", ()),
    ("gpu not exists", Operator.NOT_EXISTS, "gpu", ()),
    ("example.org/zone.a_b-c is x-1.2_3", Operator.EQUAL, "example.org/zone.a_b-c", ("x-1.2_3",)),
]

ODD = [
    ("location in (DE,)", Operator.ONE_OF, "location", ("DE",)),
    ("location in (DE,SK,,,)", Operator.ONE_OF, "location", ("DE", "SK")),
    ("  location\tis   DE\t", Operator.EQUAL, "location", ("DE",)),
    ("\tlocation\t in\t( DE ,\tSK )", Operator.ONE_OF, "location", ("DE", "SK")),
    ("a is not", Operator.EQUAL, "a", ("not",)),
    ("a is in", Operator.EQUAL, "a", ("in",)),
    ("a is exists", Operator.EQUAL, "a", ("exists",)),
    ("a is not not", Operator.NOT_EQUAL, "a", ("not",)),
    ("a != not", Operator.NOT_EQUAL, "a", ("not",)),
    ("is is is", Operator.EQUAL, "is", ("is",)),
    ("in in (in, not)", Operator.ONE_OF, "in", ("in", "not")),
    ("not in (a)", Operator.ONE_OF, "not", ("a",)),
    ("not not in (a)", Operator.NONE_OF, "not", ("a",)),
    ("exists exists", Operator.EXISTS, "exists", ()),
    ("not exists", Operator.EXISTS, "not", ()),
    ("island is isle", Operator.EQUAL, "island", ("isle",)),
    ("inn in (inner, notable)", Operator.ONE_OF, "inn", ("inner", "notable")),
]


@pytest.mark.parametrize(("text", "operator", "key", "values"), SPELLINGS + ODD)
def test_every_spelling_is_understood(
    text: str, operator: Operator, key: str, values: tuple[str, ...]
) -> None:
    constraint = ADAPTER.validate_python(text)
    assert (constraint.operator, constraint.key, constraint.values) == (operator, key, values)


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_examples_of_the_messages_are_right(text: str) -> None:
    assert ADAPTER.validate_python(text).text == text


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "a word is expected at the end"),
        ("   ", "a word is expected at the end"),
        ("location", "an operator (is, is not, =, ==, !=, in, not in, exists, not exists) is expected"),
        ("location DE", "at character 10, not 'DE'"),
        ("location IS DE", "at character 10, not 'IS'"),
        ("location in DE", "'(' is expected at character 13, not 'DE'"),
        ("location in ()", "a word is expected at character 14, not ')'"),
        ("location in (,)", "a word is expected at character 14, not ','"),
        ("location in (,DE)", "a word is expected at character 14, not ','"),
        ("location in (DE", "',' or ')' is expected at the end"),
        ("location in (DE SK)", "',' or ')' is expected at character 17, not 'SK'"),
        ("location in (DE) or", "the end is expected at character 18, not 'or'"),
        ("location is not in (DE)", "the end is expected at character 20, not '('"),
        ("location not DE", "in or exists is expected at character 14, not 'DE'"),
        ("location not", "in or exists is expected at the end"),
        ("location is DE SK", "the end is expected at character 16, not 'SK'"),
        ("location = = DE", "a word is expected at character 12, not '='"),
        ("location ! DE", "character 10 belongs to no operator"),
        ("= DE", "a word is expected at character 1, not '='"),
        ("-location is DE", "'-location' is not a label key"),
        ("a/b/c is DE", "'a/b/c' is not a label key"),
        ("location is DE-", "'DE-' is not a label value"),
        ("location is a/b", "'a/b' is not a label value"),
        ("location is DE\n", r"'DE\n' is not a label value"),
        ("location is {DE}", "'{DE}' is not a label value"),
        (f"location is {'x' * 64}", "is not a label value"),
        (f"{'x' * 64} exists", "is not a label key"),
        ("location in (DE, ä-)", "'ä-' is not a label value"),
    ],
)
def test_a_wrong_constraint_is_refused_with_place_and_example(text: str, where: str) -> None:
    with pytest.raises(ValidationError) as failure:
        ADAPTER.validate_python(text)
    (error,) = failure.value.errors()
    message = error["msg"]
    assert message.startswith("Invalid label constraint: ")
    assert repr(text)[1:-1][:100] in message
    assert where in message
    example = message.partition("Right is, for example: ")[2]
    assert ADAPTER.validate_python(example).text == example


@pytest.mark.parametrize("value", [None, 1, True, 1.5, [], {}, ["location is DE"], b"location is DE"])
def test_only_text_is_accepted(value: object) -> None:
    with pytest.raises(ValidationError, match=r"Invalid label constraint: .* is not text"):
        ADAPTER.validate_python(value)


def test_a_message_stays_short_for_a_long_text() -> None:
    with pytest.raises(ValidationError) as failure:
        ADAPTER.validate_python("location in (" + "DE," * 100_000)
    assert len(failure.value.errors()[0]["msg"]) < 400


@pytest.mark.parametrize(
    ("text", "here", "elsewhere", "missing"),
    [
        ("location is DE", True, False, False),
        ("location is not DE", False, True, False),
        ("location in (DE, SK)", True, False, False),
        ("location not in (DE, SK)", False, True, False),
        ("location exists", True, True, False),
        ("location not exists", False, False, True),
    ],
)
def test_matching(text: str, here: bool, elsewhere: bool, missing: bool) -> None:
    constraint = LabelConstraint.parse(text)
    assert constraint.matches({"location": "DE", "tier": "1"}) is here
    assert constraint.matches({"location": "IT"}) is elsewhere
    assert constraint.matches({"tier": "DE"}) is missing
    assert constraint.matches({}) is missing


def test_equality_is_by_meaning_and_not_by_spelling() -> None:
    assert LabelConstraint.parse("a is b") == LabelConstraint.parse(" a==b")
    assert hash(LabelConstraint.parse("a is b")) == hash(LabelConstraint.parse(" a==b"))
    assert LabelConstraint.parse("a is b") != LabelConstraint.parse("a in (b)")
    assert LabelConstraint.parse("a in (b, c)") != LabelConstraint.parse("a in (c, b)")
    assert LabelConstraint.parse("a is b") != LabelConstraint.parse("a is not b")


class Holder(BaseModel):
    """A model with constraints as a field."""

    labels: list[LabelConstraint]


@pytest.mark.parametrize("text", [spelling[0] for spelling in SPELLINGS + ODD])
def test_the_text_is_kept_on_a_round_trip(text: str) -> None:
    holder = Holder.model_validate({"labels": [text]})
    assert holder.model_dump() == {"labels": [text]}
    assert Holder.model_validate_json(holder.model_dump_json()) == holder
    assert str(holder.labels[0]) == text


def test_a_list_names_the_wrong_entry() -> None:
    with pytest.raises(ValidationError) as failure:
        Holder.model_validate({"labels": ["a is b", "a in b", "c is"]})
    assert [error["loc"] for error in failure.value.errors()] == [("labels", 1), ("labels", 2)]


def test_api_clients_see_text_with_examples() -> None:
    for schema in (
        Holder.model_json_schema(mode="validation"),
        Holder.model_json_schema(mode="serialization"),
    ):
        entry = schema["properties"]["labels"]["items"]
        assert entry["type"] == "string"
        assert entry["examples"] == list(EXAMPLES)


def test_importing_the_models_builds_no_parser() -> None:
    code = "import krake.models.constraints, sys; sys.exit('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


words = st.sampled_from(["is", "in", "not", "exists", "DE", "x.y", "a_b", "0"]) | st.from_regex(
    r"\A[A-Za-z0-9_]([A-Za-z0-9_.\-]{0,61}[A-Za-z0-9_])?\Z"
)
blanks = st.text(" \t", max_size=3)
gaps = st.text(" \t", min_size=1, max_size=3)


@given(key=words, operator=st.sampled_from(["=", "==", "!="]), value=words, before=blanks, after=blanks)
def test_symbols_need_no_blanks(key: str, operator: str, value: str, before: str, after: str) -> None:
    constraint = LabelConstraint.parse(f"{key}{before}{operator}{after}{value}")
    assert constraint.operator is (Operator.NOT_EQUAL if operator == "!=" else Operator.EQUAL)
    assert (constraint.key, constraint.values) == (key, (value,))


@given(
    key=words, negated=st.booleans(), values=st.lists(words, min_size=1), gap=gaps, commas=st.integers(0, 3)
)
def test_lists_keep_their_order(key: str, negated: bool, values: list[str], gap: str, commas: int) -> None:
    operator = f"not{gap}in" if negated else "in"
    listed = f",{gap}".join(values) + "," * commas
    constraint = LabelConstraint.parse(f"{key}{gap}{operator}{gap}({listed})")
    assert constraint.operator is (Operator.NONE_OF if negated else Operator.ONE_OF)
    assert (constraint.key, constraint.values) == (key, tuple(values))


@given(key=words, value=words, gap=gaps)
def test_words_are_read_as_words(key: str, value: str, gap: str) -> None:
    assert LabelConstraint.parse(f"{key}{gap}is{gap}{value}").values == (value,)
    assert LabelConstraint.parse(f"{key}{gap}is{gap}not{gap}{value}") == LabelConstraint.parse(
        f"{key} != {value}"
    )
    assert LabelConstraint.parse(f"{key}{gap}exists").operator is Operator.EXISTS
    assert LabelConstraint.parse(f"{key}{gap}not{gap}exists").operator is Operator.NOT_EXISTS


@given(st.text())
def test_any_text_is_read_or_refused_and_never_breaks(text: str) -> None:
    try:
        constraint = ADAPTER.validate_python(text)
    except ValidationError as failure:
        assert "Invalid label constraint" in failure.errors()[0]["msg"]
    else:
        assert constraint.text == text


@given(
    text=st.sampled_from(
        ["a is x", "a is not x", "a in (x, y)", "a not in (x, y)", "a exists", "a not exists"]
    ),
    labels=st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz")),
)
def test_a_missing_label_proves_nothing(text: str, labels: dict[str, str]) -> None:
    constraint = LabelConstraint.parse(text)
    if "a" not in labels:
        assert constraint.matches(labels) is (text == "a not exists")
    negative = {Operator.EQUAL: "a != x", Operator.ONE_OF: "a not in (x, y)", Operator.EXISTS: "a not exists"}
    if "a" in labels and constraint.operator in negative:
        assert constraint.matches(labels) is not LabelConstraint.parse(negative[constraint.operator]).matches(
            labels
        )
