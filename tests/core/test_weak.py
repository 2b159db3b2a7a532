"""What is refused as a passphrase, and what is not."""

import pytest

from kiosk.core.errors import InputError
from kiosk.core.weak import is_weak, require_strong

WEAK = """
password
P@ssw0rd1!
Password2026
kiosk1234
admin12345
Administrator
12345678
87654321
qwertyuiop
qwer1234
asdfghjkl
aaaaaaaa
abababab
1q2w3e4r
abcdefgh
19841231
01012345678
iloveyou!!
welcome 2026
비밀번호1234
관리자2026
안녕하세요
qlalfqjsgh1
correct horse battery staple
passwordpassword
ㅂㅈㄷㄱㅅㅛㅕㅑ
LETMEIN-NOW
ＰＡＳＳＷＯＲＤ
changeme123
가나다라마바사아
"""
STRONG = """
맑은 물 한 그릇
brass otter window
넷 강물 우산 모퉁이
Uhr-Kamel-Nebel
tq8vLmz2Rk
seven green boats
모퉁이 돌 세 개
gravel piano thursday
x9!Kd72pqM
elk.in.a.teacup
"""


@pytest.mark.parametrize("text", WEAK.strip().splitlines())
def test_what_is_tried_first_is_refused(text: str) -> None:
    assert is_weak(text)


@pytest.mark.parametrize("text", STRONG.strip().splitlines())
def test_what_nobody_tries_first_is_taken(text: str) -> None:
    require_strong(text)


def test_a_short_one_is_refused_for_that() -> None:
    with pytest.raises(InputError, match="too short"):
        require_strong("tq8vL")


@pytest.mark.parametrize("text", ["19841231", "31121984", "12311984", "21000101", "19000101"])
def test_a_day_in_any_order_is_among_the_first_tries(text: str) -> None:
    assert is_weak(text)


@pytest.mark.parametrize("text", ["18991231", "21010229", "59841339", "198412319"])
def test_eight_digits_that_are_no_day_of_our_time_are_not(text: str) -> None:
    assert not is_weak(text)


def test_what_makes_a_pattern_is_bounded() -> None:
    assert is_weak("xyz9xyz9xyz9")  # a short word again and again
    assert not is_weak("gravel7xgravel7x")  # one of eight signs is long enough
    assert is_weak("iloveyouiloveyou")
    assert is_weak("0212345678")  # a telephone number
    assert not is_weak("1812045679")
    assert is_weak("qwertyxu")  # six of seven steps lie side by side
    assert not is_weak("qwexrtxy")
    require_strong("tq8vLmz2")
    with pytest.raises(InputError, match="too short"):
        require_strong("tq8vLmz")
