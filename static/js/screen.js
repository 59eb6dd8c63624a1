// The screen for the room follows the meeting: it asks {page, row, latest, rows: {row: rating}} again and again.

const ASK_AGAIN = 700;
const LONGEST_WAIT = 5000;
const SMALLEST = 7;

const body = document.body;
const offline = document.querySelector("[data-screen-offline]");
const signs = new Map(
  [...document.querySelectorAll("[data-screen-sign-of]")].map((one) => [one.dataset.screenSignOf, one.content]),
);
let etag = "";
let wait = ASK_AGAIN;
let timer = null;
let asking = null;

async function ask() {
  clearTimeout(timer);
  const mine = (asking = {});
  if (!document.hidden) {
    try {
      const response = await fetch(body.dataset.screenState, {
        headers: { Accept: "application/json", ...(etag ? { "If-None-Match": etag } : {}) },
        credentials: "same-origin",
        redirect: "manual",
        signal: AbortSignal.timeout(10000),
      });
      if (response.type === "opaqueredirect" || response.status === 403) return window.location.reload();
      if (response.status >= 500) throw new Error("the server is not well");
      offline.textContent = "";
      wait = ASK_AGAIN;
      if (response.status === 200) {
        etag = response.headers.get("ETag") ?? "";
        take(await response.json());
      }
    } catch {
      offline.textContent = "No connection: this may be out of date.";
      wait = Math.min(wait * 1.5, LONGEST_WAIT);
    }
  }
  if (asking === mine) timer = setTimeout(ask, wait);
}

function take(state) {
  if (state.page !== body.dataset.screenPage) return window.location.reload();
  const at = state.row === null ? "" : String(state.row);
  document.querySelector("[data-screen-none]").hidden = at !== "";
  for (const chip of document.querySelectorAll("[data-screen-chip]")) {
    const row = chip.dataset.screenChip;
    const rating = state.rows[row];
    chip.classList.toggle("scrutiny-screen__chip--now", row === at);
    chip.classList.toggle("scrutiny-screen__chip--latest", row === String(state.latest));
    chip.querySelector("[data-screen-sign]").replaceChildren(rating ? signOf(rating) : "–");
    const section = document.querySelector(`[data-screen-row="${row}"]`);
    section.querySelector("[data-screen-rating]").replaceChildren(...verdict(rating, "screenLocked" in chip.dataset));
    section.hidden = row !== at;
  }
  // When everything is in its place: the signs of ratings below take room too.
  fitRows();
}

const signOf = (rating) => signs.get(String(rating)).cloneNode(true);

function verdict(rating, isConfirmed) {
  const state = document.createElement("span");
  state.className = rating ? "scrutiny-screen__state" : "scrutiny-unassessed";
  state.textContent = rating ? (isConfirmed ? "confirmed" : "to be confirmed") : "to be assessed";
  return rating ? [signOf(rating), " ", state] : [state];
}

// Long rows in smaller letters, so that nobody has to scroll a projector.
function fit(section) {
  if (section.hidden) return;
  for (let size = 0; size <= SMALLEST; size += 1) {
    section.dataset.size = size;
    if (document.documentElement.scrollHeight <= window.innerHeight) return;
  }
}

function fitRows() {
  document.querySelectorAll("[data-screen-row]").forEach(fit);
}

document.addEventListener("visibilitychange", () => document.hidden || ask());
window.addEventListener("online", () => ask());
window.addEventListener("resize", fitRows);
fitRows();
ask();
