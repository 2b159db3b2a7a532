"""Texts of errors are told in Korean by their pattern, with their parts taken over."""

from __future__ import annotations

from kiosk.core.korean_errors import translated


def test_the_parts_of_a_text_are_taken_over() -> None:
    assert translated("All 3 places are taken.") == "3개의 자리가 모두 찼습니다."
    assert translated("Try again in 0.5 s.") == "0.5초 뒤에 다시 하세요."
    told = translated("The client speaks version 2 of the interface, the service version 10.")
    assert told == "클라이언트의 인터페이스 버전은 2, 서비스는 10입니다."


def test_a_part_may_go_over_lines() -> None:
    assert translated("The field note is a\nb.") == "note 필드의 값이 a\nb입니다."


def test_where_two_patterns_fit_the_one_counts_of_which_more_stands_fast() -> None:
    assert translated("Send it again.") == "다시 보내세요."
    assert translated("Send mp4, webm.") == "mp4, webm 형식으로 보내세요."


def test_the_whole_text_has_to_fit() -> None:
    assert translated("") == ""
    assert translated("Send it again") is None
    assert translated("Now: Send it again.") is None


def test_the_way_round_an_enrolment_is_told_behind_the_remedy() -> None:
    text = "Send it again. Or enrol with --only voice."
    assert translated(text) == "다시 보내세요. 또는 --only voice로 등록하세요."
    assert translated("Nobody translated this. Or enrol with --only voice.") is None
