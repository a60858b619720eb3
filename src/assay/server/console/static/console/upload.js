// Sends a model file with a progress bar. Without this script the form sends itself.

const form = document.getElementById("submit");
const input = form.querySelector('input[type="file"]');
const drop = form.querySelector(".drop");
const name = form.querySelector("[data-name]");
const button = form.querySelector('button[type="submit"]');
const progress = form.querySelector(".progress");
const bar = progress.querySelector("progress");
const state = progress.querySelector("[data-state]");
const percent = progress.querySelector("[data-percent]");
const problem = form.querySelector("[data-error]");
const empty = name.textContent;
const limit = Number(form.dataset.limit);
let sending = null;

function fill(words, values) {
  return words.replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

function say(text) {
  problem.textContent = text;
  problem.hidden = !text;
}

function chosen() {
  const file = input.files[0];
  name.textContent = file ? file.name : empty;
  say("");
  if (file && file.size > limit) {
    say(fill(form.dataset.tooLarge, {
      name: file.name,
      size: (file.size / 1e6).toFixed(1),
      limit: (limit / 1e6).toFixed(1),
    }));
  }
  return file && file.size <= limit ? file : null;
}

function allow() {
  const takes = document.getElementById("live")?.dataset.takes === "1";
  button.disabled = sending !== null || !takes;
  input.disabled = sending !== null || !takes;
}

function finish() {
  sending = null;
  progress.hidden = true;
  allow();
}

function send(file) {
  const request = new XMLHttpRequest();
  sending = request;
  request.open("POST", `${form.action}?name=${encodeURIComponent(file.name)}`);
  request.setRequestHeader("X-CSRFToken", form.querySelector("[name=csrfmiddlewaretoken]").value);
  request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
  request.setRequestHeader("Accept-Language", document.documentElement.lang);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.upload.addEventListener("progress", (event) => {
    const share = event.lengthComputable ? event.loaded / event.total : 0;
    bar.value = 100 * share;
    percent.textContent = `${Math.floor(100 * share)} %`;
    if (share === 1) state.textContent = form.dataset.storing;
  });
  request.addEventListener("load", () => {
    finish();
    if (request.status === 201) {
      form.reset();
      name.textContent = empty;
      return; // the live part shows the rest by itself
    }
    try {
      const answer = JSON.parse(request.responseText);
      const known = answer.code === "file_too_large" || answer.code === "damaged_upload";
      say(answer.message + (known ? ` ${answer.remedy}` : ""));
    } catch {
      say(form.dataset.failed);
    }
  });
  request.addEventListener("error", () => { finish(); say(form.dataset.failed); });
  request.addEventListener("abort", () => { finish(); say(form.dataset.stopped); });
  bar.value = 0;
  percent.textContent = "0 %";
  state.textContent = fill(form.dataset.sending, { name: file.name });
  progress.hidden = false;
  allow();
  request.send(file);
}

input.addEventListener("change", chosen);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const file = chosen();
  if (file && !sending) send(file);
});
progress.querySelector("[data-stop]").addEventListener("click", () => sending?.abort());
for (const kind of ["dragenter", "dragover"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const kind of ["dragleave", "drop"]) {
  drop.addEventListener(kind, () => drop.classList.remove("over"));
}
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  if (sending || !event.dataTransfer.files.length) return;
  input.files = event.dataTransfer.files;
  chosen();
});
document.addEventListener("assay:live", allow);
window.addEventListener("beforeunload", (event) => {
  if (sending) event.preventDefault();
});
