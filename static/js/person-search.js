// A person chosen by typing: the matches are listed below the text (the ARIA combobox pattern), and the key of the one
// chosen goes into the hidden field beside it. Without it the server searches when the form is sent.

const PAUSE = 200;
let count = 0;

export function startPersonSearch(box) {
  new PersonSearch(box);
}

class PersonSearch {
  constructor(box) {
    this.url = box.dataset.personSearch;
    this.input = box.querySelector("input[type=text]");
    this.key = box.querySelector("input[type=hidden]");
    if (!this.key) return; // the server lists those who match
    this.list = document.createElement("ul");
    this.list.id = `person-search-${++count}`;
    this.list.className = "scrutiny-person__list";
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "People");
    this.status = document.createElement("div");
    this.status.className = "govuk-visually-hidden";
    this.status.setAttribute("role", "status");
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", this.list.id]]) {
      this.input.setAttribute(name, value);
    }
    box.append(this.list, this.status);
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.input.addEventListener("blur", () => this.close());
    // Before the input loses the focus, which would close the list.
    this.list.addEventListener("pointerdown", (event) => this.clicked(event));
  }

  typed() {
    this.key.value = "";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), PAUSE);
  }

  async search() {
    const text = this.input.value.trim();
    if (text.length < 2) return this.close();
    let people;
    try {
      const response = await fetch(`${this.url}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      people = (await response.json()).people;
    } catch {
      return this.close(); // the server searches when the form is sent
    }
    if (text !== this.input.value.trim() || document.activeElement !== this.input) return;
    this.show(people);
  }

  show(people) {
    this.list.replaceChildren(...people.map((person, index) => this.option(person, index)));
    this.move(-1);
    this.list.hidden = people.length === 0;
    this.input.setAttribute("aria-expanded", String(people.length > 0));
    this.status.textContent = people.length ? `${people.length} found` : "Nobody found";
  }

  option(person, index) {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${index}`;
    option.className = "scrutiny-person__option";
    option.setAttribute("role", "option");
    option.dataset.key = person.key;
    option.dataset.text = person.text;
    option.textContent = person.label;
    return option;
  }

  pressed(event) {
    if (this.list.hidden) return;
    const last = this.list.children.length - 1;
    if (event.key === "ArrowDown") this.move(this.active === last ? 0 : this.active + 1);
    else if (event.key === "ArrowUp") this.move(this.active <= 0 ? last : this.active - 1);
    else if (event.key === "Enter" && this.active >= 0) this.choose(this.list.children[this.active]);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }

  move(active) {
    this.active = active;
    for (const [index, option] of [...this.list.children].entries()) option.setAttribute("aria-selected", String(index === active));
    const option = this.list.children[active];
    if (!option) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  clicked(event) {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) this.choose(option);
  }

  choose(option) {
    this.input.value = option.dataset.text;
    this.key.value = option.dataset.key;
    this.close();
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
