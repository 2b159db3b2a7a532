"""Passphrases that are tried first: a list of them and of what people make of them.

Not a rule about characters: "P@ssw0rd1!" has all kinds of them and is among the first tries.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from itertools import pairwise

from kiosk.core.errors import InputError

SHORTEST = 8
_LIST = """
000000 111111 112233 121212 123123 123321 131313 159753 222222 555555
654321 666666 696969 777777 888888 987654 999999 147258369 147852369
123qwe 1q2w3e 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2 q1w2e3r4 qwer1234
qwerasdf asdf1234 asdfqwer zaq12wsx zxcv1234 a1b2c3 a1b2c3d4 abc123
abcabc abcd1234 aa123456 pass1234 pass word aaron abgrund access
account action active address admin administrator administration
adminadmin airport alexander amanda amateur america andrea andrew
angel animal anthony apple arsenal ashley attack august austin autumn
backup badboy banana barcelona baseball basketball batman beautiful
berlin biometric biteme blahblah blessed blink bonjour booboo boston
broncos buster butterfly camera captain carlos casper changeme
changeit changethis charlie chelsea chicken chocolate chris christian
classic computer cookie cool cooper corvette cowboys create crystal
dallas daniel danger default demo demodemo detroit diamond dolphin
donald dragon eagle eagles elephant eminem empty enter entrance
everton example facebook facerecognition family ferrari fingerprint
fish flower football forever foobar freedom friend friends fucker
fuckyou gallery gandalf garfield gateway george ginger golden google
guest guestguest gunner hallo hammer hannah happy hardcore harley
heather hello hellohello helloworld hockey home hottie hunter iceman
identification iloveyou iloveu installer internet jackson jaguar james
jasmine jennifer jessica jesus johnny jordan joseph joshua justin
killer kiosk kioskadmin kioskkiosk kioskpassword kioskstaff kitty
knight korea seoul seoulkorea lakers letmein letmeinnow liverpool
login london lovely loveme lover maggie manager manchester marina
marlboro martin master masterkey matrix matthew maverick melissa
mercedes merlin michael michelle mickey midnight monday money monkey
monster morgan mother mountain mustang nascar nicole nimda nothing
november october office oliver operator orange owner packers pass
passcode passpass passphrase password passwort passwordpassword
patrick peanut pepper phoenix player please pokemon porsche private
princess private public purple qazwsx qazwsxedc qwerty qwertz
qwertyuiop azerty rachel raiders rainbow ranger reception recognition
robert robot rock rocket root rootroot samantha samsung sandra
saturday scooter scorpion secret secretsecret security service setup
shadow silver slayer smokey snoopy soccer sophie spider spring staff
staffonly starwars steelers stella stupid summer sunday sunshine super
superman supervisor support sweet system taylor temp temporary tennis
test tester testing testtest thomas thunder tiger tigger toor training
trustno1 turtle unknown user username vampire victoria viper visitor
voice warrior welcome welcome home whatever william willkommen windows
winner winter wizard yamaha yankees yellow correct horse battery
staple correcthorsebatterystaple 관리자 관리자비밀번호 비밀번호 비밀번호입니다 암호 암호입니다
안녕하세요 사랑해 사랑해요 사랑합니다 대한민국 서울 서울특별시 키오스크 직원 직원전용 테스트 한국
환영합니다 우리집
나의비밀번호 qlalfqjsgh rhksflwk dkagh dkssud dkssudgktpdy tkfkd tkfkdgo
tkfkdgody eogksalsrnr zldhtmzm
"""
_LISTED = frozenset(_LIST.split())
"""The words in one spelling: small letters, nothing between. The last line is Korean as it comes
out on a Latin keyboard."""
_KEYS = (
    "`1234567890-=",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiop",
    "azertyuiop",
    "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ",
    "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ",
    "ㅋㅌㅊㅍㅠㅜㅡ",
    "가나다라마바사아자차카타파하",
    "abcdefghijklmnopqrstuvwxyz",
)
_LEET = str.maketrans("@4310!$57", "aaeloisst")
_AROUND = re.compile(r"^[\d\W_]+|[\d\W_]+$")
_PHONE = re.compile(r"0\d{8,11}")
_DATES = ("%Y%m%d", "%d%m%Y", "%m%d%Y")


def require_strong(passphrase: str) -> None:
    """Raises InputError for a passphrase that is too short or among the first to be tried."""
    if len(passphrase) < SHORTEST:
        raise InputError("The passphrase is too short.", f"Give at least {SHORTEST} characters.")
    if is_weak(passphrase):
        raise InputError(
            "That passphrase is among the first that are tried.",
            "Take three or four words that have nothing to do with each other.",
        )


def is_weak(passphrase: str) -> bool:
    """Whether somebody who guesses begins with it."""
    plain = unicodedata.normalize("NFKC", passphrase).casefold()
    packed = re.sub(r"[\s\W_]+", "", plain) or plain
    forms = {plain, packed, packed.translate(_LEET), plain.translate(_LEET)}
    forms |= {_AROUND.sub("", form) for form in forms}
    forms |= {_AROUND.sub("", form).translate(_LEET) for form in (plain, packed)}
    return bool(forms & _LISTED) or any(map(_is_pattern, (plain, packed, passphrase.casefold())))


def _is_pattern(text: str) -> bool:
    return (
        len(set(text)) < 4  # "abababab", "11112222"
        or _is_repeated(text)
        or _is_run(text)
        or bool(_PHONE.fullmatch(text))
        or _is_date(text)
    )


def _is_repeated(text: str) -> bool:
    """The same word twice or more, if it is short or listed."""
    doubled = (text + text).find(text, 1)
    if doubled >= len(text):
        return False
    part = text[:doubled]
    return len(part) < SHORTEST or is_weak(part)


def _is_run(text: str) -> bool:
    """Nearly all of it lies side by side on a keyboard or in the alphabet."""
    lines = [line for keys in _KEYS for line in (keys, keys[::-1])]
    steps = sum(any(pair in line for line in lines) for pair in map("".join, pairwise(text)))
    return steps >= 0.75 * (len(text) - 1)


def _is_date(text: str) -> bool:
    for form in _DATES:
        try:
            if len(text) == 8 and 1900 <= datetime.strptime(text, form).year <= 2100:
                return True
        except ValueError:
            continue
    return False
