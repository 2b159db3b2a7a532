import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.core.errors import InputError
from kiosk.core.names import LONGEST_NAME, clean_name, name_key, nearest_names


def test_decomposed_hangul_is_the_same_name() -> None:
    assert clean_name("\u1112\u1169\u11bc") == "홍"


def test_surrounding_space_is_dropped() -> None:
    assert clean_name("  Kim Minjun\t") == "Kim Minjun"


@pytest.mark.parametrize(
    "name", ["", "  \n", "a\x00b", "a\nb", "a\u202eb", "\ufeffa", "a\ud800", "x" * 201]
)
def test_unusable_names_are_refused(name: str) -> None:
    with pytest.raises(InputError):
        clean_name(name)


def test_names_that_need_a_joiner_are_kept() -> None:
    assert clean_name("علی\u200cرضا") == "علی\u200cرضا"


def test_white_space_is_one_space_whatever_it_is_made_of() -> None:
    for wide in (
        "Amara  Example",
        "Amara\u00a0Example",
        "Amara\u3000 Example",
        "Amara\u3164Example",
    ):
        assert clean_name(wide) == "Amara Example", ascii(wide)
    assert name_key("Amara  Example") == name_key("Amara\u00a0Example") == "amara example"


def test_a_name_shows_a_letter_or_a_digit() -> None:
    for blank in ("\u3164", "\u115f\u1160", "\uffa0", "\u2800", "\u200d", "...", "\u0301"):
        with pytest.raises(InputError, match=r"empty|no letter"):
            clean_name(blank)
    assert clean_name("1042") == "1042"


def test_a_name_that_is_not_utf_8_is_refused_by_that_reason() -> None:
    with pytest.raises(InputError, match="not in UTF-8"):
        clean_name("Kim\udcff")


def test_the_longest_name_is_kept() -> None:
    assert len(clean_name("홍" * LONGEST_NAME)) == LONGEST_NAME


@pytest.mark.parametrize(
    ("one", "other"), [("ANNA", "anna"), ("Straße", "STRASSE"), ("Σίσυφος", "ΣΊΣΥΦΟΣ")]
)
def test_names_are_the_same_in_any_case(one: str, other: str) -> None:
    assert name_key(clean_name(one)) == name_key(clean_name(other))


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    try:
        once = clean_name(text)
    except InputError:
        return
    assert clean_name(once) == once


def test_the_nearest_names_come_first() -> None:
    known = ["Lee Seoyeon", "Kim Minho", "Kim Minjun"]
    assert nearest_names("KIM MINJUM", known) == ["Kim Minjun", "Kim Minho"]


def test_three_names_are_suggested_where_more_are_near() -> None:
    known = ["Kim Minja", "Kim Minji", "Kim Minjo", "Kim Minju"]
    assert len(nearest_names("Kim Minj", known)) == 3
    assert len(nearest_names("Kim Minj", known, 4)) == 4


def test_names_far_from_all_get_no_suggestion() -> None:
    assert nearest_names("zzz", ["Kim Minjun"]) == []
