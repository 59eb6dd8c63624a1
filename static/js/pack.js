// Shows how far the building of an agenda pack is.
//
//   <section data-pack-progress="/.../progress/"> ... <progress data-pack-bar> <span data-pack-step> <span data-pack-count> <p data-pack-by>
//   <form method="post" data-pack-build="/.../progress/">
//
// The address of the progress answers in JSON: {building, step, done, total, by, failure}. The form's own address
// answers a script in JSON: {address} of the page to go to, or {problem}. Without a script the form is sent as ever,
// and its answer comes when the pack is built.

const PAUSE = 1000;

const box = document.querySelector("[data-pack-progress]");
const problem = document.querySelector("[data-pack-problem]");
let watching = null;
let sending = false;

for (const form of document.querySelectorAll("form[data-pack-build]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!sending) build(form);
  });
}
// Somebody is building already, perhaps in another window: show it, and the page as it is then.
watchOthers();

function watchOthers() {
  if (box?.dataset.packProgress) watch(box.dataset.packProgress, () => window.location.reload());
}

async function build(form) {
  sending = true;
  const button = form.querySelector("button");
  button.setAttribute("aria-disabled", "true");
  problem.hidden = true;
  box.hidden = false;
  if (!box.dataset.packProgress) say({ step: "Getting ready", done: 0, total: 0 });
  watch(form.dataset.packBuild, null);
  let answer;
  try {
    answer = await post(form);
  } catch {
    // The line broke, but the server may be at it all the same: it tells when it is done.
    watch(form.dataset.packBuild, () => window.location.reload());
    return;
  }
  stop();
  if (answer.address) {
    window.location.assign(answer.address);
    return;
  }
  sending = false;
  box.hidden = !box.dataset.packProgress;
  button.removeAttribute("aria-disabled");
  problem.textContent = answer.problem;
  problem.hidden = false;
  watchOthers();
}

async function post(form) {
  const response = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { Accept: "application/json" },
    credentials: "same-origin",
    redirect: "manual",
  });
  // Signed out meanwhile: the page itself leads to signing in.
  if (response.type === "opaqueredirect" || response.status === 403) return { address: window.location.href };
  if (response.status === 200) return response.json();
  return { problem: "Something went wrong and the pack was not built. Try again." };
}

// Asks again and again. `then` is called when nobody builds any more; without it, whoever waits stops the asking.
function watch(address, then) {
  const mine = (watching = {});
  const ask = async () => {
    if (watching !== mine) return;
    try {
      const response = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      const progress = await response.json();
      if (watching !== mine) return;
      if (progress.building) say(progress);
      else if (then) return then();
    } catch {
      // No answer this time: the next one will tell.
    }
    setTimeout(ask, PAUSE);
  };
  setTimeout(ask, PAUSE / 2);
}

function stop() {
  watching = null;
}

function say({ step, done, total, by }) {
  const bar = box.querySelector("[data-pack-bar]");
  bar.max = total || 1;
  bar.value = done;
  const words = box.querySelector("[data-pack-step]");
  // Read aloud only when the step is another one; the count beside it changes all the time.
  if (words.textContent !== step) words.textContent = step;
  box.querySelector("[data-pack-count]").textContent = total ? `(${done} of ${total})` : "";
  if (by && !box.dataset.packProgress) box.querySelector("[data-pack-by]").textContent = `${by} started it.`;
}
