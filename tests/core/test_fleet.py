"""Operations as they wait in an outbox."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from kiosk.core.errors import StorageError
from kiosk.core.fleet import Act, EnrolmentPart, Operation, TemplatePart, as_json, of_json
from kiosk.core.media import Modality
from kiosk.core.subjects import EnrolmentKind

AT = datetime(2026, 11, 30, 9, 5, tzinfo=UTC)
ONE, TWO = UUID(int=1), UUID(int=2)


def test_an_operation_is_read_as_it_was_written_and_without_what_it_leaves_as_it_is() -> None:
    enrolment = EnrolmentPart(TWO, EnrolmentKind.ADD, AT, 1, 0)
    template = TemplatePart(
        ONE, TWO, Modality.FACE, "net", 0.5, "camera", AT, halves=b"\xff\x00\x80"
    )
    made = Operation(
        ONE,
        Act.CHANGE,
        TWO,
        "seoul",
        AT,
        name="김민준",
        picture=b"\xff\xd8\x00",
        enrolments=(enrolment,),
        templates=(template,),
    )
    text = as_json(made)
    assert of_json(text) == made
    assert of_json(text.decode()) == made
    assert b"name_before" not in text
    assert b"consents" not in text


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"uid": "no"}'])
def test_what_is_damaged_is_said_to_be(text: str) -> None:
    with pytest.raises(StorageError, match="is damaged"):
        of_json(text)
