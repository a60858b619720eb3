// The clock and the live part of a page.
//
// The server says how much time is left; from there on only performance.now() counts, so a
// wrong local clock does not matter. After sleep, or when the page comes back to sight, the
// server is asked again: performance.now() may stand still while a machine sleeps.

const TICK = 250; // milliseconds
const SLEPT = 4000; // a tick that comes so late means that the machine slept
const AGAIN = 3000; // after a failed request
const SOON = 10 * 60 * 1000;

let left = 0;
let runs = false;
let since = 0;
let lastTick = Date.now();
let asked = false;

function place() {
  return document.getElementById("time");
}

function read() {
  const time = place();
  if (!time) return;
  left = Number(time.dataset.left);
  runs = time.dataset.runs === "1";
  since = performance.now();
  asked = false;
  show();
}

function show() {
  const figures = place()?.querySelector(".clock");
  if (!figures) return;
  const now = Math.max(0, left - (runs ? performance.now() - since : 0));
  const seconds = Math.floor(now / 1000);
  const two = (number) => String(number).padStart(2, "0");
  figures.textContent =
    `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  figures.classList.toggle("soon", runs && now < SOON);
  if (runs && now <= 0 && !asked) {
    asked = true; // the server decides whether it is over
    setTimeout(again, 500);
  }
}

function again() {
  const live = document.getElementById("live");
  if (live && window.htmx) window.htmx.trigger(live, "again");
}

function offline(is) {
  const notice = document.getElementById("offline");
  if (notice) notice.hidden = !is;
}

setInterval(() => {
  const now = Date.now();
  if (Math.abs(now - lastTick) > SLEPT) again();
  lastTick = now;
  show();
}, TICK);

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") again();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) again();
});
window.addEventListener("online", again);

document.addEventListener("htmx:configRequest", (event) => {
  // Asked out of turn: whatever the page has seen, the answer is to come at once.
  if (event.detail.triggeringEvent?.type === "again") {
    event.detail.path = event.detail.path.replace(/\?seen=.*/, "");
  }
});
for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failure, () => {
    offline(true);
    setTimeout(again, AGAIN);
  });
}
document.addEventListener("htmx:oobAfterSwap", read);
document.addEventListener("htmx:afterSettle", () => {
  offline(false);
  document.dispatchEvent(new Event("assay:live"));
});

read();
