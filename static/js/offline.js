// The committee's page of a report without a network: kept for reading, with its papers, where a person asks for it;
// what is typed or saved meanwhile is kept on the device and sent when the network is back.
//
//   <section data-offline="/inquiries/.../assess/" data-offline-person="12" data-offline-until="2026-12-20"
//            data-offline-pages="/inquiries/.../assess/?offline=yes ..."> checkboxes of papers, buttons, status </section>

import { deleteKept, deleteNote, keepPage, keptNote, readKept, rememberKept, storeNote, TooLarge } from "./offline-storage.js";
import { markSaved } from "./unsaved.js";

const AGAIN = 15;

export function startOffline(section) {
  const form = document.querySelector("form[data-autosave-url]");
  if (form) new OfflineForm(form, section);
  if ("serviceWorker" in navigator && window.isSecureContext) new Keeping(section);
}

// What is kept for reading

class Keeping {
  constructor(section) {
    this.section = section;
    this.page = section.dataset.offline;
    this.status = section.querySelector("[data-offline-status]");
    this.keepButton = section.querySelector("[data-offline-keep]");
    this.removeButton = section.querySelector("[data-offline-remove]");
    this.keepButton.addEventListener("click", () => this.keep());
    this.removeButton.addEventListener("click", () => this.remove());
    section.hidden = false;
    this.show();
  }

  show() {
    const kept = readKept(this.page);
    this.removeButton.hidden = !kept;
    this.keepButton.textContent = kept ? "Keep again as it is now" : "Keep for offline reading";
    if (kept) this.say(`Kept on this device on ${kept.at}${kept.papers ? `, with ${kept.papers} ${kept.papers === 1 ? "paper" : "papers"}` : ""}.`);
  }

  say(message) {
    this.status.textContent = message;
  }

  async keep() {
    this.keepButton.disabled = true;
    try {
      await this.store();
      this.show();
    } catch (error) {
      await deleteKept(this.page);
      this.show();
      const why = error instanceof TooLarge ? "the papers are larger than 200 MB together" : "the network or the room on this device did not suffice";
      this.say(`Nothing was kept: ${why}. Try again, perhaps with fewer papers.`);
    } finally {
      this.keepButton.disabled = false;
    }
  }

  async store() {
    const papers = [...this.section.querySelectorAll("[data-offline-paper]:checked")].map((box) => box.value);
    await deleteKept(this.page);
    const pages = this.section.dataset.offlinePages.split(" ");
    await keepPage(this.page, [...pages, ...papers], (done, all) => this.say(`Keeping: ${done} of ${all} …`));
    const at = new Date().toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });
    const { offlinePerson: person, offlineUntil: until } = this.section.dataset;
    rememberKept(this.page, { at, person, until, papers: papers.length });
  }

  async remove() {
    await deleteKept(this.page);
    this.show();
    this.say("Removed from this device.");
    this.keepButton.focus();
  }
}

// What is typed and saved without a network

class OfflineForm {
  constructor(form, section) {
    this.form = form;
    this.person = section.dataset.offlinePerson;
    this.isCopy = "offlineCopy" in section.dataset;
    this.status = form.querySelector("[data-autosave-status]");
    form.addEventListener("input", () => this.isAway && this.keep(false));
    form.addEventListener("autosavefailed", () => {
      this.keep(this.isToBeSaved);
      this.say(this.isToBeSaved);
    });
    form.addEventListener("autosaved", () => this.isToBeSaved || deleteNote(this.form.action, this.person));
    // Before the autosave hears of it.
    form.addEventListener("submit", (event) => this.submitted(event), true);
    window.addEventListener("online", () => this.send());
    this.restore();
  }

  get isAway() {
    return this.isCopy || !navigator.onLine;
  }

  get isToBeSaved() {
    return Boolean(keptNote(this.form.action, this.person)?.save);
  }

