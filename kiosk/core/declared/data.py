"""What is kept of whom, and how people are enrolled."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic.dataclasses import dataclass

from kiosk.core.declaration import Declared, Number, Place, Text, Whole
from kiosk.core.declared.groups import CONFIG, DATA, ON_OFF, PICTURES, SECONDS, SERVICE, YES_NO


@dataclass(frozen=True, config=CONFIG)
class DataSettings:
    """What is kept of whom, and how people are enrolled."""

    keep_days: Annotated[
        Whole,
        Declared(
            DATA,
            Text("Keep decisions", "방문 기록 보관 기간"),
            Text(
                "Older ones are deleted, together with their corrections.",
                "더 오래된 방문 기록은 정정 기록과 함께 지웁니다.",
            ),
            range=(1, 3650),
            unit=Text("days", "일"),
            at_once=True,
        ),
    ] = 90
    withdrawn_days: Annotated[
        Whole,
        Declared(
            DATA,
            Text("Delete after consent is taken back", "동의 철회 후 삭제"),
            Text(
                "Whoever takes consent back is compared no more at once, and deleted after so long "
                "unless a legal ground is on record.",
                "동의를 철회하면 바로 비교 대상에서 빠지고, 법적 보관 근거가 기록되지 않으면 "
                "이 기간 뒤에 삭제합니다.",
            ),
            range=(0, 30),
            unit=Text("days", "일"),
        ),
    ] = 3
    expire_unseen_days: Annotated[
        Whole,
        Declared(
            DATA,
            Text("Delete who does not come any more", "오지 않는 사람 삭제"),
            Text(
                "Whoever was not identified for so long is deleted, with everything kept of them. "
                "0 is never.",
                "이 기간 동안 인식되지 않은 사람은 보관된 모든 정보와 함께 삭제합니다. "
                "0이면 삭제하지 않습니다.",
            ),
            more=Text(
                "Visits are only known for keep_days: longer than that, nobody is deleted.",
                "방문은 keep_days 동안만 알 수 있으므로, 그보다 길면 아무도 삭제하지 않습니다.",
            ),
            range=(0, 3650),
            unit=Text("days", "일"),
        ),
    ] = 0
    expire_enrolled_days: Annotated[
        Whole,
        Declared(
            DATA,
            Text("Delete after the enrolment", "등록 후 삭제"),
            Text(
                "Whoever was enrolled, or agreed anew, so long ago is deleted with everything kept "
                "of them. 0 is never.",
                "등록하거나 다시 동의한 지 이 기간이 지난 사람은 보관된 모든 정보와 함께 "
                "삭제합니다. 0이면 삭제하지 않습니다.",
            ),
            range=(0, 3650),
            unit=Text("days", "일"),
        ),
    ] = 0
    keep_probes: Annotated[
        bool,
        Declared(
            DATA,
            Text("Keep templates of visits", "방문 인식 정보 보관"),
            Text(
                "To compare before a re-registration. Otherwise only of denied visits.",
                "재등록 전에 비교하는 데 씁니다. 아니면 본인이 아니라고 한 방문만 보관합니다.",
            ),
            choices=YES_NO,
        ),
    ] = False
    keep_pictures: Annotated[
        bool,
        Declared(
            DATA,
            Text("Keep enrolment pictures", "등록 사진 보관"),
            Text(
                "A small picture of the face for staff. The text of consent says so.",
                "직원이 볼 작은 얼굴 사진. 동의서에도 적힙니다.",
            ),
            more=Text(
                "Where it is false, pictures that were kept are deleted at the next start.",
                "false이면 보관하던 사진을 다음에 시작할 때 지웁니다.",
            ),
            choices=YES_NO,
        ),
    ] = False
    learn_from_visits: Annotated[
        bool,
        Declared(
            DATA,
            Text("Learn from visits", "방문에서 배우기"),
            Text(
                "A visit beyond doubt adds a face template, at most one a day and the newest "
                "three. The page of people shows and forgets them.",
                "의심의 여지가 없는 방문이면 얼굴 인식 정보를 하루에 하나까지 더하고 최근 세 개만 "
                "둡니다. 등록자 화면에서 보고 지울 수 있습니다.",
            ),
            more=Text(
                "Only of living people who were named with room to spare by what staff enrolled; "
                "never in its place. `kiosk gallery forget-learnt` takes it back.",
                "실제 사람임이 확인되고 직원이 등록한 인식 정보만으로도 확실할 때만 배우며, 등록된 "
                "것을 바꾸지 않습니다. `kiosk gallery forget-learnt`로 되돌립니다.",
            ),
            choices=YES_NO,
        ),
    ] = False
    self_enrolment: Annotated[
        bool,
        Declared(
            DATA,
            Text("Self-enrolment", "직접 등록"),
            Text(
                "Who is not known may enrol themselves and counts at once. The page of people "
                "marks them until you have checked them.",
                "등록되지 않은 사람이 스스로 등록하며, 바로 쓰입니다. "
                "확인하실 때까지 등록자 화면에 표시됩니다.",
            ),
            more=Text(
                "With their consent. A number is put behind their name, and 20 within a day are "
                "taken at most.",
                "본인이 동의해야 합니다. 이름 뒤에 번호가 붙고, 하루에 20명까지만 등록됩니다.",
            ),
            choices=ON_OFF,
        ),
    ] = False
    unchecked_people: Annotated[
        str,
        Declared(
            DATA,
            Text("Unchecked people", "확인되지 않은 사람"),
            Text(
                "Who enrolled themselves and was not checked by staff is named with (?) behind the "
                "name, or not named.",
                "스스로 등록하고 직원이 아직 확인하지 않은 사람은 이름 뒤에 (?)를 붙이거나 "
                "이름을 알리지 않습니다.",
            ),
            choices={
                "marked": Text("Named with a mark", "표시를 붙여 알림"),
                "unnamed": Text("Not named", "알리지 않음"),
            },
        ),
    ] = "marked"
    enrol_faces: Annotated[
        Whole,
        Declared(
            DATA,
            Text("Pictures for an enrolment", "등록할 사진 수"),
            Text(
                "Good pictures needed before somebody can be enrolled.",
                "등록하는 데 필요한 좋은 사진 수입니다.",
            ),
            range=(1, 100),
            unit=PICTURES,
        ),
    ] = 5
    enrol_speech: Annotated[
        Number,
        Declared(
            DATA,
            Text("Speech for an enrolment", "등록할 말 길이"),
            Text(
                "Speech needed before somebody can be enrolled with their voice.",
                "목소리를 등록하는 데 필요한 말의 길이입니다.",
            ),
            range=(0.5, 120),
            unit=SECONDS,
        ),
    ] = 3.0
    import_folder: Annotated[
        Place,
        Declared(
            SERVICE,
            Text("Folder for files", "파일 폴더"),
            Text(
                "Where staff take files from and put files, beside media that are plugged in.",
                "꽂아 둔 저장 장치 말고 직원이 파일을 가져오고 내보내는 폴더입니다.",
            ),
            more=Text(
                "The pages for staff look into no other folder; empty: import beside the gallery.",
                "직원 화면은 다른 폴더를 보지 않습니다. 비어 있으면 갤러리 옆의 import입니다.",
            ),
        ),
    ] = Path()
