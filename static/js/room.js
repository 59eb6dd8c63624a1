// The room page: one row at a time, rated with one tap or key. What is tapped is kept in the browser and sent in order,
// with the version that it was based on; without a connection it waits there. Other people's changes come by asking.
//
// The page comes with the row that it shows and its neighbours; the other rows are fetched when it is open, all at once,
// so that they are there when the connection is lost. The page itself is kept on the device (offline-storage.js), so that it opens without a connection, too.
//
// The page's own address takes {update, rating, comment, seen, person} and answers a script in JSON: 200 the assessment,
// 409 {clash: what was recorded meanwhile}, 400 and 403 {problem}, 403 {signed_in: the name of another person}.
// `data-room-state` answers {person, page, shown, by, rows}.

import { deleteNote, keepPage, keptNote, readKept, rememberKept, storeNote } from "./offline-storage.js";
import { markSaved } from "./unsaved.js";

const ASK_AGAIN = 700;
const LONGEST_WAIT = 5000;
const LONGEST_SENDING = 15000;

const room = document.querySelector("[data-room]");
if (room) startRoom();
else showLeft();

// Where no row is before the meeting any more: what was tapped for those that were.
function showLeft() {
  const list = document.querySelector("[data-room-left]");
  const { kept = [] } = (list && keptNote(location.pathname, list.dataset.roomLeft)) ?? {};
  if (!kept.length) return;
  list.hidden = false;
  list.querySelector("ul").replaceChildren(
    ...kept.map(({ name, label, comment }) => {
      const line = document.createElement("li");
      line.textContent = `${name}: ${label}${comment ? `, “${comment}”` : ""}`;
      return line;
    }),
  );
}