  restore() {
    const note = keptNote(this.form.action, this.person);
    if (!note) return;
    for (const [name, value] of note.values) {
      for (const field of this.form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (field.type === "radio") field.checked = field.value === value;
        else field.value = value;
      }
    }
    if (this.isAway) this.say(note.save);
    this.send();
  }

  // The fields of the rows that are not as the page brought them.
  changedValues() {
    const changed = new Set();
    for (const field of this.form.querySelectorAll("textarea, input[type=radio]")) {
      const isChanged = field.type === "radio" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
      if (isChanged) changed.add(field.name.split("-")[1]);
    }
    const kept = keptNote(this.form.action, this.person)?.values ?? [];
    for (const [name] of kept) changed.add(name.split("-")[1]);
    const elsewhere = kept.filter(([name]) => !this.form.elements.namedItem(name));
    return [...elsewhere, ...[...new FormData(this.form)].filter(([name]) => changed.has(name.split("-")[1]))];
  }

  keep(save) {
    const values = this.changedValues();
    if (values.length === 0) return;
    storeNote(this.form.action, this.person, { values, save });
    markSaved(this.form);
    if (this.isAway) this.say(save);
  }

  say(save) {
    const what = save ? "It will be saved" : "It will be sent";
    this.status.textContent = `No connection. What you typed is kept on this device. ${what} when the network is back.`;
    this.status.classList.add("scrutiny-saving--trouble");
  }

  submitted(event) {
    if (this.isSubmitted || !(this.isAway || navigator.serviceWorker?.controller)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.changedValues().length === 0) {
      this.status.textContent = "Nothing was changed.";
      return;
    }
    this.status.textContent = "Saving …";
    this.keep(true);
    this.send();
  }

  async send() {
    const note = keptNote(this.form.action, this.person);
    clearTimeout(this.timer);
    if (!note || this.isSending) return;
    this.isSending = true;
    try {
      this.answered(await this.post(note), note);
    } catch {
      this.say(note.save);
      this.timer = setTimeout(() => this.send(), AGAIN * 1000);
    } finally {
      this.isSending = false;
    }
  }

  async post(note) {
    const body = new URLSearchParams(note.values);
    body.set("person", this.person);
    if (note.save) body.set("action", "save");
    const token = document.cookie.match(/(?:^|; )(?:__Host-)?scrutiny_csrf=([^;]+)/)?.[1] ?? "";
    const headers = { "X-Requested-With": "XMLHttpRequest", Accept: "application/json", "X-CSRFToken": token };
    const signal = AbortSignal.timeout(20000);
    const response = await fetch(this.form.dataset.autosaveUrl, { method: "POST", body, headers, signal, credentials: "same-origin" });
    const isJson = (response.headers.get("Content-Type") || "").includes("json");
    return { status: response.status, ...(isJson ? await response.json() : {}) };
  }

  answered(answer, note) {
    if (answer.status === 200) {
      const typedSince = JSON.stringify(keptNote(this.form.action, this.person)) !== JSON.stringify(note);
      if (typedSince) return this.send();
      deleteNote(this.form.action, this.person);
      markSaved(this.form);
      if (note.save && !answer.left) return location.assign(location.pathname + location.search);
      if (note.save) return this.submitAgain();
      this.status.classList.remove("scrutiny-saving--trouble");
      this.status.textContent = `Sent at ${answer.saved_at}. Only you can see your changes until you save them.`;
      return;
    }
    this.status.textContent =
      answer.status === 401
        ? "Not sent: you have been signed out. What you typed is kept on this device: sign in, then open this page again."
        : `Not sent: ${answer.message ?? "the service did not answer as it should."} What you typed is kept on this device.`;
    if (answer.status >= 500) this.timer = setTimeout(() => this.send(), AGAIN * 1000);
  }

  // The page that comes back says what is not saved, and why.
  submitAgain() {
    this.isSubmitted = true;
    this.form.requestSubmit();
  }
}
