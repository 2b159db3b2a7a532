"use strict";
/* Sends a file or a recording to /v1 and shows the answer. Nothing is kept, nothing is loaded from
   elsewhere, and text is only ever set as text. */

const RECORD_SECONDS = 5;
const BOX = { usable: "#8DBFAF", other: "#FAEEDA", ink: "#10221E" };
const MOST_CANDIDATES = 5;
const at = (id) => document.getElementById(id);

const state = { language: "ko", blob: null, fileName: "", address: null, looks: [], shown: null, status: ["nothing", {}], problem: null };

// --- words -------------------------------------------------------------------------------------

function fill(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
}

function say(key, values) {
  return fill(WORDS[state.language][key], values);
}

function speak(language) {
  state.language = language;
  document.documentElement.lang = language;
  document.title = say("title");
  for (const part of document.querySelectorAll("[data-say]")) part.textContent = say(part.dataset.say);
  at("language").textContent = say("otherLanguage");
  at("language").lang = language === "ko" ? "en" : "ko";
  showStatus();
  showRequest();
  showFile();
  if (state.shown) show(state.shown);
}

function tell(key, values = {}, kind = "") {
  state.status = [key, values];
  state.problem = null;
  at("status").className = kind;
  showStatus();
}

function tellProblem(problem) {
  state.problem = `${problem.detail} ${problem.remedy}`.trim();
  at("status").className = "wrong";
  showStatus();
}

function showStatus() {
  at("status").textContent = state.problem ?? say(...state.status);
}

// --- what is sent ------------------------------------------------------------------------------

function what() {
  return document.querySelector("input[name=what]:checked").value;
}

function take(blob, name) {
  if (state.address) URL.revokeObjectURL(state.address);
  state.blob = blob;
  state.fileName = name;
  state.looks = [];
  state.address = URL.createObjectURL(blob);
  const kind = blob.type.split("/")[0];
  for (const [id, wanted] of [["film", "video"], ["still", "image"], ["sound", "audio"]]) {
    at(id).hidden = kind !== wanted;
    at(id).srcObject = null;
    if (kind === wanted) at(id).src = state.address;
    else at(id).removeAttribute("src");
  }
  at("film").muted = false;
  at("film").controls = true;
  at("stage").hidden = !["video", "image", "audio"].includes(kind);
  draw();
  showRequest();
  showFile();
}

function showFile() {
  at("file-name").textContent = state.fileName || say("noFile");
}

async function record(constraints, type, name) {
  if (!navigator.mediaDevices || !window.MediaRecorder) return tell("insecure", {}, "wrong");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia(constraints);
  } catch {
    return tell("noDevices", {}, "wrong");
  }
  const buttons = [at("record"), at("listen"), at("go")];
  buttons.forEach((button) => { button.disabled = true; });
  if (constraints.video) preview(stream);
  const blob = await recorded(stream, type);
  stream.getTracks().forEach((track) => track.stop());
  buttons.forEach((button) => { button.disabled = false; });
  at("file").value = "";
  take(blob, name);
  tell("recorded");
  at("go").focus();
}

function preview(stream) {
  const film = at("film");
  film.removeAttribute("src");
  film.srcObject = stream;
  film.muted = true;
  film.controls = false;
  film.hidden = false;
  at("still").hidden = at("sound").hidden = true;
  at("stage").hidden = false;
  film.play();
}

function recorded(stream, type) {
  return new Promise((resolve) => {
    const parts = [];
    const recorder = new MediaRecorder(stream, { mimeType: type });
    let left = RECORD_SECONDS;
    const tick = setInterval(() => { left -= 1; if (left > 0) tell("recording", { seconds: left }, "busy"); }, 1000);
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = () => { clearInterval(tick); resolve(new Blob(parts, { type: type.split(";")[0] })); };
    recorder.start();
    tell("recording", { seconds: left }, "busy");
    setTimeout(() => recorder.stop(), RECORD_SECONDS * 1000);
  });
}

// --- requests ----------------------------------------------------------------------------------

async function ask(path, body, json) {
  const headers = { "Accept-Language": state.language, "Kiosk-Client": "kiosk/1" };
  const token = at("token").value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  if (json) headers["Content-Type"] = "application/json";
  const answer = await fetch(path, { method: "POST", headers, body });
  const content = await answer.json();
  if (!answer.ok) throw Object.assign(new Error("refused"), { problem: content });
  return content;
}

function form() {
  const made = new FormData();
  made.append("file", state.blob, state.fileName);
  return made;
}

async function send() {
  const kind = what();
  if (kind === "text" && !at("sentence").value.trim()) return tell("needText", {}, "wrong");
  if (kind !== "text" && !state.blob) return tell("needFile", {}, "wrong");
  at("go").disabled = true;
  clear();
  tell("working", {}, "busy");
  const began = performance.now();
  try {
    const found = { kind, answer: await first(kind), faces: null };
    const seen = kind !== "text" && !state.blob.type.startsWith("audio/");
    if (kind === "faces") found.faces = found.answer;
    else if (seen) found.faces = await ask("/v1/faces", form());
    show(found);
    tell("done", { seconds: ((performance.now() - began) / 1000).toFixed(1) });
    at("result").focus();
  } catch (error) {
    if (error.problem) tellProblem(error.problem);
    else tell("unreachable", {}, "wrong");
  } finally {
    at("go").disabled = false;
  }
}

