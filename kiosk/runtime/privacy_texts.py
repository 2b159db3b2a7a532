"""What an operator hands out or keeps: texts of consent by law, the record of processing, and a
template of an impact assessment, filled from the settings of this kiosk.

They are drafts by people who build software, not legal advice, and say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.core.declared.events import chosen_channels
from kiosk.core.outgoing import EventField, read_fields
from kiosk.core.settings import Settings


class Law(StrEnum):
    """Under which law people are asked."""

    GDPR = "gdpr"
    PIPA = "pipa"


VERSIONS = {Law.GDPR: "GDPR-1", Law.PIPA: "PIPA-1"}
"""Raised whenever a text changes."""
_BLANK = "________________"


@dataclass(frozen=True)
class Controller:
    """Who answers for the kiosk; what is not said is left to be filled in by hand."""

    name: str = _BLANK
    contact: str = _BLANK
    officer: str = _BLANK


def consent_text(settings: Settings, law: Law, language: str, who: Controller) -> str:
    """To be read and signed before an enrolment."""
    parts = "".join(letter for letter, there in _uses(settings) if there)
    version = VERSIONS[law] + parts
    return _CONSENT[law, language].format(version=version, **_facts(settings, language, who))


def _uses(settings: Settings) -> tuple[tuple[str, bool], ...]:
    """What the kiosk is used for beside telling who somebody is, with the letter it has in the
    version of the text of consent."""
    return ("T", settings.attendance), ("G", settings.greetings)


def record_of_processing(settings: Settings, language: str, who: Controller) -> str:
    """Regulation (EU) 2016/679, Article 30(1)."""
    return _RECORD[language].format(**_facts(settings, language, who))


def impact_assessment(settings: Settings, language: str, who: Controller) -> str:
    """Regulation (EU) 2016/679, Article 35(7): a template, of which the judgement is left open."""
    return _DPIA[language].format(**_facts(settings, language, who))


def _facts(settings: Settings, language: str, who: Controller) -> dict[str, object]:
    words = _WORDS[language]
    sent = chosen_channels(settings)
    named = EventField.NAME in read_fields(settings.event_fields)
    on = [words[name] for name in ("emotion", "age", "gender") if getattr(settings, name) != "off"]
    used = [words[letter] for letter, there in _uses(settings) if there]
    recipients = words["nobody"]
    if sent:
        recipients = words["sent_named"] if named else words["sent"]
    return {
        "name": who.name,
        "contact": who.contact,
        "officer": who.officer,
        "days": settings.keep_days,
        "withdrawn": settings.withdrawn_days,
        "pictures": words["pictures" if settings.keep_pictures else "no_pictures"],
        "probes": words["probes" if settings.keep_probes else "no_probes"],
        "recipients": recipients,
        "estimates": ", ".join(on) or words["none"],
        "uses": " ".join(["", *used]),
        "liveness": settings.liveness,
        "self_enrolment": words["yes" if settings.self_enrolment else "no"],
        "stranger": f"{settings.stranger_named_once_in:g}",
    }


_WORDS = {
    "en": {
        "nobody": "nobody; everything stays on this machine",
        "sent": "systems that the operator connected are told of visits, without names",
        "sent_named": "systems that the operator connected are told of visits, with names",
        "pictures": "a small picture of the face, for staff",
        "no_pictures": "no picture",
        "probes": "templates of visits, as long as the visits themselves",
        "no_probes": "templates of visits only where the visitor denied the answer",
        "emotion": "emotion",
        "age": "age",
        "gender": "gender",
        "T": "From visits, the first and the last time of each day at which you were recognised\n"
        "are told to staff as your attendance, with what they correct and why.",
        "G": "Staff may have a line shown to you when you are recognised.",
        "none": "none",
        "yes": "yes",
        "no": "no",
    },
    "ko": {
        "nobody": "없음. 모든 정보는 이 기기 안에만 있습니다",
        "sent": "운영자가 연결한 시스템에 방문 사실을 이름 없이 알립니다",
        "sent_named": "운영자가 연결한 시스템에 방문 사실을 이름과 함께 알립니다",
        "pictures": "직원이 볼 작은 얼굴 사진",
        "no_pictures": "사진은 보관하지 않음",
        "probes": "방문 때의 특징정보(방문 기록과 같은 기간)",
        "no_probes": "본인이 아니라고 한 방문의 특징정보만",
        "emotion": "감정",
        "age": "나이",
        "gender": "성별",
        "T": "방문 기록에서 날마다 처음과 마지막으로 확인된 시각을 출석으로 직원에게 보여 주며,\n"
        "직원이 고친 내용과 이유도 보관합니다.",
        "G": "확인되었을 때 직원이 정한 한 줄을 보여 줄 수 있습니다.",
        "none": "없음",
        "yes": "예",
        "no": "아니요",
    },
}

_CONSENT = {
    (Law.GDPR, "en"): """\
