// Drafts that lose nothing: every change is saved as it is made. What cannot be saved is kept on this device,
// sealed to a key whose private half only the portal has, and goes up after the person's next login. The
// pages work without this file.
(() => {
  "use strict";
  const words = document.getElementById("keep")?.dataset;
  if (!words) return;
  const at = (id) => document.getElementById(id);
  const form = at("step"), line = at("saved"), said = at("said"), told = at("told"), stay = at("stay");
  const page = form ? form.elements.__op.value : "";
  const most = 300; // saves that one person may keep here
  let csrf = words.csrf, count = 0, stopped = false;

  const post = (path, fields, more) => fetch(path,
    { method: "POST", body: new URLSearchParams(fields), signal: AbortSignal.timeout(20000), ...more });

  // ---- what is kept on the device

  const store = new Promise((resolve, reject) => {
    const open = indexedDB.open("drafts", 1);
    open.onupgradeneeded = () => {
      open.result.createObjectStore("devices", { keyPath: "person" });
      open.result.createObjectStore("kept", { keyPath: "id", autoIncrement: true })
        .createIndex("person", "person");
    };
    open.onsuccess = () => resolve(open.result);
    open.onerror = () => reject(open.error);
  });
  store.catch(() => {});
  const ask = async (name, mode, act) => {
    const t = (await store).transaction(name, mode);
    return new Promise((resolve, reject) => {
      const r = act(t.objectStore(name));
      t.oncomplete = () => resolve(r.result);
      t.onerror = t.onabort = () => reject(t.error);
    });
  };

  const subtle = crypto.subtle, curve = { name: "ECDH", namedCurve: "P-256" };
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const utf8 = (text) => new TextEncoder().encode(text);
  const agreed = async (secret, point, use) => {
    const bits = await subtle.deriveBits({ name: "ECDH", public: point }, secret, 256);
    const material = await subtle.importKey("raw", bits, "HKDF", false, ["deriveKey"]);
    return subtle.deriveKey({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8("kept") },
      material, { name: "AES-GCM", length: 256 }, false, [use]);
  };
  const box = (iv) => ({ name: "AES-GCM", iv, additionalData: utf8(words.person) });

  let known;
  const device = () => known ||= (async () => {
    let d = await ask("devices", "readonly", (s) => s.get(words.person));
    if (!d) {
      const answer = await post(words.device, { csrf });
      if (!answer.ok) throw new Error(answer.status);
      const { device, public: point } = await answer.json();
      d = { person: words.person, device, point };
      await ask("devices", "readwrite", (s) => s.put(d));
    }
    return { id: d.device, point: await subtle.importKey("raw", bytes(d.point), curve, false, []) };
  })().catch((e) => { known = null; throw e; });

  const seal = async (save) => {
    const d = await device(), own = await subtle.generateKey(curve, false, ["deriveBits"]),
      iv = crypto.getRandomValues(new Uint8Array(12));
    const data = await subtle.encrypt(box(iv), await agreed(own.privateKey, d.point, "encrypt"),
      utf8(JSON.stringify(save)));
    return { person: words.person, device: d.id, page, iv,
      point: await subtle.exportKey("raw", own.publicKey), data };
  };
  const open = async (k, secret) => {
    const key = await agreed(secret, await subtle.importKey("raw", k.point, curve, false, []), "decrypt");
    return JSON.parse(new TextDecoder().decode(await subtle.decrypt(box(k.iv), key, k.data)));
  };
  const secretOf = async (id) => {
    const answer = await post(words.device, { csrf, device: id });
    return answer.ok
      ? subtle.importKey("pkcs8", bytes((await answer.json()).private), curve, false, ["deriveBits"]) : null;
  };

  let full = false;
  const keepSave = async (entry) => {
    const { op, field, label, body, save, place } = entry;
    try {
      full = !entry.instead
        && await ask("kept", "readonly", (s) => s.index("person").count(words.person)) >= most;
      if (full) return 0;
      const sealed = await seal({ op, field, label, body, save, place });
      const id = await ask("kept", "readwrite", (s) => s.add(sealed));
      if (entry.instead) forget(entry.instead);
      return id;
    } catch { return 0; }
  };
  const forget = async (entry) => {
    const id = await entry.kept;
    if (id) await ask("kept", "readwrite", (s) => s.delete(id)).catch(() => {});
  };

  // ---- what the page says

  let bad;
  const show = (text, isBad, link) => {
    if (!line) return;
    line.textContent = text;
    line.classList.toggle("not", isBad);
    if (link) addLink(line, words.logIn, link);
    if (bad !== isBad) said.textContent = text; // said aloud when it changes, not with every save
    bad = isBad;
  };
  const addLink = (to, text, path) => {
    const a = document.createElement("a");
    a.href = path;
    a.textContent = text;
    to.append(" ", a);
  };
  const tell = (text, about, path, drop) => {
    const p = document.createElement("div");
    p.className = "state wait";
    p.append(document.createElement("p"));
    p.firstChild.textContent = text;
    if (about) p.firstChild.append(" ", Object.assign(document.createElement("b"), { textContent: about }));
    if (path) addLink(p.firstChild, words.look, path);
    if (drop) {
      const button = Object.assign(document.createElement("button"),
        { className: "textlink", textContent: words.understood });
      button.addEventListener("click", () => { p.remove(); drop(); });
      p.append(button);
    }
    told.append(p);
    return p;
  };

  // ---- the fields of the form

  const bases = () => [...form.elements].filter((e) => e.name.startsWith("__base."))
    .map((e) => e.name.slice(7));
  const fieldOf = (name, ids = bases()) => {
    const bare = name.replace(/^__\w+\./, "");
    return ids.filter((id) => bare === id || bare.startsWith(id + "."))
      .sort((a, b) => b.length - a.length)[0] || "";
  };
  const frame = (field) =>
    (at(field) || [...form.elements].find((e) => e.type !== "hidden" && fieldOf(e.name) === field))
      ?.closest("fieldset:not(.both, .when), .field");
  const labelOf = (field) =>
    frame(field)?.querySelector("legend, label")?.firstChild.textContent.trim() || field;

  const revisions = new Map(); // field -> what this page's own saves made of it
  const latest = new Map(); // field -> what was queued last, so that nothing is sent twice
  const choices = new Map(); // field -> the save that is in conflict
  const refused = new Map(); // field -> a save that the portal would not take, and the words about it
  const unlisted = new Map(); // field -> why what is typed there is not saved
  const dirty = new Set(), waiting = [];

  // Whatever sends the form carries its number among the saves of this page, and the newest revisions.
  form?.addEventListener("formdata", ({ formData }) => {
    formData.set("__op", page + "." + ++count);
    for (const [field, revision] of revisions) {
      const name = "__base." + field;
      if (formData.has(name) && Number(formData.get(name)) < revision) formData.set(name, revision);
    }
  });

  const inputs = () => {
    const all = new FormData(form), ids = bases(), of = new Map(ids.map((id) => [id, new URLSearchParams()]));
    for (const [name, value] of all)
      if (typeof value === "string") of.get(fieldOf(name, ids))?.append(name, value);
    return { op: all.get("__op"), of };
  };
  const spoken = (body) => [...body].filter(([name]) => !name.startsWith("__base.")).join("&");

  const enqueue = () => {
    clearTimeout(later);
    for (const field of dirty) {
      dirty.delete(field);
      const { op, of } = inputs(), body = of.get(field);
      if (!body?.has("__base." + field) || frame(field)?.querySelector(".both")
          || latest.get(field) === spoken(body)) continue;
      latest.set(field, spoken(body));
      const entry = { op, field, label: labelOf(field), body: body.toString(), save: words.save,
        place: words.place };
      const i = waiting.findIndex((w) => w.field === field && !w.flying);
      if (i >= 0) entry.instead = waiting.splice(i, 1)[0];
      const no = refused.get(field);
      if (no) { refused.delete(field); no.note.remove(); entry.instead ||= no.entry; }
      waiting.push(entry);
      entry.kept = keepSave(entry);
    }
    if (waiting.length && !bad) show(words.saving, false);
    pump();
  };
  let later;
  const touch = (event, pause) => {
    const e = event.target;
    if (!form || e.form !== form || !e.name) return;
    const field = fieldOf(e.name);
    if (!field) return;
    if (e.name.startsWith("__keep.")) { choose(field, e); return; }
    dirty.add(field);
    clearTimeout(later);
    later = setTimeout(enqueue, pause);
  };
  // a search is not over soon
  document.addEventListener("input", (event) =>
    touch(event, event.target.matches("[data-search]") ? 5000 : 700));
  document.addEventListener("change", (event) => touch(event, 0));

  // ---- two values of one field

  const offer = (entry, conflict) => {
    const { field, choice, revision } = conflict;
    const node = new DOMParser().parseFromString(choice, "text/html").body.firstChild;
    frame(field).querySelector(":scope > legend, :scope > label").after(node);
    frame(field).closest("details")?.setAttribute("open", "");
    choices.set(field, { entry, revision });
    said.textContent = labelOf(field) + ": " + node.querySelector("legend").textContent;
  };
  const choose = (field, radio) => {
    const open = choices.get(field);
    if (open) forget(open.entry);
    if (radio.value === "theirs") { form.requestSubmit(form.querySelector("[data-refresh]")); return; }
    if (open) revisions.set(field, open.revision);
    choices.delete(field);
    latest.delete(field);
    radio.closest(".both").remove();
    dirty.add(field);
    enqueue();
  };
  const putBack = (entry) => {
    const body = new URLSearchParams(entry.body);
    for (const e of form.elements) {
      if (!e.name || e.name.startsWith("__") || fieldOf(e.name) !== entry.field) continue;
      if (e.type === "radio" || e.type === "checkbox") e.checked = body.getAll(e.name).includes(e.value);
      else if (body.has(e.name)) e.value = body.get(e.name);
    }
  };

  // ---- sending

  const ended = (saved) => {
    stay?.classList.add("gone"); // its place stays, so that no button moves away from a finger
    show(saved ? words.endedSaved : words.ended, true, words.login);
  };
  const renew = async () => {
    try {
      const answer = await fetch(words.session, { cache: "no-store" });
      if (answer.status === 401) return "nobody";
      if (!answer.ok) return "away";
      const state = await answer.json();
      if (state.person !== words.person) return "stranger";
      const changed = csrf !== state.csrf;
      csrf = state.csrf;
      for (const e of document.getElementsByName("csrf")) e.value = csrf;
      clock(state);
      return changed ? "renewed" : "same";
    } catch { return "away"; }
  };

  // send tries one save: the answer, or "later" (try again), "stop" (somebody has to log in), "no" and why.
  const send = async (entry, again) => {
    const body = new URLSearchParams(entry.body);
    body.set("__op", entry.op);
    body.set("csrf", csrf);
    let answer, a;
    try {
      answer = await post(entry.save, body, { keepalive: body.toString().length < 60000 });
      a = await answer.json().catch(() => ({}));
    } catch { return { then: "later" }; }
    if (answer.ok) return a;
    if (answer.status === 401) { ended(false); return { then: "stop" }; }
    if (answer.status === 403 || answer.status === 404) {
      const who = await renew();
      if (who === "renewed" && !again) return send(entry, true);
      if (who === "away") return { then: "later" };
      if (who === "nobody") { ended(false); return { then: "stop" }; }
      if (who === "stranger") { show(words.stranger, true, words.login); return { then: "stop" }; }
    }
    if (answer.status === 429) {
      const seconds = Number(answer.headers.get("Retry-After")) || 10;
      return { then: "later", why: a.message, pause: seconds * 1000 };
    }
    if (answer.status === 408 || answer.status >= 500) return { then: "later" };
    return { then: "no", why: a.message || "" };
  };

  let running = false, pause = 1000, retry, asked = false;
  const pump = async () => {
    if (running || stopped || asked) return;
    running = true;
    clearTimeout(retry);
    while (waiting.length && !stopped) {
      const entry = waiting[0];
      entry.flying = true;
      const a = await send(entry);
      entry.flying = false;
      if (a.then === "stop") {
        stopped = true;
        if (!await entry.kept) show(full ? words.tooMuch : words.unsaved, true, words.login);
      }
      if (a.then === "later") {
        const kept = await entry.kept;
        show(a.why || (full ? words.tooMuch : kept ? words.kept : words.unsaved), true);
        asked = !!a.pause; // the portal said from when: till then typing sends nothing
        retry = setTimeout(() => { asked = false; pump(); }, a.pause || (pause = Math.min(pause * 2, 30000)));
      }
      if (a.then === "stop" || a.then === "later") break;
      waiting.shift();
      if (a.then === "no") { refuse(entry, a.why); show(words.refused + " " + entry.label, true); continue; }
      pause = 1000;
      taken(entry, a);
    }
    running = false;
  };
  const taken = (entry, a) => {
    for (const [field, revision] of Object.entries(a.revisions || {})) revisions.set(field, revision);
    if (a.unlisted) unlisted.set(entry.field, a.unlisted); else unlisted.delete(entry.field);
    const open = (a.conflicts || []).length + (a.held || []).length;
    if (!open) forget(entry);
    for (const conflict of a.conflicts || []) if (form && frame(conflict.field)) offer(entry, conflict);
    if (a.login) { ended(!open && !unlisted.size); return; }
    clock(a.state);
    if (!waiting.length && !refused.size)
      show(...unlisted.size ? [[...unlisted.values()].join(" "), true] : [a.saved, false]);
  };
  const refuse = (entry, why) => {
    const values = [...new URLSearchParams(entry.body)].filter(([name]) => !name.startsWith("__"))
      .map(([, v]) => v).join(", ");
    const drop = () => { refused.delete(entry.field); forget(entry); };
    refused.set(entry.field,
      { entry, note: tell(words.refused, entry.label + ": " + values.slice(0, 200) + ". " + why, "", drop) });
  };

  // ---- what earlier pages of this person left behind

  let leaving = false;
  addEventListener("submit", (event) => { leaving ||= !event.defaultPrevented; });
  const sendLeft = async () => {
    const all = await ask("kept", "readonly", (s) => s.index("person").getAll(words.person));
    const alive = ((await navigator.locks?.query())?.held || []).map((l) => l.name);
    const secrets = {};
    let changed = false;
    for (const k of all) {
      if (k.page === page && page || alive.includes("draft " + k.page)) continue;
      const secret = secrets[k.device] ||= await secretOf(k.device);
      if (!secret) continue;
      const entry = { ...await open(k, secret), kept: k.id };
      const a = await send(entry);
      if (a.then === "later" || a.then === "stop") break;
      if (a.then === "no" || a.unlisted) { refuse(entry, a.why || a.unlisted); continue; }
      const conflict = (a.conflicts || [])[0];
      if ((a.held || []).length) continue;
      if (!conflict) {
        await forget(entry);
        changed ||= a.fresh && (!words.save || entry.save === words.save);
        continue;
      }
      const there = form && entry.place === words.place && frame(conflict.field);
      if (there && there.querySelector(".both")) forget(entry); // the page itself offers the choice
      else if (there) {
        putBack(entry);
        offer(entry, conflict);
      } else tell(words.differs, entry.label, entry.place);
    }
    if (!changed || leaving) return;
    // A page that answers a post holds what is saved nowhere yet: it is not fetched anew.
    if (dirty.size || waiting.length || choices.size || told.firstChild
      || document.querySelector(".both, .errors")) {
      tell(words.sent);
      return;
    }
    sessionStorage.setItem("sent", "yes");
    location.replace(location.pathname + location.search); // not reload, which would post again
  };
  const left = () => navigator.locks
    ? navigator.locks.request("drafts", { ifAvailable: true }, (lock) => lock && sendLeft()) : sendLeft();

  // ---- the end of the session

  // The device's clock may be set anew meanwhile: the faster of its two clocks says what time has passed.
  const times = () => [Date.now(), performance.now()];
  let span = words.left * 1000, since = times(), last = false;
  const remains = () => span - Math.max(...times().map((now, i) => now - since[i]));
  const until = at("until"), why = at("why"), first = why?.textContent;
  const clock = (state) => {
    if (!state?.left || !stay) return;
    span = state.left * 1000;
    since = times();
    last = state.last;
    until.textContent = state.ends;
    stay.classList.remove("ending", "gone");
    stay.querySelector("p").removeAttribute("role");
    at("extends").hidden = stay.querySelector("button").hidden = false;
    why.textContent = first;
  };
  const watch = () => {
    if (!stay || stay.classList.contains("ending") || remains() > words.warn * 1000) return;
    stay.classList.add("ending");
    at("extends").hidden = true;
    stay.querySelector("button").hidden = last;
    stay.querySelector("p").setAttribute("role", "alert");
    why.textContent = last ? words.endingLast : words.ending;
  };
  stay?.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    await post(words.session, { csrf, ve: words.place }, { redirect: "manual" }).catch(() => {});
    if (await renew() === "nobody") ended(false);
  });
  setInterval(watch, 5000);

  // ---- the page's life

  form?.addEventListener("submit", (event) => {
    enqueue(); // before the post gets its number, which says that it came after
    if (navigator.onLine) return;
    event.preventDefault();
    event.stopPropagation();
    show(words.kept, true);
  });
  const wake = () => { stopped = asked = false; pause = 1000; pump(); };
  addEventListener("online", wake);
  addEventListener("pagehide", enqueue);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) enqueue(); else { watch(); wake(); }
  });
  if (form) {
    for (const [field, body] of inputs().of) latest.set(field, spoken(body));
    if (page) navigator.locks?.request("draft " + page, () => new Promise(() => {}));
    device().catch(() => {});
  }
  try {
    if (sessionStorage.getItem("sent")) { sessionStorage.removeItem("sent"); tell(words.sent); }
  } catch { /* a browser may forbid it */ }
  left().catch(() => {});
})();
