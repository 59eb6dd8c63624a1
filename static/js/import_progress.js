// Shows how far an import is. Without it, the link below the bar does.
(() => {
  const bar = document.querySelector("[data-import-progress] progress");
  const count = document.querySelector("[data-import-count]");
  if (!bar || !count) return;
  const look = async () => {
    const answer = await fetch(window.location.href).catch(() => null);
    if (answer && answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.querySelector("[data-import-progress] progress");
      if (!now) return window.location.reload();
      bar.value = now.value;
      count.textContent = page.querySelector("[data-import-count]").textContent;
    }
    return setTimeout(look, 2000);
  };
  setTimeout(look, 1000);
})();
