// Saves a form while it is being written.
//
//   <form data-autosave-url="..." data-autosave-seconds="5" data-autosave-saved-at="2026-11-23T10:42:00+00:00">
//     <input type="hidden" name="version" value="4"> ... <p data-autosave-status role="status"></p>
//
// The server answers in JSON: 200 {version, saved_at}, with {errors} for what is saved only once it is right; 401 {sign_in}; 409 {message}; 400 {errors: {field: [..]}}.

import { bringBack, forgetWords, keepWords, keptWords, rememberSending, sameWords, wordsOf } from "./kept-words.js";
import { isUnsaved, markSaved, markUnsaved } from "./unsaved.js";

const LONGEST_WAIT = 60;
const LONGEST_SAVING = 20;

export function startAutosave(form) {
  const autosave = new Autosave(form);
  autosave.offerKeptWords();
}

class Autosave {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-autosave-status]") ?? document.querySelector("[data-autosave-status]");
    this.status?.classList.add("scrutiny-saving");
    this.pause = Number(form.dataset.autosaveSeconds || 5);
    this.wait = this.pause;
    this.timer = null;
    this.saving = false;
    this.stopped = false;
    this.signedOut = false;
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
    form.addEventListener("submit", (event) => this.sending(event));
    window.addEventListener("online", () => this.again());
    window.addEventListener("focus", () => this.signedOut && this.again());
  }

  changed() {
    markUnsaved(this.form);
    keepWords(this.form);
    this.schedule(this.pause);
  }

  schedule(seconds) {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.save(), seconds * 1000);
  }

  again() {
    if (isUnsaved(this.form)) this.schedule(0);
  }

  sending(event) {
    clearTimeout(this.timer);
    this.stopped = true;
    if (this.saving) {
      // The version on this page is about to change: sent now, the form would clash with our own saving.
      event.preventDefault();
      this.button = event.submitter;
      return;
    }
    const token = freshToken();
    const field = this.form.elements.namedItem("csrfmiddlewaretoken");
    if (token && field) field.value = token;
    keepWords(this.form);
    rememberSending(this.form);
  }

  async save() {
    if (this.saving) return this.schedule(this.pause);
    this.saving = true;
    const sent = wordsOf(this.form);
    try {
      await this.understand(await this.post(), sent);
    } catch {
      this.say("Not saved: no connection. Trying again.", true);
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

  async understand(response, sent) {
    const isJson = (response.headers.get("Content-Type") || "").includes("json");
    const answer = isJson ? await response.json() : {};
    this.signedOut = response.status === 401 || (response.redirected && !isJson);
    if (response.status === 200 && isJson) return this.saved(answer, sent);
    if (this.signedOut) return this.saySignedOut(answer.sign_in);
    if (response.status === 409) {
      this.stopped = true;
      return this.say(answer.message || "Somebody else has changed this text. Save to see both texts.", true);
    }
    if (response.status === 400) {
      return this.say(`Not saved yet: ${Object.values(answer.errors ?? {}).flat()[0] ?? "something is missing."}`, true);
    }
    if (response.status === 403 || response.status === 404) {
      this.stopped = true;
      return this.say("Not saved: this text can no longer be changed here. Copy your words before you leave.", true);
    }
    this.say("Not saved: the server did not answer as it should. Trying again.", true);
    this.tryLater();
  }

  saved(answer, sent) {
    const version = this.form.elements.namedItem("version");
    if (version && answer.version !== undefined) version.value = answer.version;
    this.wait = this.pause;
    if (answer.errors) return this.say(`Saved at ${answer.saved_at}, all but this: ${Object.values(answer.errors).flat()[0]}`, true);
    if (sameWords(sent, wordsOf(this.form))) {
      markSaved(this.form);
      forgetWords(this.form);
    } else {
      this.schedule(this.pause);
    }
    this.say(`Saved at ${answer.saved_at}`);
  }

  tryLater() {
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    this.schedule(this.wait);
  }

  say(words, trouble = false) {
    if (!this.status) return;
    this.status.classList.toggle("scrutiny-saving--trouble", trouble);
    if (this.status.textContent !== words) this.status.textContent = words;
  }

  saySignedOut(address) {
    this.say("Not saved: you have been signed out. Your words are still on this page: sign in in another tab, then save", true);
    const link = address && new URL(address, window.location.href);
    if (!this.status || !link || link.origin !== window.location.origin) return;
    const anchor = document.createElement("a");
    Object.assign(anchor, { href: link.href, target: "_blank", rel: "noopener", className: "govuk-link" });
    anchor.textContent = "Sign in (opens in a new tab)";
    this.status.append(" ", anchor);
  }

  offerKeptWords() {
    const kept = keptWords(this.form);
    if (!kept) return;
    const banner = keptWordsBanner(new Date(kept.at));
    const [back, away] = banner.querySelectorAll("button");
    back.addEventListener("click", () => {
      bringBack(this.form, kept);
      banner.remove();
      this.form.querySelector("textarea")?.focus();
    });
    away.addEventListener("click", () => {
      forgetWords(this.form);
      banner.remove();
      this.form.querySelector("textarea")?.focus();
    });
    this.form.before(banner);
  }
}

// Signing in in another tab gives the browser a new token: the one in this page is then worth nothing.
function freshToken() {
  return document.cookie.match(/(?:^|; )(?:__Host-)?scrutiny_csrf=([^;]+)/)?.[1] ?? "";
}

function keptWordsBanner(at) {
  const banner = element("div", "govuk-notification-banner");
  banner.setAttribute("role", "region");
  banner.setAttribute("aria-labelledby", "kept-words-title");
  const title = element("h2", "govuk-notification-banner__title", "Words that were not saved");
  title.id = "kept-words-title";
  const header = element("div", "govuk-notification-banner__header");
  header.append(title);
  const when = at.toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });
  const content = element("div", "govuk-notification-banner__content");
  const buttons = element("div", "govuk-button-group");
  buttons.append(
    element("button", "govuk-button", "Bring them back"),
    element("button", "govuk-button govuk-button--secondary", "Throw them away"),
  );
  for (const button of buttons.children) button.type = "button";
  content.append(
    element("p", "govuk-notification-banner__heading", `On ${when} you wrote something here that did not reach us.`),
    buttons,
  );
  banner.append(header, content);
  return banner;
}

function element(name, className, words = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = words;
  return made;
}