Information and consent: identification by face and voice (text {version})
Regulation (EU) 2016/679, Articles 9(2)(a) and 13

Controller: {name}. Contact: {contact}. Data protection officer: {officer}.
Purpose: to tell who you are when you stand before the kiosk.{uses}
Legal basis: your explicit consent, Article 9(2)(a). You need not give it; without it you are not
enrolled, and that has no other disadvantage.
What is kept: your name; templates (numbers computed from your face and voice); {pictures}; that you
agreed, and when. Of each visit: time, outcome and scores; {probes}. Estimated beside that and
not kept: {estimates}.
For how long: templates until you take consent back or are deleted; visits for {days} days.
Recipients: {recipients}. No transfer to third countries by the kiosk.
Your rights: to see your data and receive a copy (Articles 15 and 20), to have them corrected or
deleted, to restrict or object, and to take consent back at any moment: from then on nobody is
compared with you, and everything is deleted after {withdrawn} days at the latest unless a law asks
to keep it. What was done before stays lawful. You may complain to a supervisory authority.
The kiosk decides nothing about you that has legal effect (Article 22).

[ ] I agree.        Name: ____________________  Date: ____________  Signature: ____________________
Under the age at which you may agree alone, your parent or guardian signs:  ____________________
""",
    (Law.GDPR, "ko"): """\
얼굴·음성 식별에 대한 안내 및 동의서 (문서 {version})
유럽연합 규정 2016/679 제9조 제2항 (a), 제13조

컨트롤러: {name}. 연락처: {contact}. 개인정보 보호책임자(DPO): {officer}.
목적: 키오스크 앞에 선 사람이 누구인지 확인합니다.{uses}
법적 근거: 제9조 제2항 (a)에 따른 명시적 동의. 동의하지 않아도 되며, 등록되지 않는
것 외에 불이익은 없습니다.
보관하는 정보: 이름, 얼굴과 목소리에서 계산한 특징정보, {pictures}, 동의 사실과 시각. 방문마다 시각,
결과, 점수. {probes}. 함께 추정하지만 보관하지 않는 것: {estimates}.
보관 기간: 특징정보는 동의 철회 또는 삭제 때까지, 방문 기록은 {days}일.
제공받는 자: {recipients}. 키오스크는 정보를 제3국으로 보내지 않습니다.
권리: 열람과 사본 수령(제15조, 제20조), 정정, 삭제, 처리 제한, 반대, 그리고 언제든 동의를 철회할 수
있습니다. 철회하면 바로 비교 대상에서 빠지고, 법이 보관을 요구하지 않는 한 늦어도 {withdrawn}일 뒤
모두 삭제합니다. 철회 전의 처리는 여전히 적법합니다. 감독기관에 민원을 제기할 수 있습니다.
키오스크는 법적 효력이 있는 결정을 하지 않습니다(제22조).

[ ] 동의합니다.      이름: ____________________  날짜: ____________  서명: ____________________
혼자 동의할 수 없는 나이이면 법정대리인이 서명합니다:  ____________________
""",
    (Law.PIPA, "ko"): """\
개인정보 및 민감정보(생체인식정보) 수집·이용 동의서 (문서 {version})
「개인정보 보호법」 제15조, 제22조, 제23조

