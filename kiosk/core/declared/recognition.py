"""What looks and listens, and from which evidence on somebody is named."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic.dataclasses import dataclass

from kiosk.core.declaration import Declared, Number, Text, Whole
from kiosk.core.declared.groups import CONFIG, DEVICES, ON_OFF, PICTURES, RECOGNITION, SECONDS
from kiosk.core.errors import SettingsError

STREAM_PORTS = {"rtsp": 554, "rtsps": 322, "rtmp": 1935, "rtmps": 443, "http": 80, "https": 443}
"""The schemes of streams we know and their usual ports."""


@dataclass(frozen=True, config=CONFIG)
class RecognitionSettings:
    """What looks and listens, and from which evidence on somebody is named."""

    camera: Annotated[
        str,
        Declared(
            DEVICES,
            Text("Camera", "카메라"),
            Text(
                "Looks at visitors. Automatic takes the first one.",
                "방문자를 봅니다. 자동이면 첫 번째 카메라를 씁니다.",
            ),
            more=Text(
                "A number or a part of the camera's name; auto: the first; none: no camera.",
                "번호나 카메라 이름의 일부입니다. auto이면 첫 번째, none이면 쓰지 않습니다.",
            ),
        ),
    ] = "auto"
    microphone: Annotated[
        str,
        Declared(
            DEVICES,
            Text("Microphone", "마이크"),
            Text(
                "Listens to visitors. Automatic takes the system's default.",
                "방문자의 말을 듣습니다. 자동이면 시스템 기본 마이크를 씁니다.",
            ),
            more=Text(
                "A part of the microphone's name; auto: the system's default; none: no microphone.",
                "마이크 이름의 일부입니다. auto이면 시스템 기본, none이면 쓰지 않습니다.",
            ),
        ),
    ] = "auto"
    stream: Annotated[
        str,
        Declared(
            DEVICES,
            Text("Network camera", "네트워크 카메라"),
            Text(
                "The address of a stream, in place of camera and microphone. Empty: none.",
                "카메라와 마이크 대신 쓸 스트림의 주소입니다. 비워 두면 쓰지 않습니다.",
            ),
            more=Text(
                "rtsp://, rtmp:// or http:// (and with s). Whoever may see the settings sees a "
                "password in it. Devices or a source named on the command line go before it.",
                "rtsp://, rtmp://, http://(s가 붙은 것도)입니다. 주소에 든 비밀번호는 설정을 볼 수 "
                "있는 사람에게 보입니다. 명령줄에서 고른 장치나 소스가 우선합니다.",
            ),
        ),
    ] = ""
    stranger_named_once_in: Annotated[
        Number,
        Declared(
            RECOGNITION,
            Text(
                "Strangers named: at most one in",
                "모르는 사람을 잘못 부르는 비율: 최대 몇 명 중 1명",
            ),
            Text(
                "Of so many strangers at most one may be taken for somebody. Higher is stricter, "
                "and more enrolled people are asked again.",
                "모르는 사람 몇 명 중 최대 1명까지 등록된 사람으로 잘못 볼 수 있는지입니다. "
                "높을수록 엄격하고, 등록된 사람에게 다시 묻는 일이 늘어납니다.",
            ),
            more=Text(
                "The least evidence for a name follows from it, from how many people are enrolled "
                "and from whether face, voice or both are there; the settings page tells what the "
                "data support and what it costs.",
                "이 값과 등록 인원, 얼굴·음성 유무에 따라 이름을 말하는 데 필요한 최소 증거가 "
                "정해집니다. 자료가 뒷받침하는 한계와 그 대가는 설정 화면에 나옵니다.",
            ),
            range=(2, 1_000_000),
        ),
    ] = 100.0
    min_probability: Annotated[
        Number,
        Declared(
            RECOGNITION,
            Text("How sure to be", "확신 기준"),
            Text(
                "A visitor is named only from this probability on. Higher is stricter.",
                "이 확률 이상일 때만 이름을 말합니다. 높을수록 엄격합니다.",
            ),
            more=Text(
                "The probability is bounded by what the development data support, which a large "
                "gallery uses up: 0.5 asks for no more than that a name is likelier than none.",
                "확률은 개발 자료가 뒷받침하는 만큼만 올라가며, 등록 인원이 많으면 낮아집니다. "
                "0.5는 이름이 맞을 가능성이 틀릴 가능성보다 크면 된다는 뜻입니다.",
            ),
            range=(0.5, 0.99999),
        ),
    ] = 0.5
    min_llr: Annotated[
        Number,
        Declared(
            RECOGNITION,
            Text("Least evidence", "판단 기준 강도"),
            Text(
                "How much must speak for a name. 0: as the number of strangers above asks for.",
                "이름을 말하려면 근거가 얼마나 뚜렷해야 하는지입니다. 0이면 위의 낯선 사람 수에 "
                "따라 정해집니다.",
            ),
            more=Text(
                "The least fused log-likelihood ratio at which a visitor is identified; 0: what "
                "stranger_named_once_in asks for.",
                "방문자를 식별하는 데 필요한 최소 융합 로그 가능도비입니다. 0이면 "
                "stranger_named_once_in 값에 따라 정해집니다.",
            ),
            range=(-20, 40),
        ),
    ] = 0.0
    min_margin: Annotated[
        Number,
        Declared(
            RECOGNITION,
            Text("Distance to the second", "2순위와의 차이"),
            Text(
                "How much more must speak for the first than for the next person.",
                "1순위가 다음 사람보다 얼마나 더 앞서야 하는지입니다.",
            ),
            more=Text(
                "The least distance in log-likelihood ratio to the second candidate.",
                "두 번째 후보와의 최소 로그 가능도비 차이입니다.",
            ),
            range=(0, 40),
        ),
    ] = 2.0
    liveness: Annotated[
        str,
        Declared(
            RECOGNITION,
            Text("Living people alone", "실제 사람 확인"),
            Text(
                "Photographs, screens and foreign voices are told from people.",
                "사진, 화면, 다른 사람의 목소리를 실제 사람과 구별합니다.",
            ),
            more=Text(
                "Required, nobody is named by a face that is not a living one or was not seen long "
                "enough; warning only, the doubt is told beside the answer. Automatic: required "
                "where a camera is live, warning for recordings.",
                "필수이면 실제 얼굴이 아니거나 충분히 보지 못한 얼굴로는 이름을 알리지 않습니다. "
                "경고만이면 결과와 함께 의심을 알립니다. 자동은 카메라에서는 필수, 녹화에서는 "
                "경고입니다.",
            ),
            choices={
                "auto": Text("Automatic", "자동"),
                "off": Text("Off", "끄기"),
                "warn": Text("Warning only", "경고만"),
                "require": Text("Required", "필수"),
            },
        ),
    ] = "auto"
    liveness_request: Annotated[
        str,
        Declared(
            RECOGNITION,
            Text("Ask to turn the head", "고개 돌리기 요청"),
            Text(
                "Who cannot be told from a picture, or is silent while somebody else speaks, is "
                "asked to turn the head, left or right at random.",
                "사진과 구별하기 어렵거나, 말하지 않는데 다른 사람의 목소리가 들리는 방문자에게 "
                "고개를 왼쪽이나 오른쪽으로 돌려 달라고 합니다.",
            ),
            more=Text(
                "A photograph cannot, and a film does not know which side comes. Never: who is "
                "silent beside a voice is named by the face alone. It counts where a living person "
                "is required, and takes up to six seconds.",
                "사진은 고개를 돌릴 수 없고, 영상은 어느 쪽을 요청할지 알 수 없습니다. ‘안 함’이면 "
                "다른 사람의 목소리가 들려도 얼굴만으로 이름을 알립니다. 실제 사람 확인이 필수일 "
                "때만 쓰이며 최대 6초가 걸립니다.",
            ),
            choices={
                "off": Text("Never", "안 함"),
                "when-unsure": Text("When unsure", "불확실할 때"),
                "always": Text("Always", "항상"),
            },
        ),
    ] = "when-unsure"
    spoken_request: Annotated[
        bool,
        Declared(
            RECOGNITION,
            Text("Ask to read digits aloud", "숫자 읽기 요청"),
            Text(
                "Visitors read four random digits aloud; without a microphone nobody is named.",
                "모든 방문자에게 무작위 숫자 네 개를 소리 내어 읽어 달라고 합니다. 마이크가 없으면 "
                "아무의 이름도 알리지 않습니다.",
            ),
            more=Text(
                "It counts when somebody spoke as long as the digits take and the mouth in the "
                "picture says what is heard; which digits were read is not recognised. It counts "
                "where a living person is required, and takes up to eight seconds.",
                "숫자를 읽을 만큼 말했고 화면 속 입이 들리는 말과 맞을 때 인정합니다. 어떤 숫자를 "
                "읽었는지는 알아내지 않습니다. 실제 사람 확인이 필수일 때만 쓰이며 최대 8초가 "
                "걸립니다.",
            ),
            choices=ON_OFF,
        ),
    ] = False
    photograph_passes_once_in: Annotated[
        Number,
        Declared(
            RECOGNITION,
            Text(
                "Photographs let through: at most one in", "통과되는 사진의 비율: 최대 몇 장 중 1장"
            ),
            Text(
                "Of so many photographs held before the camera at most one may be taken for a "
                "person. Higher is stricter, and more people are asked again.",
                "카메라에 댄 사진 몇 장 중 최대 1장까지 실제 사람으로 볼 수 있는지입니다. 높을수록 "
                "엄격하고, 실제 사람에게 다시 묻는 일이 늘어납니다.",
            ),
            more=Text(
                "The least score of a living person follows from it and from photographs that were "
                "measured; no more is promised than these can support, and what it costs is told.",
                "이 값과 측정한 사진 자료에 따라 실제 사람으로 보는 최소 점수가 정해집니다. 자료가 "
                "뒷받침하는 것 이상은 약속하지 않으며, 그 대가도 함께 보여 줍니다.",
            ),
            range=(2, 10_000),
        ),
    ] = 20.0
    known_share: Annotated[
        Number,
        Declared(
            RECOGNITION,
            Text("Share of enrolled visitors", "등록된 방문자 비율"),
            Text(
                "How many of those who come are enrolled: 0.9 means nine in ten.",
                "오는 사람 중 등록된 사람의 비율입니다. 0.9는 열 명 중 아홉 명입니다.",
            ),
            range=(0.001, 0.999),
        ),
    ] = 0.9
    good_frames: Annotated[
        Whole,
        Declared(
            RECOGNITION,
            Text("Pictures of a face", "얼굴 사진 수"),
            Text(
                "Good pictures gathered before the face is compared.",
                "얼굴을 비교하기 전에 모으는 좋은 사진 수입니다.",
            ),
            range=(1, 50),
            unit=PICTURES,
        ),
    ] = 5
    speech_seconds: Annotated[
        Number,
        Declared(
            RECOGNITION,
            Text("Speech", "말하는 시간"),
            Text(
                "Speech gathered before the voice is compared.",
                "목소리를 비교하기 전에 모으는 말의 길이입니다.",
            ),
            range=(0.5, 30),
            unit=SECONDS,
        ),
    ] = 3.0
    min_face: Annotated[
        Whole,
        Declared(
            RECOGNITION,
            Text("Smallest face", "가장 작은 얼굴"),
            Text(
                "Width from which a face counts; people farther away are not looked at.",
                "이 너비 이상의 얼굴만 봅니다. 더 멀리 있는 사람은 보지 않습니다.",
            ),
            range=(20, 1000),
            unit=Text("pixels", "픽셀"),
        ),
    ] = 60

    def check_devices(self) -> None:
        """Raises SettingsError where nothing is left to look or listen with, or the address of the
        stream is none."""
        if self.camera == self.microphone == "none" and not self.stream:
            raise SettingsError(
                "microphone is 'none', and so is camera.",
                "Choose one, or auto for either.",
                key="microphone",
            )
        if self.stream and not _is_address(self.stream):
            raise SettingsError(
                f"stream is {self.stream!r}.",
                "Give an address like rtsp://camera.example:554/stream, or nothing.",
                key="stream",
            )


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in STREAM_PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