function startRoom() {
  const find = (name) => room.querySelector(`[data-room-${name}]`);
  const form = find("form");
  const comment = form.elements.namedItem("comment");
  const token = () =>
    document.cookie.match(/(?:^|; )(?:__Host-)?scrutiny_csrf=([^;]+)/)?.[1] ?? form.elements.namedItem("csrfmiddlewaretoken").value;
  const links = new Map([...room.querySelectorAll("[data-room-link]")].map((link) => [link.dataset.roomLink, link]));
  const sections = new Map([...room.querySelectorAll("[data-room-row]")].map((one) => [one.dataset.roomRow, one]));
  const order = [...links.keys()];
  const buttons = [...form.querySelectorAll("[data-room-rate]")];
  const labels = new Map(buttons.map((button) => [button.value, button.querySelector("[data-room-label]").textContent]));
  const symbols = new Map(buttons.map((button) => [button.value, button.querySelector(".scrutiny-room__symbol").textContent]));
  const saved = new Map(
    order.map((row) => {
      const { roomRating, roomComment, roomVersion, roomBy } = links.get(row).dataset;
      return [row, { rating: roomRating, comment: roomComment, version: roomVersion, by: roomBy }];
    }),
  );
  let current = [...sections.keys()].find((row) => !sections.get(row).hidden) ?? order[0];
  const isCopy = "roomCopy" in room.dataset;
  let online = !isCopy;
  let signedOut = false;
  let isLeaving = false;
  let isOther = false; // another person has signed in in this browser
  let sending = false;
  let answers = 0; // raised with each answer to what was sent: what was asked before it is old
  let etag = "";
  let wait = ASK_AGAIN;
  let timer = null;
  let asking = null;
  let shown = { row: null, mine: "roomLeads" in room.dataset, by: room.dataset.roomLeader };
  let toShow = null; // what the screen was not yet asked to show
  let isShowing = false;
  let isFetching = false;

  // What is kept in this browser: {kept: [entries], typed: {row: {comment, seen}}}, for this person alone.
  const { roomPerson: person, roomName: ownName } = room.dataset;
  const page = window.location.pathname;
  let memory = { kept: [], typed: {} };
  let isStored = true;

  function read() {
    try {
      memory = keptNote(page, person) ?? { kept: [], typed: {} };
    } catch {
      isStored = false;
    }
  }

  function change(how) {
    if (isStored) read();
    how(memory);
    try {
      if (memory.kept.length || Object.keys(memory.typed).length) storeNote(page, person, memory);
      else deleteNote(page, person);
    } catch {
      isStored = false;
    }
  }

  // A comment that was typed for a row which has been confirmed, or is not here any more, is shown for copying.
  function adoptOrphans() {
    const orphans = Object.keys(memory.typed).filter((row) => !links.has(row) || isLocked(row));
    if (!orphans.length) return;
    change((now) => {
      for (const row of orphans) {
        const { comment, name } = now.typed[row];
        const problem = links.has(row) ? "The assessments have been confirmed in the meantime." : "This row is no longer before this meeting.";
        now.kept.push({ id: newId(), row, name, rating: "", label: "no rating", comment, problem });
        delete now.typed[row];
      }
    });
  }

  const newId = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
  const entriesOf = (row) => memory.kept.filter((entry) => entry.row === row);
  const begun = "roomBegun" in room.dataset;
  // What is said in the meeting is public there: not what was tapped before it and comes late.
  const isEarly = (entry) => begun && entry.begun === false;
  const isOpen = (entry) => Boolean(entry.clash || entry.problem || isEarly(entry));
  const waiting = () => memory.kept.filter((entry) => !isOpen(entry));
  const lastOf = (row) => waiting().filter((entry) => entry.row === row).at(-1) ?? saved.get(row);
  const nameOf = (row) => links.get(row).querySelector("strong").textContent;
  const isLocked = (row) => "roomLocked" in links.get(row).dataset;
  const words = (rating) => (rating ? labels.get(String(rating)) : "to be assessed");

  function typedComment(row) {
    return memory.typed[row]?.comment ?? lastOf(row).comment ?? "";
  }

  // --- Showing ---

  function go(row, byPerson = false) {
    current = row;
    for (const [key, section] of sections) section.hidden = key !== row;
    fit();
    const address = new URL(window.location.href);
    address.searchParams.set("row", row);
    window.history.replaceState(null, "", address);
    fillForm();
    render();
    if (!byPerson) return;
    focus(sections.get(row));
    if (shown.mine && shown.row !== row) show(row);
  }

  function focus(section) {
    if (!section) return;
    section.querySelector("h2").focus({ preventScroll: true });
    const top = section.getBoundingClientRect().top;
    if (top < 0 || top > window.innerHeight / 2) section.scrollIntoView();
  }

  async function fetchRows() {
    if (isFetching || order.every((row) => sections.has(row))) return;
    isFetching = true;
    try {
      const address = new URL(window.location.href);
      address.searchParams.set("all", "yes");
      const whole = (await readPage(address)).querySelector("[data-room]");
      if (whole?.dataset.roomPage !== room.dataset.roomPage || whole.dataset.roomPerson !== person) return;
      for (const section of whole.querySelectorAll("[data-room-row]")) {
        const row = section.dataset.roomRow;
        if (sections.has(row)) continue;
        section.hidden = row !== current;
        sections.set(row, section);
        find("words").append(section);
        if (row !== current) continue;
        fit();
        focus(section);
      }
    } finally {
      isFetching = false;
    }
  }

  // As a document, which fetch does not make.
  function readPage(address) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("GET", address);
      request.responseType = "document";
      request.timeout = LONGEST_SENDING;
      request.onload = () => (request.response ? resolve(request.response) : reject(new Error("no page")));
      request.onerror = request.ontimeout = () => reject(new Error("no answer"));
      request.send();
    });
  }

  // A long row in somewhat smaller letters, where that brings it into one view.
  function fit() {
    const section = sections.get(current);
    if (!section) return;
    for (const size of [0, 1, 2]) {
      section.dataset.size = size;
      if (section.getBoundingClientRect().bottom + window.scrollY <= window.innerHeight) return;
    }
    section.dataset.size = 0;
  }

  function fillForm() {
    form.hidden = isLocked(current);
    form.elements.namedItem("update").value = current;
    form.elements.namedItem("seen").value = saved.get(current).version;
    comment.value = typedComment(current);
  }

  function render() {
    const last = lastOf(current);
    const { by, at } = saved.get(current);
    const who = by && !entriesOf(current).length ? `, saved by ${by}${at ? ` at ${at}` : ""}` : "";
    find("place").textContent = `The committee's assessment of ${nameOf(current)}${who}`;
    for (const button of buttons) button.setAttribute("aria-pressed", String(String(last.rating ?? "") === button.value));
    find("comment-only").value = last.rating ?? "";
    find("unrate").hidden = !last.rating;
    let done = 0;
    for (const [row, link] of links) {
      const { rating } = lastOf(row);
      const entries = entriesOf(row);
      if (rating) done += 1;
      link.classList.toggle("scrutiny-room__link--kept", entries.length > 0);
      if (row === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      const sign = link.querySelector("[data-room-sign]");
      const said = document.createElement("span");
      said.className = "govuk-visually-hidden";
      said.textContent = rating ? ` ${words(rating)}${entries.length ? ", not yet sent" : ""}` : "not yet";
      sign.replaceChildren(rating ? symbols.get(String(rating)) : "", said);
    }
    const copy = find("copy");
    if (copy) copy.hidden = online;
    find("progress").textContent = `${done} of ${order.length}`;
    find("screen").textContent = shown.mine
      ? "The screen follows this page."
      : `The screen follows ${shown.by}${shown.row && links.has(shown.row) ? `, at ${nameOf(shown.row)}` : ""}.`;
    const confirm = find("confirm");
    if (confirm) confirm.hidden = memory.kept.length > 0;
    renderKept();
    renderProblems();
  }

  function renderKept() {
    const entries = waiting();
    const rows = [...new Set(entries.map((entry) => entry.name))].join(", ");
    const kept = `Kept on this device, not yet sent: ${rows}.`;
    let text = "";
    if (isOther) text = `${entries.length ? kept : ""} Another person has signed in in this browser; nothing is sent in their name.`;
    else if (signedOut) text = `${entries.length ? kept : ""} You have been signed out.`;
    else if (!online && entries.length) text = `No connection. ${kept} Go on: all is sent when the connection is back.`;
    else if (!online) text = "No connection. What you tap is kept on this device and sent when it is back.";
    else if (entries.length) text = `Sending: ${rows}.`;
    if (!isStored && memory.kept.length) text += " This browser keeps nothing: leave this page open.";
    const line = find("kept");
    line.classList.toggle("scrutiny-room__kept--trouble", !online || signedOut || isOther);
    const isDone = !text && memory.kept.length === 0 && line.dataset.wasSent;
    if (line.dataset.said === `${text}${isDone}`) return;
    line.dataset.said = `${text}${isDone}`;
    line.textContent = isDone ? "Everything is saved." : text.trim();
    if (text) line.dataset.wasSent = "yes";
    if (signedOut) {
      const link = document.createElement("a");
      Object.assign(link, { href: window.location.href, className: "govuk-link" });
      link.textContent = "Sign in again: what is kept is sent then";
      line.append(" ", link);
    }
  }

  function renderProblems() {
    const box = find("problems");
    const entries = memory.kept.filter(isOpen);
    const marks = entries.map((entry) => `${entry.id} ${entry.clash?.version} ${entry.problem ?? ""}`).join("\n");
    if (box.dataset.marks === marks) return;
    box.dataset.marks = marks;
    box.replaceChildren(...entries.map(problemOf));
  }

  function problemOf(entry) {
    const node = room.querySelector("template[data-room-clash]").content.cloneNode(true);
    const part = (name) => node.querySelector(`[data-clash-${name}]`);
    const { name } = entry;
    const described = ({ rating, comment }) => `${words(rating)}${comment ? `, “${comment}”` : ""}`;
    part("yours").textContent = `Yours, not saved: ${described(entry)}`;
    if (entry.clash) {
      const { by, at } = entry.clash;
      const who = by === ownName ? "you on another device" : by || "someone else";
      part("heading").textContent = `Two assessments of ${name}`;
      part("theirs").textContent = `Saved by ${who}${at ? ` at ${at}` : ""}: ${described(entry.clash)}`;
      part("keep").textContent = `Replace it with yours: ${words(entry.rating)}`;
    } else if (entry.problem) {
      part("heading").textContent = `The assessment of ${name} was not saved`;
      part("theirs").textContent = entry.problem;
      part("keep").remove();
    } else {
      part("heading").textContent = `${name} was rated before the meeting began`;
      part("theirs").textContent = "It was kept on this device and not sent. What is recorded now is shown on the screen.";
      part("keep").textContent = `Record it now: ${words(entry.rating)}`;
    }
    part("keep")?.addEventListener("click", () => {
      change((now) => {
        const mine = now.kept.find((one) => one.id === entry.id);
        if (!mine) return;
        mine.seen = mine.clash?.version ?? mine.seen;
        delete mine.clash;
        delete mine.begun;
      });
      render();
      send();
    });
    part("drop").textContent = entry.clash ? `Leave what is saved: ${words(entry.clash.rating)}` : "Discard yours";
    part("drop").addEventListener("click", () => {
      change((now) => {
        now.kept = now.kept.filter((one) => one.id !== entry.id);
      });
      fillForm();
      render();
    });
    return node;
  }

  // --- Rating ---

  function keep(rating, { moveOn }) {
    const row = current;
    change((now) => {
      // A clash that is answered with another tap: the person has seen what is saved.
      const open = now.kept.filter((entry) => entry.row === row && isOpen(entry));
      now.kept = now.kept.filter((entry) => !open.includes(entry));
      // What was typed is based on what was saved when the typing began.
      const seen = open.at(-1)?.clash?.version ?? now.typed[row]?.seen ?? saved.get(row).version;
      now.kept.push({ id: newId(), row, name: nameOf(row), rating, label: words(rating), comment: comment.value, seen, begun });
      delete now.typed[row];
    });
    if (moveOn) go(nextOf(row), true);
    else render();
    send();
  }

  // The next row without a rating, from the beginning again after the last; else this one.
  function nextOf(row) {
    const at = order.indexOf(row);
    const others = [...order.slice(at + 1), ...order.slice(0, at)];
    return others.find((one) => !lastOf(one).rating && !isLocked(one)) ?? row;
  }

  function step(by) {
    const to = order[order.indexOf(current) + by];
    if (to) go(to, true);
  }

  // --- Sending and asking ---

  async function post(values) {
    const body = new URLSearchParams({ ...values, person });
    const response = await fetch(page, {
      method: "POST",
      body,
      headers: { Accept: "application/json", "X-CSRFToken": token() },
      credentials: "same-origin",
      redirect: "manual",
      signal: AbortSignal.timeout(LONGEST_SENDING),
    });
    if (response.status >= 500) throw new Error("the server is not well");
    if (response.type === "opaqueredirect") return { status: 401 };
    const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
    return { status: response.status, answer: isJson ? await response.json() : null };
  }

  async function send() {
    if (sending) return;
    sending = true;
    try {
      for (let entry = waiting()[0]; entry; entry = waiting()[0]) {
        const { status, answer } = await post({ update: entry.row, rating: entry.rating ?? "", comment: entry.comment, seen: entry.seen });
        if (status === 401) [signedOut, isOther] = [true, false];
        else if (answer?.signed_in) isOther = true;
        else {
          settle(entry, status, answer);
          online = true;
          signedOut = isOther = false;
          continue;
        }
        break;
      }
    } catch {
      online = false;
    } finally {
      sending = false;
    }
    render();
  }

  function settle(entry, status, answer) {
    answers += 1;
    change((now) => {
      const mine = now.kept.find((one) => one.id === entry.id);
      if (!mine) return;
      const later = now.kept.filter((one) => one.row === entry.row && one !== mine);
      if (status === 200) {
        saved.set(entry.row, { ...answer, rating: answer.rating ?? "" });
        rememberRows();
        for (const one of later) one.seen = answer.version;
        now.kept = now.kept.filter((one) => one !== mine);
      } else if (status === 409) {
        saved.set(entry.row, { ...answer.clash, rating: answer.clash.rating ?? "" });
        // Of several taps on one row the last one is meant.
        const meant = later.at(-1) ?? mine;
        meant.clash = answer.clash;
        now.kept = now.kept.filter((one) => one.row !== entry.row || one === meant);
      } else {
        // What the server did not take is in the box again, to be changed.
        if (status === 400) now.typed[entry.row] ??= { name: entry.name, seen: entry.seen, comment: entry.comment };
        mine.problem = answer?.problem ?? "The service did not take it. Open this page again, then rate the row once more.";
      }
    });
    if (entry.row === current) {
      form.elements.namedItem("seen").value = saved.get(current).version;
      if (memory.typed[current] === undefined) comment.value = typedComment(current);
    }
  }

  async function show(row) {
    shown = { row, mine: true, by: "" };
    toShow = row;
    render();
    if (isShowing) return;
    isShowing = true;
    try {
      while (toShow !== null) {
        const sent = toShow;
        await post({ update: sent, action: "show" });
        answers += 1;
        if (toShow === sent) toShow = null;
      }
    } catch {
      online = false;
      render();
    } finally {
      isShowing = false;
    }
  }

  async function ask() {
    clearTimeout(timer);
    const mine = (asking = {});
    if (!document.hidden) {
      const before = answers;
      try {
        const response = await fetch(room.dataset.roomState, {
          headers: { Accept: "application/json", ...(etag ? { "If-None-Match": etag } : {}) },
          credentials: "same-origin",
          redirect: "manual",
          signal: AbortSignal.timeout(LONGEST_SENDING),
        });
        if (response.type === "opaqueredirect") [signedOut, isOther] = [true, false];
        else if (response.status >= 500) throw new Error("the server is not well");
        else if (response.status === 403) return window.location.reload();
        else {
          online = true;
          signedOut = false;
          wait = ASK_AGAIN;
          if (response.status === 200) {
            const state = await response.json();
            // What was asked before the last answer may be older than it.
            if (before === answers) {
              etag = response.headers.get("ETag") ?? "";
              take(state);
            }
          }
          if (toShow !== null && !isShowing && !isOther && !isLeaving) show(toShow);
          if (waiting().length && !isOther && !isLeaving) send();
          if (!isOther && !isLeaving) fetchRows().catch(() => {});
        }
        render();
      } catch {
        online = false;
        wait = Math.min(wait * 1.5, LONGEST_WAIT);
        render();
      }
    }
    if (asking === mine) timer = setTimeout(ask, wait);
  }

  function take(state) {
    isOther = String(state.person) !== person;
    if (isOther) return;
    if (state.page !== room.dataset.roomPage) {
      // Other rows, some are confirmed or have ended, the meeting has begun: what is typed and kept here stays.
      isLeaving = true;
      window.location.reload();
      return;
    }
    if (toShow === null) {
      shown = state.shown
        ? { row: String(state.shown.row), mine: state.shown.mine, by: state.by }
        : { row: null, mine: true, by: "" };
    }
    for (const [row, recorded] of Object.entries(state.rows)) {
      const before = saved.get(row);
      if (!before || before.version === recorded.version) continue;
      saved.set(row, { ...recorded, rating: recorded.rating ?? "" });
      if (row === current) {
        form.elements.namedItem("seen").value = recorded.version;
        if (memory.typed[row] === undefined && !entriesOf(row).length) comment.value = recorded.comment;
      }
    }
    rememberRows();
  }

  // --- Keeping the page on this device ---

  // The copy holds what was recorded when it was made: what has come since then is beside it.
  function rememberRows() {
    const kept = readKept(page);
    if (kept?.person === person) rememberKept(page, { ...kept, version: room.dataset.roomPage, rows: Object.fromEntries(saved) });
  }

  function takeRemembered() {
    const kept = readKept(page);
    if (kept?.person !== person || kept.version !== room.dataset.roomPage) return;
    for (const [row, recorded] of Object.entries(kept.rows)) if (saved.has(row)) saved.set(row, recorded);
  }

  async function keepOnDevice() {
    if (!("serviceWorker" in navigator) || !window.isSecureContext) return;
    const address = new URL(window.location.href);
    address.searchParams.delete("row");
    address.searchParams.set("offline", "yes");
    await keepPage(page, [address.pathname + address.search]);
    rememberKept(page, { person, until: room.dataset.roomUntil, papers: 0 });
    rememberRows();
    find("device").hidden = false;
  }

  // --- What people do ---

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (button?.matches("[data-room-show]")) show(current);
    else if (button?.matches("[data-room-rate]")) keep(button.value, { moveOn: true });
    else if (button) keep(button.value, { moveOn: false });
  });
  // The second press of a double click would rate the row after, which nobody has read.
  form.addEventListener("click", (event) => {
    if (event.detail > 1 && event.target.closest("[data-room-rate]")) event.preventDefault();
  });
  comment.addEventListener("input", () => {
    change((now) => {
      now.typed[current] = { name: nameOf(current), seen: saved.get(current).version, ...now.typed[current], comment: comment.value };
    });
    if (isStored) markSaved(form);
  });
  for (const [row, link] of links) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go(row, true);
    });
  }
  for (const [name, by] of [["back", -1], ["next", 1]]) {
    find(name).hidden = false;
    find(name).addEventListener("click", () => step(by));
  }
  const keys = find("keys");
  const takesKeys = keys.querySelector("input");
  keys.hidden = false;
  try {
    takesKeys.checked = localStorage.getItem("scrutiny-room-keys") !== "no";
  } catch {
    // A browser that keeps nothing begins with them.
  }
  takesKeys.addEventListener("change", () => {
    try {
      localStorage.setItem("scrutiny-room-keys", takesKeys.checked ? "yes" : "no");
    } catch {
      // As above.
    }
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("textarea, input:not([type=checkbox]), select");
    if (!takesKeys.checked || typing || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (labels.has(event.key) && !form.hidden) keep(event.key, { moveOn: true });
    else if (event.key === "ArrowRight") step(1);
    else if (event.key === "ArrowLeft") step(-1);
    else return;
    event.preventDefault();
  });
  window.addEventListener("storage", (event) => {
    if (!event.key?.startsWith("offline note")) return;
    read();
    render();
  });
  window.addEventListener("resize", fit);
  window.addEventListener("online", () => ask());
  window.addEventListener("offline", () => {
    online = false;
    render();
  });
  document.addEventListener("visibilitychange", () => document.hidden || ask());

  read();
  adoptOrphans();
  if (isCopy) takeRemembered();
  go(current);
  ask();
  if (!isCopy) keepOnDevice().catch(() => {});
}
