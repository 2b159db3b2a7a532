"""docs/settings.md is what the declarations say."""

from __future__ import annotations

from kiosk.core.settings import all_settings
from tools.settings_doc import FILE, document


def test_the_page_of_settings_is_current() -> None:
    written = FILE.read_text("utf-8")
    assert written == document(), "run `make settings-doc`"
    for key, setting in all_settings().items():
        assert f"### `{key}`" in written
        assert setting.declared.help.korean in written
