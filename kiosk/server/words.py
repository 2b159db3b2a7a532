"""The titles of problem documents, and which language a client reads."""

from __future__ import annotations

import re

from kiosk.core.declaration import Text

LANGUAGES = ("en", "ko")

TITLES: dict[str, Text] = {
    "BadRequest": Text("The request is not well formed.", "요청 형식이 올바르지 않습니다."),
    "BugError": Text("An internal error.", "내부 오류입니다."),
    "Busy": Text("The service is busy.", "서비스가 사용 중입니다."),
    "CaptureError": Text("The recording cannot be read.", "녹화를 읽을 수 없습니다."),
    "DiskFull": Text("The disk is full.", "디스크가 가득 찼습니다."),
    "DuplicateSuspected": Text(
        "This person seems to be enrolled already.", "이미 등록된 사람으로 보입니다."
    ),
    "EnrolmentRefused": Text(
        "The samples do not make a reference.", "이 자료로는 등록할 수 없습니다."
    ),
    "ForeignPage": Text("The request comes from another site.", "다른 사이트에서 보낸 요청입니다."),
    "Incomplete": Text("The request broke off.", "요청이 도중에 끊겼습니다."),
    "InputError": Text("The input cannot be used.", "입력을 사용할 수 없습니다."),
    "Interrupted": Text("The work was stopped.", "작업이 중단되었습니다."),
    "Invalid": Text("A field is missing or not possible.", "필드가 없거나 값이 올바르지 않습니다."),
    "ModelError": Text("A model cannot be used.", "모델을 사용할 수 없습니다."),
    "NameTaken": Text("The name is taken.", "이미 사용 중인 이름입니다."),
    "NewerDatabase": Text(
        "The gallery belongs to a newer version.", "더 새로운 버전의 갤러리입니다."
    ),
    "NoSuchThing": Text("There is no such thing.", "찾을 수 없습니다."),
    "NotAllowed": Text("A valid token is needed.", "유효한 토큰이 필요합니다."),
    "NotReady": Text("The service is not ready.", "서비스가 준비되지 않았습니다."),
    "NothingToUndo": Text("There is nothing to take back.", "되돌릴 것이 없습니다."),
    "OldClient": Text("The client is of another version.", "클라이언트의 버전이 다릅니다."),
    "PackageMissing": Text("A package is missing.", "필요한 패키지가 없습니다."),
    "PathRefused": Text("The path is not allowed.", "허용되지 않은 경로입니다."),
    "ReadOnlyDatabase": Text("The gallery cannot be written.", "갤러리에 쓸 수 없습니다."),
    "SettingsError": Text("The settings do not allow this.", "현재 설정에서는 사용할 수 없습니다."),
    "StorageError": Text("The gallery cannot be used.", "갤러리를 사용할 수 없습니다."),
    "TooLarge": Text("That is too much.", "허용된 크기를 넘었습니다."),
    "TooSlow": Text("The request took too long.", "요청이 제시간에 끝나지 않았습니다."),
    "TwoPeople": Text("The samples are of two people.", "두 사람의 자료가 섞여 있습니다."),
    "UnknownSubject": Text("Nobody like that is enrolled.", "등록되지 않은 사람입니다."),
    "WrongHost": Text("The request is for another host.", "다른 호스트로 보낸 요청입니다."),
    "WrongKey": Text("The gallery cannot be opened.", "갤러리를 열 수 없습니다."),
    "WrongMethod": Text("This is asked for in another way.", "지원하지 않는 요청 방식입니다."),
    "WrongRole": Text("The token does not allow this.", "이 토큰으로는 할 수 없습니다."),
    "WrongType": Text("The kind of body is not known.", "지원하지 않는 형식입니다."),
}


def title(code: str, language: str) -> str:
    """The title of a problem of this class."""
    text = TITLES.get(code, TITLES["BugError"])
    return text.korean if language == "ko" else text.english


def preferred(header: str) -> str:
    """The language of an Accept-Language header (RFC 9110, 12.5.4) that is spoken here; English
    where none is."""
    best, weight = "en", 0.0
    for part in header.split(","):
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        share = _weight(parameters)
        if language in LANGUAGES and share > weight:
            best, weight = language, share
    return best


def _weight(parameters: str) -> float:
    found = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", parameters)
    return float(found[1]) if found else (0.0 if parameters.strip() else 1.0)
