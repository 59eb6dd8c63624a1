// Keeps a draft of a form on the server while it is being written. Only its writer sees it; the record stays as it is.
//
//   <form data-autosave-url="..." data-autosave-seconds="5"> ... <p data-autosave-status role="status"></p>
//
// The server answers in JSON: 200 {saved_at}; 401 {sign_in}; 403, 409 {message}; 400 {errors: {field: [..]}}.

import { isUnsaved, markSaved, markUnsaved } from "./unsaved.js";

const LONGEST_WAIT = 60;
const LONGEST_SAVING = 20;

export function startAutosave(form) {
  new Autosave(form);
}

class Autosave {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-autosave-status]") ?? document.querySelector("[data-autosave-status]");
    this.status?.classList.add("scrutiny-saving");
    this.pause = Number(form.dataset.autosaveSeconds || 5);
    this.wait = this.pause;
    this.changes = 0;
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    form.addEventListener("submit", (event) => this.submitted(event));
    window.addEventListener("online", () => this.again());
    window.addEventListener("focus", () => this.signedOut && this.again());
  }

  changed() {
    this.changes += 1;
    markUnsaved(this.form);
    this.schedule(this.pause);
  }

  schedule(seconds) {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.save(), seconds * 1000);
  }

  again() {
    if (isUnsaved(this.form)) this.schedule(0);
  }

  submitted(event) {
    clearTimeout(this.timer);
    this.stopped = true;
    if (this.saving) {
      // A draft that arrives after the form would be offered as text that was not saved.
      event.preventDefault();
      this.button = event.submitter;
      return;
    }
    const token = freshToken();
    const field = this.form.elements.namedItem("csrfmiddlewaretoken");
    if (token && field) field.value = token;
  }

  async save() {
    if (this.saving) return this.schedule(this.pause);
    this.saving = true;
    const changes = this.changes;
    try {
      await this.answered(await this.post(), changes);
    } catch {
      this.say("Not saved: no connection. Trying again.", true);
      this.form.dispatchEvent(new Event("autosavefailed"));
      this.tryLater();
    } finally {
      this.saving = false;
    }
    if (this.button !== undefined) this.form.requestSubmit(this.button);
  }

  post() {
    const data = new FormData(this.form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    const headers = { "X-Requested-With": "XMLHttpRequest", Accept: "application/json" };
    const token = freshToken();
    if (token) {
      data.delete("csrfmiddlewaretoken");
      headers["X-CSRFToken"] = token;
    }
    const signal = AbortSignal.timeout(LONGEST_SAVING * 1000);
    return fetch(this.form.dataset.autosaveUrl, { method: "POST", body: data, headers, signal, credentials: "same-origin" });
  }

  async answered(response, changes) {
    const isJson = (response.headers.get("Content-Type") || "").includes("json");
    const answer = isJson ? await response.json() : {};
    this.signedOut = response.status === 401 || (response.redirected && !isJson);
    if (response.status === 200 && isJson) return this.saved(answer, changes);
    if (this.signedOut) return this.saySignedOut(answer.sign_in);
    if (response.status === 409) {
      this.stopped = true;
      return this.say(answer.message || "Someone else has changed this text. Save to see both texts.", true);
    }
    if (response.status === 400) {
      return this.say(`Not saved yet: ${Object.values(answer.errors ?? {}).flat()[0] ?? "something is missing."}`, true);
    }
    if (response.status === 403 || response.status === 404) {
      this.stopped = true;
      return this.say("Not saved: this text can no longer be changed here. Copy your text before you leave.", true);
    }
    const unavailable = response.status === 503;
    this.say(`Not saved: the ${unavailable ? "service is unavailable" : "server did not answer as it should"}. Trying again.`, true);
    this.tryLater();
  }

  saved(answer, changes) {
    this.wait = this.pause;
    if (changes === this.changes) markSaved(this.form);
    else this.schedule(this.pause);
    this.say(`Kept at ${answer.saved_at}. Only you can see your changes until you save them.`);
    this.form.dispatchEvent(new Event("autosaved"));
  }

  tryLater() {
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    this.schedule(this.wait);
  }

  say(message, trouble = false) {
    if (!this.status) return;
    this.status.classList.toggle("scrutiny-saving--trouble", trouble);
    if (this.status.textContent !== message) this.status.textContent = message;
  }

  saySignedOut(address) {
    this.say("Not saved: you have been signed out. Your text is still on this page: sign in in another tab, then save", true);
    const link = address && new URL(address, window.location.href);
    if (!this.status || !link || link.origin !== window.location.origin) return;
    const anchor = document.createElement("a");
    Object.assign(anchor, { href: link.href, target: "_blank", rel: "noopener", className: "govuk-link" });
    anchor.textContent = "Sign in (opens in a new tab)";
    this.status.append(" ", anchor);
  }
}

// Signing in in another tab gives the browser a new token: the one in this page is then worth nothing.
function freshToken() {
  return document.cookie.match(/(?:^|; )(?:__Host-)?scrutiny_csrf=([^;]+)/)?.[1] ?? "";
}
