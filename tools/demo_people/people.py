"""Who the demo people are: group and seed of the face, looks, voice, and their two recordings."""

from __future__ import annotations

from dataclasses import dataclass

from motion import Scene
from portrait import Looks
from voices import Attempt, Voice

EAST_ASIAN_MAN, EAST_ASIAN_WOMAN = "AM", "AF"
SENIOR_MAN, SENIOR_WOMAN = "asian-male", "asian-female"


@dataclass(frozen=True)
class Recipe:
    """How a face is mixed: see `faces.Group.compose`."""

    group: str
    seed: int
    mix: int = 16
    exaggerate: float = 1.5
    noise: float = 0.5


@dataclass(frozen=True)
class Person:
    """A person who does not exist; the first recording enrols, the second is the probe."""

    key: str
    name: str
    recipe: Recipe
    looks: Looks
    voice: Voice
    scenes: tuple[Scene, Scene]
    attempts: tuple[Attempt, Attempt]
    stranger: bool = False


def office(
    side: float, warmth: float, yaw: float, at: tuple[float, float] = (320, 172), zoom: float = 0.70
) -> Scene:
    """Even room light, camera at eye level."""
    return Scene(
        (side, -0.5, 1.2),
        0.35,
        warmth,
        1.0,
        (172, 180, 182),
        zoom,
        at,
        (yaw, 0, 0),
        (8, 4, 2.5),
        2.0,
        0.5,
    )


def lamp(
    side: float, warmth: float, yaw: float, at: tuple[float, float] = (330, 180), zoom: float = 0.66
) -> Scene:
    """Evening: one lamp at the side, a darker wall, more noise, another course of the head."""
    return Scene(
        (side, -0.3, 1.0),
        0.60,
        warmth,
        0.86,
        (112, 122, 140),
        zoom,
        at,
        (yaw, 3, -1),
        (6, 5, 4),
        4.0,
        0.7,
    )


DESK = {"room": 0.15, "microphone": (90.0, 7400.0), "level": -21.0, "noise": 42.0}
HALL = {"room": 0.35, "microphone": (130.0, 6800.0), "level": -26.0, "noise": 30.0}