개인정보처리자: {name} (연락처: {contact}) / 개인정보 보호책임자: {officer}

1. 개인정보
   수집 항목: 이름, 방문 시각·결과·점수, 동의 기록
   이용 목적: 키오스크 앞에 선 사람의 확인과 그 기록.{uses}
   보유 기간: 이름과 동의 기록은 삭제 때까지, 방문 기록은 {days}일
   [ ] 동의함   [ ] 동의하지 않음

2. 민감정보 (별도 동의)
   수집 항목: 얼굴 특징정보, 음성 특징정보, {pictures}. {probes}
   이용 목적: 얼굴과 목소리에 의한 식별. 함께 추정하지만 보관하지 않는 것: {estimates}
   보유 기간: 동의 철회 또는 삭제 때까지
   [ ] 동의함   [ ] 동의하지 않음

제3자 제공: {recipients}.
동의를 거부할 권리가 있습니다. 거부하면 키오스크에 등록되지 않으며 다른 불이익은 없습니다.
언제든 열람, 정정·삭제, 처리정지를 요구하고 동의를 철회할 수 있습니다. 철회하면 바로 비교
대상에서 빠지고, 다른 법령이 보관을 요구하지 않는 한 {withdrawn}일 안에 파기합니다.

이름: ____________________   날짜: ____________   서명: ____________________
만 14세 미만 아동의 법정대리인(제22조의2): 이름 ____________________  서명 ____________________
""",
    (Law.PIPA, "en"): """\
Consent to collection and use of personal and sensitive (biometric) information (text {version})
Personal Information Protection Act of Korea, Articles 15, 22 and 23

Controller: {name} (contact: {contact}). Privacy officer: {officer}.

1. Personal information
   Items: name; time, outcome and scores of visits; the record of consent
   Purpose: to tell who stands before the kiosk, and to record that.{uses}
   Period: name and record of consent until deletion, visits for {days} days
   [ ] I agree   [ ] I do not agree

2. Sensitive information (separate consent)
   Items: templates of the face and of the voice; {pictures}; {probes}
   Purpose: identification by face and voice. Estimated beside it and not kept: {estimates}
   Period: until consent is taken back or deletion
   [ ] I agree   [ ] I do not agree

Provided to: {recipients}.
You may refuse. Then you are not enrolled; there is no other disadvantage. You may at any time see
your data, have them corrected, deleted or no longer processed, and take consent back: from then on
nobody is compared with you, and everything is destroyed within {withdrawn} days unless another law
asks to keep it.

Name: ____________________   Date: ____________   Signature: ____________________
Guardian of a child under 14 (Article 22-2): name ____________________  signature ________________
""",
}

_RECORD = {
    "en": """\
Record of processing activities (Regulation (EU) 2016/679, Article 30(1))
A draft filled from the settings of this kiosk; the controller completes and answers for it.

Controller and contact: {name}, {contact}
Data protection officer: {officer}
Purpose: identification of enrolled people by face and voice, on request
  of the person before the kiosk.{uses}
Data subjects: enrolled people; visitors who are not enrolled (compared, not kept)
Categories of data: names, notes; templates of face and voice (Article 9); {pictures};
  consents; decisions with scores; {probes}
Estimates beside identification: {estimates} (not kept)
Self-enrolment: {self_enrolment}
Recipients: {recipients}
Transfers to third countries: none by the kiosk
Erasure: decisions after {days} days; {withdrawn} days after consent was taken
  back; people on request, with templates, history and decisions
Security (Article 32): database encrypted (AES-256, HMAC on every page), key kept apart;
  staff behind passphrases with roles; tamper-evident record without
  names; no network unless the operator opens one (docs/security.md)
""",
    "ko": """\
처리 활동의 기록 (유럽연합 규정 2016/679 제30조 제1항)
이 키오스크의 설정에서 채운 초안입니다. 컨트롤러가 보완하고 책임집니다.

