// Tries what the exam will need: the browser's features, the clock, a trial upload.

const place = document.getElementById("check");
const words = place.dataset;
const SLOW = 5; // seconds for the trial upload
const CLOCK_OFF = 5; // seconds

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

function say(part, good, text) {
  const line = place.querySelector(`[data-part="${part}"]`);
  const badge = line.querySelector("[data-badge]");
  line.classList.add(good ? "good" : "warn");
  badge.classList.add(good ? "good" : "warn");
  badge.textContent = good ? words.good : words.look;
  line.querySelector("[data-words]").textContent = text;
}

function csrf() {
  const field = document.querySelector("[name=csrfmiddlewaretoken]");
  return field ? field.value : "";
}

const features = "upload" in new XMLHttpRequest() && "DataTransfer" in window && "AbortController" in window;
say("browser", features, features ? words.browserGood : words.browserOld);

const size = Number(words.bytes);
const began = performance.now();
const sentAt = Date.now();
try {
  const answer = await fetch(words.echo, {
    method: "POST",
    headers: { "X-CSRFToken": csrf(), "Content-Type": "application/octet-stream" },
    body: new Uint8Array(size),
  });
  const { bytes, now } = await answer.json();
  const took = (performance.now() - began) / 1000;
  // The server looked at its clock somewhere between sending and answer.
  const off = Math.max(0, Math.abs(now - sentAt - (1000 * took) / 2) / 1000 - took / 2);
  const figures = { kilobytes: Math.round(bytes / 1000), seconds: took.toFixed(1) };
  const good = bytes === size && took < SLOW;
  say("upload", good, fill(good ? words.uploadGood : words.uploadSlow, figures));
  const exact = off < CLOCK_OFF;
  say("clock", exact, fill(exact ? words.clockGood : words.clockOff, {
    seconds: exact ? Math.max(1, Math.ceil(off)) : Math.round(off),
  }));
} catch {
  say("upload", false, words.uploadFailed);
  say("clock", false, words.uploadFailed);
}
