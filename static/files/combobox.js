// Inputs that offer what may be meant while a person types: a combobox with a list, by the WAI-ARIA pattern.
// Nothing depends on it: without this file they are inputs as any other, and the portal reads what is typed.
(() => {
  "use strict";

  // combobox makes one of an input. find gives the rows for a text, by itself or as a promise, and is told
  // whether they are asked for without typing; none is what is said when there are none; pick takes a row,
  // which has a name and perhaps a note. The list and what is said of it stand after place.
  const combobox = (input, { place, label, least, pause, words, find, none, pick }) => {
    const list = document.createElement("ul"), said = document.createElement("p");
    let rows = [], active = -1, last = input.value.trim(), asked = 0, wait = 0, took = false;
    list.id = input.id + "-list";
    list.className = "suggest";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", label);
    said.className = "hidden"; said.setAttribute("role", "status");
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"],
      ["aria-expanded", "false"], ["aria-controls", list.id]]) input.setAttribute(name, value);
    place.after(list, said);
    const choose = (n) => {
      active = n;
      [...list.children].forEach((row, i) => row.setAttribute("aria-selected", i === n));
      if (n < 0) input.removeAttribute("aria-activedescendant");
      else {
        input.setAttribute("aria-activedescendant", list.children[n].id);
        list.children[n].scrollIntoView({ block: "nearest" });
      }
    };
    const show = (open) => {
      list.hidden = !open;
      input.setAttribute("aria-expanded", open);
      if (!open) choose(-1);
    };
    const stop = () => { clearTimeout(wait); asked++; };
    const fill = (found) => {
      rows = found;
      list.replaceChildren(...rows.map((row, i) => {
        const item = document.createElement("li");
        item.id = list.id + i; item.setAttribute("role", "option");
        item.append(row.note == null ? row.name
          : Object.assign(document.createElement("b"), { textContent: row.name }));
        if (row.note != null)
          item.append(" ", Object.assign(document.createElement("span"), { textContent: row.note }));
        return item;
      }));
      show(rows.length > 0);
      said.className = "hidden";
      said.textContent = rows.length ? words.some.replace("#", rows.length) : none();
    };
    const offer = async (text, opened) => {
      const mine = ++asked;
      try {
        const found = await find(text, opened);
        if (mine === asked && document.activeElement === input) fill(found);
      } catch { /* without an answer the input works as it is */ }
    };
    const take = (row) => { stop(); show(false); pick(row); last = input.value.trim(); };
    input.addEventListener("input", () => {
      const text = input.value.trim();
      if (text === last) return;
      last = text;
      stop();
      if (!text || text.length < least) { fill([]); said.textContent = ""; return; }
      if (pause) wait = setTimeout(offer, pause, text); else offer(text);
    });
    input.addEventListener("keydown", (event) => {
      took = false;
      if (event.isComposing) return;
      const count = list.children.length, down = event.key === "ArrowDown";
      if (down || event.key === "ArrowUp") {
        if (list.hidden && !least) {
          event.preventDefault();
          offer(input.value.trim(), true).then(() => {
            if (!list.hidden) choose(down ? 0 : list.children.length - 1);
          });
          return;
        }
        if (!count) return;
        event.preventDefault();
        if (list.hidden) {
          show(true);
          choose(down ? 0 : count - 1);
        } else choose((active + 1 + (down ? 1 : count)) % (count + 1) - 1);
      } else if (active >= 0 && (event.key === "Home" || event.key === "End")) {
        event.preventDefault();
        choose(event.key === "Home" ? 0 : count - 1);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        show(false);
      } else if (event.key === "Enter") {
        stop();
        if (list.hidden || active < 0) return;
        event.preventDefault();
        took = true;
        take(rows[active]);
      }
    });
    // some send it all the same
    input.addEventListener("keypress", (event) => { if (took) event.preventDefault(); took = false; });
    if (!least) input.addEventListener("click", () => { if (list.hidden) offer(input.value.trim(), true); });
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const n = [...list.children].indexOf(event.target.closest("li"));
      if (n >= 0) take(rows[n]);
    });
    input.addEventListener("blur", () => { stop(); show(false); });
    return said;
  };

  // On the pages where procedures are looked for: one of them is opened.
  for (const input of document.querySelectorAll("input[data-suggest]")) {
    input.form.classList.add("suggests");
    let on = new AbortController();
    combobox(input, {
      place: input.parentElement, label: input.getAttribute("aria-label"), least: 2, pause: 200,
      words: input.dataset, none: () => input.dataset.none,
      find: async (text) => {
        on.abort();
        on = new AbortController();
        const answer = await fetch(input.dataset.suggest + "?" + new URLSearchParams({ q: text }),
          { signal: on.signal });
        return answer.ok ? answer.json() : [];
      },
      pick: (row) => location.assign(row.path),
    });
  }

  // In forms: an entry of a dictionary. The input holds its name, which the portal reads as its value.
  const { fold, entries, entry } = window.dictionary;
  const split = (s) => fold(s).split(" ").filter(Boolean);
  const wire = (input) => {
    const list = document.getElementById(input.dataset.search);
    if (!list || input.getAttribute("role") === "combobox") return;
    const buttons = () => [...input.form.elements].filter((e) => e.type === "radio" && e.name === input.name);
    const said = combobox(input, {
      place: input, label: input.labels[0].firstChild.textContent.trim(), least: 0, pause: 0,
      words: list.dataset,
      // Whoever types exactly an entry needs no list; whoever opens the list there may want another entry.
      find: (text, opened) => {
        if (entry(input)) return opened ? entries(list.id) : [];
        const typed = split(text);
        return entries(list.id).filter((e) =>
          typed.every((t) => split([...e.names, e.value].join(" ")).some((w) => w.startsWith(t))));
      },
      none: () => entry(input)?.name ?? list.dataset.none,
      pick: (row) => {
        input.value = row.name;
        for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }));
      },
    });
    let telling = 0;
    said.id = input.id + "-said";
    input.setAttribute("aria-describedby",
      ((input.getAttribute("aria-describedby") || "") + " " + said.id).trim());
    input.addEventListener("input", () => {
      clearTimeout(telling);
      for (const b of buttons()) b.checked = false;
    });
    // What is no entry stays as it was typed, and is said not to be saved.
    input.addEventListener("change", () => {
      const found = entry(input), odd = !found && input.value.trim() !== "";
      if (found) input.value = found.name;
      clearTimeout(telling);
      said.className = "hidden";
      said.textContent = "";
      // Not at once: a button that is being pressed shall not move away from the finger.
      if (odd) telling = setTimeout(() => {
        said.className = "err";
        said.textContent = list.dataset.none;
      }, 400);
      if (odd) input.setAttribute("aria-invalid", "true"); else input.removeAttribute("aria-invalid");
    });
    for (const b of buttons()) b.addEventListener("change", () => {
      input.value = b.labels[0].textContent.trim();
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    input.removeAttribute("list");
  };
  for (const form of document.forms) {
    const all = () => form.querySelectorAll("input[data-search]").forEach(wire);
    all();
    if (form.id === "step") new MutationObserver(all).observe(form, { childList: true });
  }
})();