PEOPLE = (
    Person(
        "gureum",
        "김구름 (Kim Gureum)",
        Recipe(EAST_ASIAN_WOMAN, 3, mix=24, exaggerate=1.8),
        Looks("long", (30, 34, 44), (150, 120, 90), "round", parting=0.5),
        Voice("f2", 58, 1.04, -1.0, ((1100, 4, 0.3), (2700, -5, 0.3)), 0.10),
        (office(-0.6, 0.1, -4), lamp(0.8, 0.5, 7, (305, 178))),
        (
            Attempt(
                "ko",
                "안녕하세요. 저는 일층 안내실에서 일합니다. 오늘도 좋은 하루 보내세요.",
                1.15,
                **DESK,
            ),
            Attempt(
                "ko", "비가 그치면 도서관에 들렀다가 저녁 여섯 시쯤 돌아오겠습니다.", 1.02, **HALL
            ),
        ),
    ),
    Person(
        "noeul",
        "이노을 (Lee Noeul)",
        Recipe(EAST_ASIAN_MAN, 4),
        Looks("short", (26, 26, 28), (120, 80, 60), "shirt", parting=-0.6),
        Voice("Lee", 52, 1.03, 0.0, ((700, 5, 0.3), (1900, -5, 0.3)), 0.05, 0.1),
        (office(0.7, -0.2, 5), lamp(-0.8, 0.2, -6)),
        (
            Attempt(
                "ko",
                "반갑습니다. 삼층 회의실로 올라가려고 하는데 문을 열어 주시겠어요?",
                1.08,
                **DESK,
            ),
            Attempt(
                "en-us",
                "Good morning. I have a meeting on the third floor, and I am a little early today.",
                1.0,
                **HALL,
            ),
        ),
    ),
    Person(
        "bawi",
        "박바위 (Park Bawi)",
        Recipe(SENIOR_MAN, 2),
        Looks("thin", (70, 70, 70), (110, 100, 95), "shirt", grey=0.7, parting=0.5),
        Voice(
            "croak", 22, 0.88, -2.5, ((450, 5, 0.35), (1400, -6, 0.3), (3000, 4, 0.3)), 0.16, 0.45
        ),
        (office(-0.5, 0.3, 3), lamp(0.9, 0.0, -5)),
        (
            Attempt("ko", "허허, 나는 매일 아침 뒷산을 걷고 나서 신문을 읽는다네.", 0.95, **DESK),
            Attempt("ko", "옛날에는 이 동네에 큰 우물이 있어서 다들 거기 모였지.", 0.98, **HALL),
        ),
    ),
    Person(
        "danbi",
        "최단비 (Choi Danbi)",
        Recipe(SENIOR_WOMAN, 4),
        Looks("bob", (44, 46, 54), (90, 60, 120), "high", grey=0.18, parting=0.2),
        Voice(
            "Andrea", 38, 0.93, -2.0, ((900, -5, 0.3), (1700, 5, 0.3), (3600, -5, 0.3)), 0.14, 0.1
        ),
        (office(0.5, 0.2, -3), lamp(-0.9, 0.6, 6)),
        (
            Attempt(
                "ko",
                "처음 뵙겠습니다. 시장에서 작은 꽃집을 하고 있어요. 구경 오세요.",
                1.05,
                **DESK,
            ),
            Attempt(
                "ko", "오늘은 장미보다 국화가 훨씬 싱싱하니까 그걸로 골라 보세요.", 1.0, **HALL
            ),
        ),
    ),
    Person(
        "robin",
        "Robin Sample",
        Recipe("CM", 5),
        Looks("short", (44, 66, 92), (60, 90, 60), "vee", parting=0.6),
        Voice("Mario", 42, 0.93, 1.0, ((520, -4, 0.3), (1250, 6, 0.3), (2500, 4, 0.3)), 0.05, 0.15),
        (office(-0.7, -0.1, 4), lamp(0.8, 0.3, -7)),
        (
            Attempt(
                "en-us",
                "Hello there. I came to pick up the parcel left at the front desk on Monday.",
                1.02,
                **DESK,
            ),
            Attempt(
                "en-us",
                "If the train is late again, please start without me and save a chair at the back.",
                1.0,
                **HALL,
            ),
        ),
    ),
    Person(
        "amara",
        "Amara Example",
        Recipe("black-female", 6),
        Looks("tied", (18, 20, 24), (60, 140, 200), "round"),
        Voice("Alicia", 45, 1.0, -1.5, ((650, 5, 0.3), (2100, 5, 0.3), (3200, -6, 0.3)), 0.10),
        (office(0.6, 0.0, -5), lamp(-0.8, 0.4, 5)),
        (
            Attempt(
                "en-us",
                "Good afternoon. My name is on the list, and I would like to see the garden first.",
                0.98,
                **DESK,
            ),
            Attempt(
                "en-us",
                "Seven brown boxes arrived this morning, but only two of them were for our office.",
                1.0,
                **HALL,
            ),
        ),
    ),
    Person(
        "ravi",
        "Ravi Nobody",
        Recipe("indian-male", 3),
        Looks("short", (18, 18, 20), (150, 120, 60), "shirt", parting=-0.5),
        Voice("klatt4", 52, 1.03, 0.0, ((1000, 6, 0.3), (1800, -5, 0.3), (3400, 5, 0.3)), 0.06),
        (office(-0.6, 0.2, -4), lamp(0.9, 0.1, 6)),
        (
            Attempt(
                "en-us",
                "Excuse me, could you tell me where visitors are supposed to wait this morning?",
                1.02,
                **DESK,
            ),
            Attempt(
                "en-us",
                "The bridge was closed, so we walked along the river to a quiet little cafe.",
                1.0,
                **HALL,
            ),
        ),
        stranger=True,
    ),
    Person(
        "garam",
        "정가람 (Jung Garam)",
        Recipe(EAST_ASIAN_WOMAN, 10, mix=24, exaggerate=2.0),
        Looks("tied", (24, 24, 28), (90, 110, 170), "vee", parting=-0.3),
        Voice("steph", 60, 1.10, 0.5, ((800, -5, 0.3), (1500, 6, 0.3), (3000, 4, 0.3)), 0.05),
        (office(0.6, -0.3, 4), lamp(-0.7, 0.5, -6)),
        (
            Attempt(
                "ko", "실례합니다. 친구를 만나러 왔는데 어디에서 기다리면 될까요?", 1.0, **DESK
            ),
            Attempt(
                "ko", "지하철을 한 정거장 지나쳐서 조금 늦었어요. 정말 미안합니다.", 1.0, **HALL
            ),
        ),
        stranger=True,
    ),
)
