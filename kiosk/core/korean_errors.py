"""The texts of errors in Korean.

The English text and remedy are those of the command line. Texts are put together where the error
arises, so the Korean ones are found by pattern; a text without a pattern is told by its title, and
the English stands beside it.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Korean(NamedTuple):
    """A text in English with {parts}, its pattern with the parts as groups, and it in Korean."""

    text: str
    english: re.Pattern[str]
    korean: str


def _korean(english: str, korean: str) -> Korean:
    """`english` with {parts} that are taken over into `korean`."""
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(english))
    return Korean(english, re.compile(pattern, re.DOTALL), korean)


_TEXTS = (
    # what a form or a body is not
    _korean("The page is at /.", "페이지는 /에 있습니다."),
    _korean(
        "Nothing says why this person may be enrolled.", "이 분을 등록해도 되는 근거가 없습니다."
    ),
    _korean(
        "Send consent_version, consent_language and consent_text, or ground, one of the two.",
        "consent_version, consent_language, consent_text를 함께 보내거나 ground를 보내세요.",
    ),
    _korean("The field ground is one too many.", "ground 필드는 함께 보낼 수 없습니다."),
    _korean("Send consent or ground, not both.", "동의와 ground 중 하나만 보내세요."),
    _korean("The ground is empty or too long.", "근거가 비어 있거나 너무 깁니다."),
    _korean("See /v1/openapi.json.", "/v1/openapi.json을 보세요."),
    _korean("The body is not JSON.", "본문이 JSON이 아닙니다."),
    _korean("Send JSON in UTF-8.", "UTF-8로 된 JSON을 보내세요."),
    _korean("Send UTF-8.", "UTF-8로 보내세요."),
    _korean("Send it as it is.", "압축하지 말고 그대로 보내세요."),
    _korean("Send its length in bytes.", "길이를 바이트 수로 보내세요."),
    _korean("Send true or false.", "true나 false를 보내세요."),
    _korean("Send fewer.", "더 적게 보내세요."),
    _korean("Send fewer at once.", "한 번에 더 적게 보내세요."),
    _korean("Send its path as a field.", "파일의 경로를 필드로 보내세요."),
    _korean("Send a whole number.", "정수를 보내세요."),
    _korean("Send a number from {low} to {high}.", "{low}에서 {high} 사이의 수를 보내세요."),
    _korean("Send a moment of our time.", "올바른 시각을 보내세요."),
    _korean("Send subject_id or name, one of them.", "subject_id와 name 중 하나만 보내세요."),
    _korean("Send one of {choices}.", "{choices} 중 하나를 보내세요."),
    _korean(
        "Send consent_version, consent_language and consent_text together.",
        "consent_version, consent_language, consent_text를 함께 보내세요.",
    ),
    _korean("This address takes another method.", "이 주소는 다른 방식의 요청을 받습니다."),
    _korean(
        "The stated length of the body is no number.", "본문의 길이로 적힌 값이 수가 아닙니다."
    ),
    _korean("A compressed body is not read here.", "압축된 본문은 받지 않습니다."),
    _korean("The form has no boundary.", "폼에 경계(boundary)가 없습니다."),
    _korean(
        "Let your HTTP library write Content-Type.",
        "Content-Type은 HTTP 라이브러리가 쓰게 하세요.",
    ),
    _korean("The form is not well formed.", "폼의 형식이 올바르지 않습니다."),
    _korean("The form cannot be read.", "폼을 읽을 수 없습니다."),
    _korean("Let your HTTP library write the form.", "폼은 HTTP 라이브러리가 쓰게 하세요."),
    _korean("A part of the form has too long a head.", "폼 한 부분의 머리글이 너무 깁니다."),
    _korean("Shorten its names.", "이름을 줄이세요."),
    _korean("A file is not taken here.", "여기서는 파일을 받지 않습니다."),
    _korean("There are more than {most} fields.", "필드가 {most}개보다 많습니다."),
    _korean("There are more than {most} files.", "파일이 {most}개보다 많습니다."),
    _korean(
        "The field {field} is longer than {most} bytes.",
        "{field} 필드가 {most}바이트보다 깁니다.",
    ),
    _korean("Shorten it.", "줄이세요."),
    _korean("The field {field} is not in UTF-8.", "{field} 필드가 UTF-8이 아닙니다."),
    _korean("The field {field} is out of range.", "{field} 필드가 범위를 벗어났습니다."),
    _korean("The field {field} is not as it must be.", "{field} 필드의 값이 올바르지 않습니다."),
    _korean("The client has gone.", "클라이언트가 떠났습니다."),
    _korean("Send the request again.", "요청을 다시 보내세요."),
    _korean("The service is being stopped.", "서비스를 멈추는 중입니다."),
    _korean("Try again when it is started.", "다시 시작된 뒤에 요청하세요."),
    # what helps a person before the camera
    _korean("Show a face.", "얼굴이 보이게 하세요."),
    _korean("Only one person in the picture.", "한 사람만 나오게 하세요."),
    _korean("Come closer to the camera.", "카메라에 더 가까이 오세요."),
    _korean("Move to the middle of the picture.", "화면 가운데로 오세요."),
    _korean("Look into the camera.", "카메라를 보세요."),
    _korean("Uncover the face.", "얼굴을 가리지 마세요."),
    _korean("More light on the face.", "얼굴을 더 밝게 하세요."),
    _korean("Less light on the face.", "얼굴을 덜 밝게 하세요."),
    _korean("Hold still.", "움직이지 마세요."),
    _korean("Look into the camera a little longer.", "카메라를 조금 더 오래 보세요."),
    _korean("Speak.", "말하세요."),
    _korean(
        "Speak louder or nearer to the microphone.", "더 크게 또는 마이크에 더 가까이서 말하세요."
    ),
    _korean(
        "Speak softer or farther from the microphone.",
        "더 작게 또는 마이크에서 더 멀리서 말하세요.",
    ),
    _korean("Record where it is quieter.", "더 조용한 곳에서 녹음하세요."),
    _korean("Speak longer.", "더 오래 말하세요."),
    _korean("Give a longer recording.", "더 긴 녹화를 주세요."),
    _korean("Switch one on: --set age=on.", "하나를 켜세요: --set age=on."),
    _korean(
        "emotion, age and gender are all switched off.",
        "감정, 나이, 성별 추정이 모두 꺼져 있습니다.",
    ),
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
        "The voice samples are of two people: {one} of one, {other} of another.",
        "목소리 자료가 두 사람의 것입니다: 한 사람 {one}개, 다른 사람 {other}개.",
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

_IN_ORDER = sorted(_TEXTS, key=lambda each: -len(re.sub(r"\{\w+\}", "", each.text)))
"""Of which more stands fast first: "Send it again." is no "Send {kinds}."."""


def translated(text: str) -> str | None:
    """An error's text or remedy in Korean, None where nobody has translated it."""
    if not text:
        return ""
    first, way_round, other = text.partition(" Or enrol with --only ")
    if way_round:
        told = translated(first)
        return None if told is None else f"{told} 또는 --only {other.strip('.')}로 등록하세요."
    for each in _IN_ORDER:
        found = each.english.fullmatch(text)
        if found is not None:
            return each.korean.format(**found.groupdict())
    return None