컨트롤러와 연락처: {name}, {contact}
개인정보 보호책임자: {officer}
처리 목적: 키오스크 앞에 선 등록자를 본인의 요청에 따라 얼굴과 목소리로 식별.{uses}
정보주체: 등록자, 등록되지 않은 방문자(비교만 하고 보관하지 않음)
정보의 종류: 이름, 메모, 얼굴·음성 특징정보(제9조), {pictures}, 동의 기록, 판단과 점수,
  {probes}
함께 추정하는 것: {estimates} (보관하지 않음)
직접 등록: {self_enrolment}
제공받는 자: {recipients}
제3국 이전: 키오스크에 의한 이전 없음
삭제 기한: 판단은 {days}일 뒤, 동의 철회 뒤 {withdrawn}일, 요청 시 특징정보·이력·판단과
  함께 삭제
보호 조치(제32조): 암호화된 데이터베이스(AES-256, 모든 페이지에 HMAC)와 따로 둔 열쇠, 역할별
  암호로 보호되는 직원 화면, 이름이 없고 변조가 드러나는 기록, 운영자가 열지
  않는 한 네트워크 없음
""",
}

_DPIA = {
    "en": """\
Data protection impact assessment: a template (Regulation (EU) 2016/679, Article 35(7))
Controller: {name}. Officer consulted: {officer}.

1. What is processed, and why
   See `kiosk privacy record`.{uses} Estimates: {estimates}. Self-enrolment: {self_enrolment}.
2. Necessity and proportionality
   Why would a card, a list or asking for the name not do?        ______________________________
   What happens to whoever does not agree?                        ______________________________
3. Risks to people, as this program is known to have them
   - Taken for somebody else: set to at most one stranger in {stranger}; docs/accuracy.md says how
     often and on whom. What follows from a wrong name here?      ______________________________
   - Not recognised, more often for some groups: who helps then?  ______________________________
   - A photograph, film or voice passes: liveness is set to "{liveness}".  ______________________
   - Templates leak: they cannot be changed like a password. Where is the key?  _________________
   - Watching of staff or visitors: visits are kept {days} days. Who may see them?  _____________
   - Taking consent back: compared no more at once, deleted after {withdrawn} days.
4. Measures
   docs/security.md row by row; docs/operations.md done on: ____________ by: ____________________
5. Judgement and residual risk                                    ______________________________
6. Views of data subjects (Article 35(9))                         ______________________________
Reviewed again on: ____________
""",
    "ko": """\
개인정보 영향평가 서식 (유럽연합 규정 2016/679 제35조 제7항)
컨트롤러: {name}. 의견을 들은 보호책임자: {officer}.

1. 무엇을 왜 처리하는가
   `kiosk privacy record`를 보십시오.{uses} 추정: {estimates}. 직접 등록: {self_enrolment}.
2. 필요성과 비례성
   카드, 명단, 이름 묻기로는 왜 안 되는가?                  ______________________________
   동의하지 않는 사람은 어떻게 되는가?                      ______________________________
3. 이 프로그램에서 알려진 위험
   - 다른 사람으로 잘못 봄: 모르는 사람 {stranger}명 중 최대 1명으로 설정. 얼마나, 누구에게서
     그런지는 docs/accuracy.md. 잘못된 이름의 결과는?       ______________________________
   - 알아보지 못함(집단에 따라 더 자주): 누가 돕는가?       ______________________________
   - 사진, 영상, 목소리가 통과함: 실제 사람 확인은 "{liveness}".  ________________________
   - 특징정보 유출: 암호처럼 바꿀 수 없음. 열쇠는 어디에?   ______________________________
   - 직원·방문자 감시: 방문은 {days}일 보관. 누가 보는가?   ______________________________
   - 동의 철회: 바로 비교 대상에서 빠지고 {withdrawn}일 뒤 삭제.
4. 조치
   docs/security.md를 행마다 확인. docs/operations.md 수행일: ____________ 수행자: ____________
5. 판단과 남은 위험                                         ______________________________
6. 정보주체의 의견(제35조 제9항)                            ______________________________
재검토일: ____________
""",
}