function first(kind) {
  if (kind === "text") return ask("/v1/text", JSON.stringify({ text: at("sentence").value }), true);
  return ask(`/v1/${kind}`, form());
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function showRequest() {
  const kind = what();
  const url = `${location.origin}/v1/${kind}`;
  const secret = at("token").value.trim() !== "";
  const name = state.fileName || "visit.mp4";
  const sentence = at("sentence").value.trim() || "나는 지금 너무 슬퍼";
  const body = JSON.stringify({ text: sentence });
  const sent = kind === "text" ? `-H 'Content-Type: application/json' -d ${quoted(body)}` : `-F ${quoted(`file=@${name}`)}`;
  const bearer = secret ? `-H "Authorization: Bearer $KIOSK_TOKEN" ` : "";
  at("curl").textContent = `curl ${bearer}${sent} ${url}`;
  const lines = ["import httpx"];
  if (secret) lines.unshift("import os", ""), lines.push("", 'headers = {"Authorization": f"Bearer {os.environ[\'KIOSK_TOKEN\']}"}');
  const headers = secret ? ", headers=headers" : "";
  lines.push("", `url = ${JSON.stringify(url)}`);
  if (kind === "text") {
    lines.push(`answer = httpx.post(url, json={"text": ${JSON.stringify(sentence)}}${headers})`);
  } else {
    lines.push(`with open(${JSON.stringify(name)}, "rb") as file:`, `    answer = httpx.post(url, files={"file": file}${headers}, timeout=300)`);
  }
  lines.push("print(answer.json())");
  at("python").textContent = lines.join("\n");
}

// --- the answer --------------------------------------------------------------------------------

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function table(caption, heads, rows) {
  const frame = element("div", null, "scroll");
  frame.tabIndex = 0; // scrolled by keys where it is wider than the screen
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", caption);
  const made = element("table");
  made.append(element("caption", caption));
  const line = element("tr");
  for (const head of heads) {
    const cell = element("th", head);
    cell.scope = "col";
    line.append(cell);
  }
  const top = element("thead");
  top.append(line);
  const body = element("tbody");
  for (const row of rows) {
    const made = element("tr");
    row.forEach((text, column) => {
      const cell = element(column ? "td" : "th", text);
      if (!column) cell.scope = "row";
      made.append(cell);
    });
    body.append(made);
  }
  made.append(top, body);
  frame.append(made);
  return frame;
}

function percent(share) {
  if (share > 0.999) return "> 99.9 %";
  return share > 0 && share < 0.001 ? "< 0.1 %" : `${(100 * share).toFixed(1)} %`;
}

function number(value) {
  return value === null ? "–" : value.toFixed(2);
}

function clear() {
  state.shown = null;
  state.looks = [];
  at("answers").replaceChildren();
  at("verdict").hidden = true;
  at("raw").textContent = "";
  draw();
}

function show(found) {
  state.shown = found;
  const parts = [];
  at("verdict").hidden = found.kind !== "identify";
  if (found.kind === "identify") parts.push(...decisionParts(found.answer.decision));
  for (const analysis of found.answer.analyses ?? []) parts.push(estimates(analysis.whole));
  const notices = found.answer.notices ?? (found.answer.analyses ?? []).flatMap((each) => each.notices);
  if (notices.length) {
    const list = element("ul");
    notices.forEach((text) => list.append(element("li", text)));
    parts.push(element("h3", say("noticesTitle")), list);
  }
  if (found.faces) parts.push(...facesParts(found.faces.faces));
  at("answers").replaceChildren(...parts);
  at("raw").textContent = JSON.stringify(found.answer, (key, value) => (key === "crop" && value ? "…" : value), 1);
}

function decisionParts(decision) {
  const verdict = at("verdict");
  const { outcome, name } = decision;
  const warned = outcome === "contradicted" || outcome === "not_live";
  verdict.className = outcome === "identified" ? "identified" : warned ? "warned" : "";
  const living = decision.liveness.outcome === "not_live" ? "not_live_short" : decision.liveness.outcome;
  const score = decision.liveness.pad_score;
  const lines = [element("strong", say(outcome, { name }))];
  if (outcome === "identified") lines.push(element("span", say("probability", { percent: percent(decision.probability) })));
  const liveText = say("liveness", { outcome: say(living in WORDS.en ? living : "not_checked") });
  const doubted = decision.liveness.outcome === "not_live" && outcome === "identified";
  lines.push(element("div", score === null ? liveText : `${liveText} (${say("pad", { score: number(score) })})`, doubted ? "doubt" : ""));
  verdict.replaceChildren(...lines);
  const answers = [["both", decision], ["face", decision.face], ["voice", decision.voice]];
  const rows = answers.filter(([, said]) => said).map(([key, said]) => [say(key), said.name ?? say(said.outcome, { name: "" }), said.outcome === "identified" ? percent(said.probability) : "–"]);
  const candidates = decision.candidates.slice(0, MOST_CANDIDATES).map((each) => [each.name, percent(each.probability), number(each.face_score), number(each.voice_score), number(each.fused_llr)]);
  const heads = [say("name"), say("sure"), say("faceScore"), say("voiceScore"), say("evidence")];
  return [
    table(say("answersTitle"), [say("by"), say("answer"), say("sure")], rows),
    candidates.length ? table(say("candidatesTitle"), heads, candidates) : element("p", say("nobody")),
    estimates(decision.attributes),
  ];
}

function estimates(made) {
  if (!made.length) return element("p", say("noEstimates"));
  const words = WORDS[state.language];
  const sure = (part, text) => (part === null ? "–" : part.sure ? text(part) : say("notSure"));
  const rows = made.map((each) => [
    say(each.modality === "text" ? "textChannel" : each.modality),
    sure(each.emotion, (part) => `${words.emotions[part.top]} ${percent(part.confidence)}`),
    sure(each.age, (part) => say("years", { low: Math.round(part.low), high: Math.round(part.high) })),
    sure(each.gender, (part) => `${words.genders[part.top]} ${percent(part.confidence)}`),
  ]);
  return table(say("estimatesTitle"), [say("from"), say("emotion"), say("age"), say("gender")], rows);
}

function facesParts(looks) {
  state.looks = looks;
  const list = element("ul", null, "strip");
  list.tabIndex = 0;
  list.setAttribute("aria-label", say("facesTitle", { count: looks.length }));
  for (const look of looks) {
    const item = element("li", null, look.outcome ? "bad" : "");
    if (look.crop) {
      const image = element("img");
      image.src = `data:image/png;base64,${look.crop}`;
      image.alt = WORDS[state.language].outcomes[look.outcome];
      item.append(image);
    } else {
      item.append(element("div", null, "none"));
    }
    item.append(element("span", `${say("at", { seconds: look.time.toFixed(2) })} · ${WORDS[state.language].outcomes[look.outcome]}`));
    list.append(item);
  }
  draw();
  return [element("h3", say("facesTitle", { count: looks.length })), list];
}

// --- boxes over the picture --------------------------------------------------------------------

function lookNow() {
  const time = at("film").hidden ? 0 : at("film").currentTime;
  const before = state.looks.filter((look) => look.time <= time + 0.13);
  return before.at(-1) ?? state.looks[0];
}

function draw() {
  const canvas = at("boxes");
  const picture = at("film").hidden ? at("still") : at("film");
  canvas.width = picture.clientWidth;
  canvas.height = picture.clientHeight;
  const pen = canvas.getContext("2d");
  const look = lookNow();
  if (picture.hidden || !look || !look.box || !canvas.width) return;
  const scale = Math.min(canvas.width / look.picture.width, canvas.height / look.picture.height);
  const left = (canvas.width - scale * look.picture.width) / 2;
  const top = (canvas.height - scale * look.picture.height) / 2;
  const { x, y, width, height } = look.box;
  const place = [left + scale * x, top + scale * y, scale * width, scale * height];
  pen.lineWidth = 6;
  pen.strokeStyle = BOX.ink;
  pen.strokeRect(...place);
  pen.lineWidth = 3;
  pen.strokeStyle = look.outcome ? BOX.other : BOX.usable;
  pen.strokeRect(...place);
  const decision = state.shown?.answer.decision;
  const text = decision?.name ?? WORDS[state.language].outcomes[look.outcome];
  pen.font = 'bold 16px "Kiosk Sans", sans-serif';
  const wide = pen.measureText(text).width + 12;
  pen.fillStyle = pen.strokeStyle;
  pen.fillRect(place[0], Math.max(0, place[1] - 24), wide, 24);
  pen.fillStyle = BOX.ink;
  pen.fillText(text, place[0] + 6, Math.max(0, place[1] - 24) + 18);
}

// --- begin -------------------------------------------------------------------------------------

function chosen() {
  const text = what() === "text";
  at("media").hidden = text;
  at("sentence-field").hidden = !text;
  showRequest();
}

function begin() {
  const sound = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  at("language").addEventListener("click", () => speak(state.language === "ko" ? "en" : "ko"));
  at("file").addEventListener("change", (event) => { const [file] = event.target.files; if (file) take(file, file.name); });
  at("record").addEventListener("click", () => record({ video: { width: 640, height: 480 }, audio: sound }, "video/webm;codecs=vp8,opus", "camera.webm"));
  at("listen").addEventListener("click", () => record({ audio: sound }, "audio/webm;codecs=opus", "voice.webm"));
  at("form").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  at("form").addEventListener("input", chosen);
  for (const name of ["timeupdate", "seeked", "loadeddata", "play"]) at("film").addEventListener(name, draw);
  at("still").addEventListener("load", draw);
  window.addEventListener("resize", draw);
  document.fonts.ready.then(draw);
  speak((navigator.language || "ko").startsWith("ko") ? "ko" : "en");
  chosen();
}

begin();
