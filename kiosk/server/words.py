"""The words of problem documents: titles by class, and the texts of errors in Korean.

The English text and remedy are those of the command line. The Korean ones are found by pattern,
since texts are put together where the error arises; a text without a pattern is told by its title,
and the English stands beside it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

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


class Korean(NamedTuple):
    """A text in English, its parts as groups, and the same in Korean."""

    english: re.Pattern[str]
    korean: str


def _korean(english: str, korean: str) -> Korean:
    """`english` with {parts} that are taken over into `korean`."""
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(english))
    return Korean(re.compile(pattern, re.DOTALL), korean)


_TEXTS = (
    # media
    _korean("{file} is empty (0 bytes).", "{file} 파일이 비어 있습니다(0바이트)."),
    _korean("{file} is not a readable recording.", "{file} 파일은 읽을 수 있는 녹화가 아닙니다."),
    _korean("{file} is not a readable picture.", "{file} 파일은 읽을 수 있는 사진이 아닙니다."),
    _korean("{file} holds neither picture nor sound.", "{file} 파일에 영상도 소리도 없습니다."),
    _korean("{file} has no content (zero length).", "{file} 파일에 내용이 없습니다(길이 0)."),
    _korean(
        "{file} is damaged: it ends too early.", "{file} 파일이 손상되었습니다: 끝이 잘렸습니다."
    ),
    _korean(
        "{file} is damaged: its content cannot be decoded.",
        "{file} 파일이 손상되었습니다: 내용을 해독할 수 없습니다.",
    ),
    _korean(
        "{file} is too large: {width} by {height} pixels.",
        "{file} 파일이 너무 큽니다: {width}x{height} 픽셀입니다.",
    ),
    _korean("{file} cannot be read.", "{file} 파일을 읽을 수 없습니다."),
    _korean("There is no file or folder {file}.", "{file} 파일이나 폴더가 없습니다."),
    _korean("Record or copy it again.", "다시 녹화하거나 복사하세요."),
    _korean("Copy it again, or take another picture.", "다시 복사하거나 다른 사진을 쓰세요."),
    _korean(
        "Give a recording such as mp4, mpg, webm, mkv, wav, flac, opus or mp3.",
        "mp4, mpg, webm, mkv, wav, flac, opus, mp3 같은 녹화 파일을 주세요.",
    ),
    _korean(
        "Give jpg, heic, png, webp, avif, bmp or tiff pictures.",
        "jpg, heic, png, webp, avif, bmp, tiff 사진을 주세요.",
    ),
    _korean(
        "Make it smaller than {bound} megapixels, or give it as jpg.",
        "{bound}메가픽셀보다 작게 만들거나 jpg로 주세요.",
    ),
    # people
    _korean("Nobody of that name is enrolled.", "그 이름으로 등록된 사람이 없습니다."),
    _korean("Nobody of that id is enrolled.", "그 번호로 등록된 사람이 없습니다."),
    _korean("`kiosk gallery list` shows everyone.", "`kiosk gallery list`로 모두 볼 수 있습니다."),
    _korean(
        "Did you mean {names}? `kiosk gallery list` shows everyone.",
        "{names}을(를) 찾으셨나요? `kiosk gallery list`로 모두 볼 수 있습니다.",
    ),
    _korean("GET /v1/subjects lists everyone.", "GET /v1/subjects로 모두 볼 수 있습니다."),
    _korean("Somebody of that name is enrolled already.", "그 이름은 이미 등록되어 있습니다."),
    _korean(
        "Choose another name, or use `kiosk re-enrol` for the same person.",
        "다른 이름을 고르거나, 같은 사람이면 `kiosk re-enrol`로 재등록하세요.",
    ),
    _korean("The name is empty.", "이름이 비어 있습니다."),
    _korean("Give at least one letter.", "글자를 하나 이상 주세요."),
    _korean("The name holds a control character.", "이름에 제어 문자가 있습니다."),
    _korean("Give letters, digits, spaces and signs only.", "글자, 숫자, 공백, 기호만 쓰세요."),
    _korean("The name is {count} characters long.", "이름이 {count}자입니다."),
    _korean("Give at most {count}.", "{count}자 이하로 주세요."),
    _korean("The name shows no letter.", "이름에 보이는 글자가 없습니다."),
    _korean("Give at least one letter or digit.", "글자나 숫자를 하나 이상 주세요."),
    _korean("There is no re-enrolment to roll back.", "되돌릴 재등록이 없습니다."),
    _korean(
        "`kiosk gallery remove` deletes the subject with its first enrolment.",
        "`kiosk gallery remove`로 첫 등록과 함께 삭제할 수 있습니다.",
    ),
    _korean("There is no consent in force.", "유효한 동의가 없습니다."),
    _korean("Load the list again.", "목록을 다시 불러오세요."),
    # enrolment
    _korean(
        "By face this person seems to be enrolled already.",
        "얼굴로 보아 이미 등록된 사람 같습니다.",
    ),
    _korean(
        "By voice this person seems to be enrolled already.",
        "목소리로 보아 이미 등록된 사람 같습니다.",
    ),
    _korean(
        "By face and voice this person seems to be enrolled already.",
        "얼굴과 목소리로 보아 이미 등록된 사람 같습니다.",
    ),
    _korean(
        "Re-enrol that subject, or repeat with --allow-duplicate if they are two people.",
        "그 사람을 재등록하거나, 다른 사람이면 --allow-duplicate로 다시 하세요.",
    ),
    _korean(
        "{count} usable face samples, {needed} are needed; frames by outcome: {outcomes}.",
        "쓸 수 있는 얼굴이 {count}장이며 {needed}장이 필요합니다. 결과별 프레임: {outcomes}.",
    ),
    _korean(
        "{seconds} s of usable speech, {needed} s are needed; segments by outcome: {outcomes}.",
        "쓸 수 있는 말이 {seconds}초이며 {needed}초가 필요합니다. 결과별 구간: {outcomes}.",
    ),
    _korean("There is no {what} in this source.", "이 자료에는 {what}이(가) 없습니다."),
    _korean("Give another recording.", "다른 녹화를 주세요."),
    _korean(
        "The new samples do not resemble this subject.", "새 자료가 이 사람과 닮지 않았습니다."
    ),
    _korean(
        "Check that the right person was recorded; --force stores them all the same.",
        "맞는 사람을 녹화했는지 확인하세요. --force로 그대로 저장할 수 있습니다.",
    ),
    _korean(
        "The face samples are of two people: {one} of one, {other} of another.",
        "얼굴 자료가 두 사람의 것입니다: 한 사람 {one}장, 다른 사람 {other}장.",
    ),
    _korean(
        "Leave out the recordings or pictures with somebody else, and record one person alone.",
        "다른 사람이 나오는 녹화나 사진을 빼고 한 사람만 녹화하세요.",
    ),
    # gallery and models
    _korean("Another kiosk is writing to the database.", "다른 키오스크가 갤러리에 쓰고 있습니다."),
    _korean(
        "Try again when it has finished, or close it.", "끝난 뒤에 다시 하거나 그것을 닫으세요."
    ),
    _korean(
        "The disk is full; the last change was rolled back.",
        "디스크가 가득 차서 마지막 변경을 취소했습니다.",
    ),
    _korean(
        "Free some space and do the last step again.", "공간을 비우고 마지막 단계를 다시 하세요."
    ),
    _korean("The database cannot be written.", "갤러리에 쓸 수 없습니다."),
    _korean(
        "The key does not open {file}, or that file is no gallery.",
        "열쇠가 {file}을(를) 열지 못하거나 그 파일이 갤러리가 아닙니다.",
    ),
    _korean(
        "Check database and key_file in the settings; a gallery opens only with its own key.",
        "설정의 database와 key_file을 확인하세요. 갤러리는 자기 열쇠로만 열립니다.",
    ),
    _korean("The weights of {model} are missing.", "{model} 모델의 가중치 파일이 없습니다."),
    _korean("Emotion is not estimated, for {reason}.", "감정을 추정하지 않습니다({reason})."),
    _korean(
        "Ask for something else, or see the setting emotion.",
        "다른 것을 요청하거나 emotion 설정을 확인하세요.",
    ),
    # the service itself
    _korean("There is no token.", "토큰이 없습니다."),
    _korean("The token is not known.", "알 수 없는 토큰입니다."),
    _korean("The token has expired.", "토큰이 만료되었습니다."),
    _korean("The token was revoked.", "토큰이 폐기되었습니다."),
    _korean(
        "Send `Authorization: Bearer TOKEN`; `kiosk serve token add` makes one.",
        "`Authorization: Bearer TOKEN`을 보내세요. `kiosk serve token add`로 만듭니다.",
    ),
    _korean(
        "The token has the role {role}; this needs {needed}.",
        "이 토큰의 역할은 {role}이며 {needed} 역할이 필요합니다.",
    ),
    _korean("Use a token of that role.", "그 역할의 토큰을 쓰세요."),
    _korean("A page of another site asked for this.", "다른 사이트의 페이지가 보낸 요청입니다."),
    _korean(
        "Open the service's own page, or send the request from a program.",
        "서비스의 자체 페이지를 열거나 프로그램에서 요청을 보내세요.",
    ),
    _korean(
        "The request names another host than this service.",
        "요청의 호스트 이름이 이 서비스와 다릅니다.",
    ),
    _korean(
        "Use the address that `kiosk serve` prints.", "`kiosk serve`가 알려 주는 주소를 쓰세요."
    ),
    _korean(
        "The body has {size}; at most {most} are taken.",
        "본문이 {size}이며 최대 {most}까지 받습니다.",
    ),
    _korean("The body has more than {most}.", "본문이 {most}보다 큽니다."),
    _korean(
        "Send less at once, or raise service_megabytes in the settings.",
        "한 번에 더 적게 보내거나 설정의 service_megabytes를 늘리세요.",
    ),
    _korean("The recording is longer than {seconds} s.", "녹화가 {seconds}초보다 깁니다."),
    _korean(
        "Send a shorter part, or raise service_seconds in the settings.",
        "더 짧은 부분을 보내거나 설정의 service_seconds를 늘리세요.",
    ),
    _korean(
        "The work on this request took more than {seconds} s.",
        "이 요청의 처리가 {seconds}초를 넘었습니다.",
    ),
    _korean("Send a shorter or smaller recording.", "더 짧거나 작은 녹화를 보내세요."),
    _korean(
        "The body was not there within {seconds} s.", "본문이 {seconds}초 안에 도착하지 않았습니다."
    ),
    _korean("Send it again over a faster line.", "더 빠른 회선으로 다시 보내세요."),
    _korean("All {count} places are taken.", "{count}개의 자리가 모두 찼습니다."),
    _korean("Try again in {seconds} s.", "{seconds}초 뒤에 다시 하세요."),
    _korean(
        "More than {rate} requests a second came from here.",
        "여기에서 초당 {rate}개가 넘는 요청이 왔습니다.",
    ),
    _korean("A body of the kind {kind} is not read here.", "{kind} 형식의 본문은 받지 않습니다."),
    _korean("Send {kinds}.", "{kinds} 형식으로 보내세요."),
    _korean("The request broke off before its end.", "요청이 끝나기 전에 끊겼습니다."),
    _korean("Send it again.", "다시 보내세요."),
    _korean("There is no file in the request.", "요청에 파일이 없습니다."),
    _korean("Send one or several as fields called `file`.", "`file` 필드로 하나 이상 보내세요."),
    _korean("The field {field} is missing.", "{field} 필드가 없습니다."),
    _korean("The field {field} is {value}.", "{field} 필드의 값이 {value}입니다."),
    _korean("There is nothing at this address.", "이 주소에는 아무것도 없습니다."),
    _korean("/v1/openapi.json lists what there is.", "/v1/openapi.json에 모두 나와 있습니다."),
    _korean("There is no such job.", "그런 작업이 없습니다."),
    _korean(
        "Results are kept for {minutes} minutes; send the request again.",
        "결과는 {minutes}분 동안만 보관합니다. 요청을 다시 보내세요.",
    ),
    _korean(
        "The client speaks version {theirs} of the interface, the service version {ours}.",
        "클라이언트의 인터페이스 버전은 {theirs}, 서비스는 {ours}입니다.",
    ),
    _korean("Update the client.", "클라이언트를 업데이트하세요."),
    _korean("Update the service.", "서비스를 업데이트하세요."),
    _korean(
        "The path leads out of the folder of this service.", "서비스 폴더 밖을 가리키는 경로입니다."
    ),
    _korean(
        "Name a file below the folder in ancestor_folder.",
        "ancestor_folder 폴더 아래의 파일을 지정하세요.",
    ),
    _korean("Internal error ({kind}).", "내부 오류입니다({kind})."),
    _korean("Please report it.", "오류를 알려 주세요."),
)


def title(code: str, language: str) -> str:
    """The title of a problem of this class."""
    text = TITLES.get(code, TITLES["BugError"])
    return text.korean if language == "ko" else text.english


def translated(text: str) -> str | None:
    """An error's text or remedy in Korean, None where nobody has translated it."""
    if not text:
        return ""
    for each in _TEXTS:
        found = each.english.fullmatch(text)
        if found is not None:
            return each.korean.format(**found.groupdict())
    return None


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
