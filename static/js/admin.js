/* Gives names to what the admin's own scripts and tables leave nameless for people who listen to the page. */
"use strict";
(() => {
  function nameSelection(selection) {
    const select = selection.closest(".select2-container")?.previousElementSibling;
    if (!(select instanceof HTMLSelectElement)) return;
    const label = select.labels[0];
    const name = label ? label.textContent.trim().replace(/:$/, "") : select.getAttribute("aria-label");
    const shown = selection.querySelector(".select2-selection__rendered");
    if (!name || !shown) return;
    shown.setAttribute("aria-label", `${name}: ${shown.textContent.trim() || "nothing chosen"}`);
    shown.removeAttribute("role");
    shown.removeAttribute("aria-readonly");
    selection.removeAttribute("aria-labelledby");
    selection.setAttribute("aria-label", shown.getAttribute("aria-label"));
  }

  function nameAll() {
    document.querySelectorAll(".select2-selection").forEach(nameSelection);
    document.querySelectorAll(".select2-search__field:not([aria-label])").forEach((field) => field.setAttribute("aria-label", "Search"));
    document.querySelectorAll(".tabular th:empty").forEach((heading) => {
      const words = document.createElement("span");
      words.className = "visually-hidden";
      words.textContent = heading.classList.contains("original") ? "Record" : "Take away";
      heading.append(words);
    });
  }

  window.addEventListener("load", () => {
    nameAll();
    // What is chosen, and rows that are added, change the page afterwards.
    new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
  });
})();
