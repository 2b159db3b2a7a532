"""Many kiosks with one gallery: where its server is, and what is asked of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic.dataclasses import dataclass

from kiosk.core.declaration import Declared, Place, Text, Whole
from kiosk.core.declared.groups import CONFIG, FLEET


@dataclass(frozen=True, config=CONFIG)
class FleetSettings:
    """Many kiosks with one gallery: where its server is, and what is asked of it."""

    fleet_server: Annotated[
        str,
        Declared(
            FLEET,
            Text("Server of the fleet", "공유 서버"),
            Text(
                "The PostgreSQL server that keeps the gallery of all kiosks.",
                "모든 키오스크의 갤러리를 보관하는 PostgreSQL 서버입니다.",
            ),
            more=Text(
                "postgresql://HOST:PORT/DATABASE, several hosts with commas between them; empty: "
                "this kiosk stands alone. Over a network TLS is always on; name and password come "
                "with `kiosk fleet join`.",
                "postgresql://HOST:PORT/DATABASE이며 서버가 여럿이면 쉼표로 구분합니다. "
                "비어 있으면 단독으로 동작합니다. 네트워크에서는 항상 TLS를 쓰고, 이름과 암호는 "
                "`kiosk fleet join`으로 받습니다.",
            ),
        ),
    ] = ""
    fleet_authority: Annotated[
        Place,
        Declared(
            FLEET,
            Text("Who signed the server's certificate", "서버 인증서를 서명한 기관"),
            Text(
                "A PEM file; the server's certificate is checked against it.",
                "서버 인증서를 확인할 PEM 파일입니다.",
            ),
            more=Text(
                "Empty: those that the system trusts.",
                "비어 있으면 시스템이 신뢰하는 기관을 씁니다.",
            ),
        ),
    ] = Path()
    fleet_search_above: Annotated[
        Whole,
        Declared(
            FLEET,
            Text("Search on the server above", "서버에서 검색할 인원"),
            Text(
                "With more people than this a searchable fleet's server searches; 0: never.",
                "인원이 이보다 많으면 검색 가능한 공유 서버가 검색합니다. 0이면 쓰지 않습니다.",
            ),
            more=Text(
                "Where the server does not answer in time, the kiosk searches in its own gallery.",
                "서버가 제때 답하지 않으면 키오스크가 자기 갤러리에서 검색합니다.",
            ),
            range=(0, 1_000_000_000),
        ),
    ] = 0
