"""Where things lie, and the service over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic.dataclasses import dataclass

from kiosk.core.declaration import Declared, Number, Place, Text, Whole
from kiosk.core.declared.groups import CONFIG, HTTP, ON_OFF, SECONDS, SERVICE


@dataclass(frozen=True, config=CONFIG)
class ServiceSettings:
    """Where things lie, and the service over HTTP."""

    database: Annotated[
        Place,
        Declared(
            SERVICE,
            Text("Gallery", "갤러리"),
            Text("The encrypted gallery.", "암호화된 갤러리 파일입니다."),
            more=Text(
                "Empty: gallery.db in the user's data folder.",
                "비어 있으면 사용자 데이터 폴더의 gallery.db입니다.",
            ),
        ),
    ] = Path()
    key_file: Annotated[
        Place,
        Declared(
            SERVICE,
            Text("Key of the gallery", "갤러리 열쇠"),
            Text(
                "A file of mode 0600, kept apart from the gallery.",
                "권한이 0600인 파일이며 갤러리와 따로 둡니다.",
            ),
            more=Text(
                "Empty: gallery.key in the user's configuration folder.",
                "비어 있으면 사용자 설정 폴더의 gallery.key입니다.",
            ),
        ),
    ] = Path()
    backup_folder: Annotated[
        Place,
        Declared(
            SERVICE,
            Text("Copies of the gallery", "갤러리 사본"),
            Text(
                "Every hour a copy is made there and read whole; the last 24 are kept.",
                "한 시간마다 사본을 만들어 전체를 확인하며, 최근 24개를 보관합니다.",
            ),
            more=Text(
                "Empty: no copies. Whoever is deleted can be read in no copy any more; keep no "
                "older versions of the folder `keys` there.",
                "비어 있으면 만들지 않습니다. 삭제된 사람의 정보는 어느 사본에서도 읽을 수 없게 "
                "됩니다. 그 안의 `keys` 폴더는 이전 버전을 보관하지 마세요.",
            ),
        ),
    ] = Path()
    models: Annotated[
        Place,
        Declared(
            SERVICE,
            Text("Folder of models", "모델 폴더"),
            Text(
                "Where `kiosk models fetch` puts weights.",
                "`kiosk models fetch`가 가중치를 두는 곳입니다.",
            ),
            more=Text(
                "Empty: models/ in the user's data folder.",
                "비어 있으면 사용자 데이터 폴더의 models/입니다.",
            ),
        ),
    ] = Path()
    log_level: Annotated[
        str,
        Declared(
            SERVICE,
            Text("Detail of the log", "로그 수준"),
            Text("What is written into the log.", "로그에 적는 내용의 수준입니다."),
            choices={
                "debug": Text("Everything", "모두"),
                "info": Text("What happens", "일어난 일"),
                "warning": Text("What may be wrong", "이상할 수 있는 일"),
                "error": Text("What is wrong", "잘못된 일"),
            },
        ),
    ] = "info"
    service_address: Annotated[
        str,
        Declared(
            HTTP,
            Text("Address", "주소"),
            Text(
                "Where `kiosk serve` listens. Any address but this machine's own needs TLS and a "
                "token.",
                "`kiosk serve`가 듣는 주소입니다. 이 기기 자신이 아니면 TLS와 토큰이 필요합니다.",
            ),
        ),
    ] = "127.0.0.1"
    service_port: Annotated[
        Whole,
        Declared(
            HTTP,
            Text("Port", "포트"),
            Text(
                "Of the address that `kiosk serve` listens at; 0 takes a free one.",
                "`kiosk serve`가 듣는 포트입니다. 0이면 비어 있는 포트를 씁니다.",
            ),
            range=(0, 65535),
        ),
    ] = 8790
    service_certificate: Annotated[
        Place,
        Declared(
            HTTP,
            Text("Certificate", "인증서"),
            Text("For TLS, a file in PEM form.", "TLS에 쓰는 PEM 형식 파일입니다."),
            more=Text(
                "Empty: service.crt beside the gallery's key, where `kiosk serve certificate` "
                "puts one.",
                "비어 있으면 갤러리 열쇠 옆의 service.crt이며, `kiosk serve certificate`가 여기에 "
                "만듭니다.",
            ),
        ),
    ] = Path()
    service_certificate_key: Annotated[
        Place,
        Declared(
            HTTP,
            Text("Key of the certificate", "인증서 열쇠"),
            Text("A file in PEM form, of mode 0600.", "권한이 0600인 PEM 형식 파일입니다."),
            more=Text(
                "Empty: service.key beside the gallery's key.",
                "비어 있으면 갤러리 열쇠 옆의 service.key입니다.",
            ),
        ),
    ] = Path()
    service_megabytes: Annotated[
        Whole,
        Declared(
            HTTP,
            Text("Largest request", "요청의 최대 크기"),
            Text("What one request may send.", "한 요청이 보낼 수 있는 크기입니다."),
            range=(1, 10_000),
            unit=Text("megabytes", "메가바이트"),
        ),
    ] = 200
    service_seconds: Annotated[
        Number,
        Declared(
            HTTP,
            Text("Longest recording", "녹화의 최대 길이"),
            Text(
                "Of one request; the work on it may take twice as long.",
                "한 요청의 녹화 길이입니다. 처리에는 그 두 배까지 걸릴 수 있습니다.",
            ),
            range=(1, 3600),
            unit=SECONDS,
        ),
    ] = 120.0
    service_queue: Annotated[
        Whole,
        Declared(
            HTTP,
            Text("Requests that wait", "대기 요청 수"),
            Text(
                "So many may wait for the models; the next is told when to come again.",
                "이만큼까지 모델을 기다릴 수 있으며, 그 다음 요청에는 다시 올 때를 알려 줍니다.",
            ),
            range=(1, 1000),
        ),
    ] = 16
    service_rate: Annotated[
        Number,
        Declared(
            HTTP,
            Text("Requests a second", "초당 요청 수"),
            Text(
                "So many may come from one address; four times as many at once.",
                "한 주소에서 올 수 있는 수입니다. 한꺼번에는 네 배까지 됩니다.",
            ),
            range=(0.1, 100_000),
        ),
    ] = 100.0
    ancestor_requests: Annotated[
        bool,
        Declared(
            HTTP,
            Text("Requests of the ancestors", "이전 시스템 요청"),
            Text(
                "Answers clients of the older systems as those did. They name files on this "
                "machine and send no token.",
                "이전 시스템의 클라이언트에 예전과 같이 답합니다. 이 기기의 파일을 지정하며 토큰을 "
                "보내지 않습니다.",
            ),
            more=Text(
                "Whoever reaches the service can then have every file below ancestor_folder read, "
                "and enrol whom they like under any name.",
                "서비스에 접속할 수 있는 사람은 누구나 ancestor_folder 아래의 파일을 읽게 하고 "
                "아무 이름으로나 등록할 수 있습니다.",
            ),
            choices=ON_OFF,
        ),
    ] = False
    ancestor_folder: Annotated[
        Place,
        Declared(
            HTTP,
            Text("Folder of the ancestors' requests", "이전 시스템 요청 폴더"),
            Text(
                "Only files below it are read for them; any other path is refused.",
                "이 폴더 아래의 파일만 읽으며 다른 경로는 거부합니다.",
            ),
        ),
    ] = Path()
    ancestor_ground: Annotated[
        str,
        Declared(
            HTTP,
            Text("Ground of the ancestors' enrolments", "이전 시스템 등록의 근거"),
            Text(
                "Why whoever their clients enrol may be enrolled: which law or contract asks for "
                "it.",
                "이전 시스템의 클라이언트가 등록하는 분을 등록해도 되는 근거입니다.",
            ),
            more=Text(
                "Kept with every person they enrol; without it nobody is enrolled.",
                "이렇게 등록한 분마다 함께 보관하며, 비어 있으면 아무도 등록하지 않습니다.",
            ),
        ),
    ] = ""
    ancestor_order: Annotated[
        str,
        Declared(
            HTTP,
            Text("Order of the ancestors' answers", "이전 시스템 답의 순서"),
            Text(
                "Which of 100001 to 100003 is the answer of face and voice together.",
                "100001~100003 중 얼굴과 목소리를 합친 답이 어느 것인지입니다.",
            ),
            choices={
                "fused_first": Text("Fused, face, voice (as described)", "융합, 얼굴, 목소리"),
                "fused_last": Text(
                    "Face, voice, fused (one published server)", "얼굴, 목소리, 융합"
                ),
            },
        ),
    ] = "fused_first"
