"""The page on which one tries a request, in a real Chromium; camera and microphone are a clip of
somebody who does not exist."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from kiosk.server.access import Role
from tests.server.conftest import OpenRoom
from tests.support.browser import PATIENCE, asked_for, browser, complaints, fake_devices, resize
from tests.support.paths import DEMO
from tests.support.service_room import Room

SIZES = ((360, 740), (820, 1180), (1440, 1000))
CONTRAST = """
const light = (text) => {
  const parts = text.match(/[\\d.]+/g).map(Number);
  const [r, g, b] = parts.slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return { l: 0.2126 * r + 0.7152 * g + 0.0722 * b, a: parts.length > 3 ? parts[3] : 1 };
};
const behind = (part) => {
  for (let p = part; p; p = p.parentElement) {
    const found = light(getComputedStyle(p).backgroundColor);
    if (found.a === 1) return found.l;
  }
  return 1;
};
const poor = [];
for (const part of document.querySelectorAll("body *")) {
  const own = [...part.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  if (!own || !part.getClientRects().length || part.closest("noscript")) continue;
  const [one, two] = [light(getComputedStyle(part).color).l, behind(part)];
  const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
  if (ratio < 4.5) poor.push(`${part.textContent.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
}
return poor;
"""
SPILLING = """
const wide = document.documentElement.clientWidth;
return [...document.querySelectorAll("body *")].filter((part) => {
  if (!part.getClientRects().length || part.closest(".scroll, .chooser input, .skip")) return false;
  const { left, right } = part.getBoundingClientRect();
  const cut = ["BUTTON", "LABEL", "H1", "H2"].includes(part.tagName)
    && part.scrollWidth > part.clientWidth + 1;
  return left < -1 || right > wide + 1 || cut;
}).filter((part) => !part.matches(".skip")).map((part) => part.outerHTML.slice(0, 80));
"""


@pytest.fixture
def page(tmp_path: Path, scripted: OpenRoom) -> Iterator[tuple[Chrome, Room]]:
    """The page of a service whose models follow a script, in English."""
    opened = scripted()
    with browser(tmp_path) as driver:
        driver.get(f"{opened.url}/")
        yield driver, opened


def text_of(driver: Chrome, name: str) -> str:
    return str(driver.find_element(By.ID, name).text)


def choose(driver: Chrome, file: Path) -> None:
    driver.find_element(By.ID, "file").send_keys(str(file))


def send(driver: Chrome) -> None:
    """Press, and wait for the answer or what went wrong."""
    go = driver.find_element(By.ID, "go")
    go.click()
    WebDriverWait(driver, PATIENCE).until(lambda _: go.is_enabled())


def clip(folder: Path, who: int = 0) -> Path:
    """What the scripted models take for a film of somebody."""
    file = folder / "it's a visit.mp4"
    file.write_text(str(who))
    return file


def test_the_page_is_made_of_its_own_files_and_a_strict_policy(scripted: OpenRoom) -> None:
    client = scripted().client
    answer = client.get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bon\w+=|\bstyle=", answer.text)
    own = set(re.findall(r"(?:src|href)=\"(/[^\"#]*)\"", answer.text))
    parts = {name: client.get(name) for name in own}
    assert len(parts) >= 4
    assert {each.status_code for each in parts.values()} == {200}
    texts = [answer.text, *(p.text for name, p in parts.items() if not name.endswith(".svg"))]
    assert not [text for text in texts if re.search(r"https?://(?!127\.0\.0\.1)", text)]


@pytest.mark.parametrize("name", ["secret", "..%2f..%2fapp.py", "index.html", "page.js.map", "%2e"])
def test_no_other_file_can_be_had(name: str, scripted: OpenRoom) -> None:
    assert scripted().client.get(f"/page/{name}").status_code in (404, 307)


def test_both_languages_say_everything(page: tuple[Chrome, Room]) -> None:
    driver, _ = page
    words: dict[str, dict[str, Any]] = driver.execute_script("return WORDS")
    korean, english = words["ko"], words["en"]
    assert set(korean) == set(english)
    for key, text in english.items():
        if isinstance(text, str):
            fields = [set(re.findall(r"\{\w+\}", each)) for each in (text, korean[key])]
            assert fields[0] == fields[1], key
            assert key == "otherLanguage" or re.search("[가-힣]", korean[key]), key
        else:
            assert len(text) == len(korean[key]), key
    used = driver.execute_script(
        "return [...document.querySelectorAll('[data-say]')].map((part) => part.dataset.say)"
    )
    assert set(used) <= set(english)


def test_a_file_is_sent_and_the_answer_shown_in_both_languages(
    page: tuple[Chrome, Room], tmp_path: Path
) -> None:
    driver, opened = page
    choose(driver, clip(tmp_path))
    send(driver)
    assert "This is Alice" in text_of(driver, "verdict")
    answers = text_of(driver, "answers")
    for part in ("together", "Face score", "Estimates", "looks)"):
        assert part in answers
    driver.find_element(By.ID, "language").click()
    assert "Alice 님입니다" in text_of(driver, "verdict")
    assert "얼굴 점수" in text_of(driver, "answers")
    assert driver.find_element(By.TAG_NAME, "html").get_attribute("lang") == "ko"
    assert all(url.startswith(opened.url) for url in asked_for(driver))
    assert complaints(driver) == []


def test_the_request_it_shows_does_the_same(page: tuple[Chrome, Room], tmp_path: Path) -> None:
    driver, _ = page
    choose(driver, clip(tmp_path))
    by_curl = subprocess.run(
        ["sh", "-c", text_of(driver, "curl").replace("curl ", "curl -s ", 1)],
        cwd=tmp_path, capture_output=True, text=True, check=True, timeout=PATIENCE,
    )  # fmt: skip
    assert json.loads(by_curl.stdout)["decision"]["name"] == "Alice"
    program = text_of(driver, "python").replace("answer.json()", "answer.text")
    by_python = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path, capture_output=True, text=True, check=True, timeout=PATIENCE,
    )  # fmt: skip
    assert json.loads(by_python.stdout)["decision"]["name"] == "Alice"


def test_what_goes_wrong_is_told_in_the_language_of_the_page(
    page: tuple[Chrome, Room], tmp_path: Path
) -> None:
    driver, _ = page
    send(driver)
    assert "Choose a file" in text_of(driver, "status")
    broken = tmp_path / "broken.mp4"
    broken.write_text("no film")
    choose(driver, broken)
    send(driver)
    status = driver.find_element(By.ID, "status")
    assert status.get_attribute("class") == "wrong"
    assert len(status.text) > 20
    driver.find_element(By.ID, "language").click()
    send(driver)
    assert re.search("[가-힣]", text_of(driver, "status"))


def test_it_can_be_used_by_keyboard_alone(page: tuple[Chrome, Room], tmp_path: Path) -> None:
    driver, _ = page
    reached = []
    for _step in range(14):
        ActionChains(driver).send_keys(Keys.TAB).perform()
        reached.append(driver.switch_to.active_element.get_attribute("id"))
    for name in ("language", "file", "record", "listen", "go", "curl", "python"):
        assert name in reached, reached
    choose(driver, clip(tmp_path))
    driver.find_element(By.ID, "go").send_keys(Keys.ENTER)
    WebDriverWait(driver, PATIENCE).until(lambda _: text_of(driver, "verdict"))
    assert driver.switch_to.active_element.get_attribute("id") == "result"


def test_nothing_spills_or_is_too_pale_in_any_size(
    page: tuple[Chrome, Room], tmp_path: Path
) -> None:
    driver, _ = page
    choose(driver, clip(tmp_path))
    send(driver)
    for _language in range(2):
        for width, height in SIZES:
            resize(driver, width, height)
            assert driver.execute_script(SPILLING) == [], width
            wide = driver.execute_script("return document.documentElement.scrollWidth")
            assert wide <= width
        assert driver.execute_script(CONTRAST) == []
        driver.find_element(By.ID, "language").click()


def test_where_a_token_is_needed_it_can_be_given(tmp_path: Path, scripted: OpenRoom) -> None:
    opened = scripted(require_token=True)
    token = opened.service.tokens.add("page", Role.IDENTIFY, None)[1]
    with browser(tmp_path) as driver:
        driver.get(f"{opened.url}/")
        choose(driver, clip(tmp_path))
        send(driver)
        assert "token" in text_of(driver, "status").lower()
        driver.find_element(By.TAG_NAME, "summary").click()
        driver.find_element(By.ID, "token").send_keys(token)
        send(driver)
        assert "This is Alice" in text_of(driver, "verdict")
        assert token not in text_of(driver, "curl") + text_of(driver, "python")


def test_camera_and_microphone_of_the_browser_tell_who_it_is(tmp_path: Path, real: Room) -> None:
    devices = fake_devices(DEMO / "amara-2.mp4", tmp_path)
    with browser(tmp_path, devices, "ko") as driver:
        driver.get(f"{real.url}/")
        driver.find_element(By.ID, "record").click()
        WebDriverWait(driver, 60).until(lambda _: "끝났" in text_of(driver, "status"))
        send(driver)
        assert "Amara 님입니다" in text_of(driver, "verdict")
        drawn = driver.execute_script(
            "const c = document.getElementById('boxes');"
            "return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v) => v)"
        )
        assert drawn
        crops = driver.find_elements(By.CSS_SELECTOR, ".strip img")
        assert len(crops) > 5
        assert complaints(driver) == []
        assert all(url.startswith(real.url) for url in asked_for(driver))


def test_a_sentence_is_read(page: tuple[Chrome, Room]) -> None:
    driver, _ = page
    driver.find_element(By.CSS_SELECTOR, "input[value=text]").click()
    driver.find_element(By.ID, "sentence").send_keys("I am so sad today")
    send(driver)
    assert "sadness" in text_of(driver, "answers")
