// What every page gets: GOV.UK Frontend's components, drafts, and a warning before text is lost.
// Every page works without it.

import { initAll } from "../vendor/govuk-frontend/govuk-frontend.min.js";
import { startAutosave } from "./autosave.js";
import { startOffline } from "./offline.js";
import { deleteEverything, deleteStale, hasNotes } from "./offline-storage.js";
import { startPersonSearch } from "./person-search.js";
import { warnBeforeLosingWords } from "./unsaved.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
// An address that names a place on the page (the button that was pressed) keeps the focus there.
if (location.hash.length > 1 && document.getElementById(location.hash.slice(1))) {
  for (const banner of document.querySelectorAll(".govuk-notification-banner")) banner.dataset.disableAutoFocus = "true";
}
initAll();

// GOV.UK Frontend focuses the summary it finds first; a page that brings one of its own later asks here.
const summary = document.querySelector(".govuk-error-summary");
if (summary && document.activeElement === document.body) {
  summary.setAttribute("tabindex", "-1");
  summary.focus();
}

for (const form of document.querySelectorAll("form[method=post]")) {
  if (form.querySelector("textarea")) warnBeforeLosingWords(form);
}
for (const form of document.querySelectorAll("form[data-autosave-url]")) startAutosave(form);
for (const box of document.querySelectorAll("[data-person-search]")) startPersonSearch(box);
const signOut = document.querySelector("form[data-sign-out]");
if (signOut) await deleteStale(signOut.dataset.signOut).catch(() => {});
for (const section of document.querySelectorAll("[data-offline]")) startOffline(section);
for (const form of document.querySelectorAll("form[data-sign-out]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const question = "What was typed or tapped without a network is still on this device and was not sent. Sign out and delete it?";
    if (hasNotes() && !window.confirm(question)) return;
    await deleteEverything().catch(() => {});
    form.submit();
  });
}
