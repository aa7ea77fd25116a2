"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const tip = document.getElementById("tip"), box = document.getElementById("rows");
  const WORDS = ["what", "sender", "receiver", "from", "to", "unit", "item", "status", "row"];
  const make = (name, text, parent) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (parent) parent.append(element);
    return element;
  };
  const many = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
  const figure = (value) => value === null ? "unknown" : value.toLocaleString("en", { maximumSignificantDigits: 12 });
  const record = (number) => {
    const row = data.records[number];
    if (!row) return null;
    const out = Object.fromEntries(WORDS.map((word, at) => [word, data.words[row[at]]]));
    const [sha, name, source, version, title, licence, url, citation] = data.files[row[10]];
    return { ...out, value: row[9], sha, name, source, version, title, licence, url, citation };
  };
  const period = (cell) => cell[0] === cell[1] ? cell[0] : `${cell[0]} to ${cell[1]}`;
  const source = (id) => data.sources[id] || { title: id, licence: "" };

  /* What an element's number is, in words, and the rows behind it. */
  const cellOf = (ref) => {
    const cut = ref.lastIndexOf(":"), measure = data.measures[ref.slice(0, cut)];
    return measure ? [measure, measure.cells[Number(ref.slice(cut + 1))]] : [];
  };
  const describe = (element) => {
    const { c, r, v } = element.dataset;
    if (c) {
      const [measure, cell] = cellOf(c);
      if (!cell) return null;
      const none = cell[3] === "none" ? " The source covers the period and has no record: a true zero." : "";
      return {
        title: `${measure.title}, ${measure.dyad}, ${period(cell)}`,
        says: `${figure(cell[2])} ${measure.unit} (${cell[3]}).${none}`,
        from: `${source(measure.source).title}, version ${measure.version}`,
        count: cell[4], records: cell[5],
      };
    }
    if (r && data.results[r]) {
      const result = data.results[r];
      return { ...result, from: result.method, result };
    }
    if (v && data.claims[v]) {
      const [count, records] = data.claims[v];
      return { title: `The evidence on claim ${v}`, says: "", from: "", count, records };
    }
    return null;
  };

  const place = (x, y) => {
    const left = Math.min(Math.max(8, x - tip.offsetWidth / 2), document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = `${left + scrollX}px`;
    tip.style.top = `${y + scrollY}px`;
  };
  const show = (element) => {
    const found = describe(element);
    if (!found) return;
    const rows = found.count === undefined ? "" : ` ${many(found.count, "record")}.`;
    tip.textContent = `${found.title}. ${found.says} ${found.from ? `From: ${found.from}.` : ""}${rows}${element.localName === "a" ? " Press for more." : ""}`;
    tip.hidden = false;
    element.setAttribute("aria-describedby", "tip");
    const at = element.getBoundingClientRect();
    place(at.left + at.width / 2, at.bottom + 6);
  };
  const hide = (element) => {
    tip.hidden = true;
    if (element) element.removeAttribute("aria-describedby");
  };

  const recordTable = (ids, count, parent) => {
    const rows = ids.map(record).filter(Boolean);
    make("p", rows.length < count
      ? `${many(count, "record")} stand behind this number; the first ${rows.length} are shown, all are in tables/lineage.csv.`
      : `${many(count, "record")} behind this number.`, parent);
    if (!rows.length) return;
    const wrap = make("div", undefined, parent);
    wrap.className = "scroll"; wrap.tabIndex = 0;
    wrap.setAttribute("role", "region"); wrap.setAttribute("aria-label", "Records");
    const table = make("table", undefined, wrap), head = make("tr", undefined, make("thead", undefined, table));
    for (const name of ["Source row", "What", "Who", "When", "Value", "File"]) make("th", name, head).scope = "col";
    const body = make("tbody", undefined, table);
    for (const one of rows) {
      const line = make("tr", undefined, body);
      make("td", one.row, line);
      make("td", one.item && one.item !== one.what ? `${one.what}: ${one.item}` : one.what, line);
      make("td", one.sender === one.receiver ? one.sender : `${one.sender} → ${one.receiver}`, line);
      make("td", one.from === one.to || !one.to ? one.from : `${one.from} to ${one.to}`, line);
      make("td", `${figure(one.value)} ${one.unit} (${one.status})`, line);
      const file = make("td", one.name, line);
      make("small", `sha256 ${one.sha.slice(0, 16)}…`, file).className = "hash";
    }
    for (const title of new Set(rows.map((one) => one.source))) {
      const one = rows.find((row) => row.source === title);
      const note = make("p", `${one.title}, version ${one.version}. Licence: ${one.licence}. Cite as: ${one.citation} `, parent);
      note.className = "note";
      const link = make("a", "More on this source", note);
      link.href = `#src-${one.source}`;
      link.addEventListener("click", () => box.close());
    }
  };
  const resultTable = (result, parent) => {
    const list = make("dl", undefined, parent);
    list.className = "facts";
    const put = (name, value) => { if (value) { make("dt", name, list); make("dd", value, list); } };
    put("Method", result.method);
    put("Reference", result.citation);
    for (const [name, value] of result.params) put(name, value);
    put("Input", result.inputs && `fingerprint ${result.inputs}`);
    put("Seed", result.seed === null ? "" : String(result.seed));
    for (const [name, state, detail] of result.checks) put(`Check: ${name}`, `${state}. ${detail}`);
    if (result.panel) {
      const link = make("a", "The values it was computed from", make("p", undefined, parent));
      link.href = `#d-${result.panel}`;
      link.addEventListener("click", () => box.close());
    }
  };
  const open = (element) => {
    const found = describe(element);
    if (!found) return false;
    hide(element);
    box.querySelector("h2").textContent = found.title;
    const body = box.querySelector(".body");
    body.replaceChildren();
    if (found.says) make("p", found.says, body);
    if (found.result) resultTable(found.result, body);
    else recordTable(found.records, found.count, body);
    box.showModal();
    return true;
  };

  const ASKED = "[data-c],[data-r],[data-v]";
  const asked = (event) => event.target.closest && event.target.closest(ASKED);
  document.addEventListener("mouseover", (event) => { const one = asked(event); if (one) show(one); });
  document.addEventListener("mouseout", (event) => { const one = asked(event); if (one) hide(one); });
  document.addEventListener("focusin", (event) => { const one = asked(event); if (one) show(one); });
  document.addEventListener("focusout", (event) => { const one = asked(event); if (one) hide(one); });
  document.addEventListener("click", (event) => { const one = asked(event); if (one && one.localName === "a" && open(one)) event.preventDefault(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(document.activeElement); });
  box.querySelector(".close").addEventListener("click", () => box.close());
  box.addEventListener("click", (event) => { if (event.target === box) box.close(); });

  /* A drawing: the value under the pointer, and its rows on a click. */
  const under = (event, svg) => {
    const [left, right, first, last, top, foot, low, high] = svg.dataset.s.split(",");
    const size = svg.viewBox.baseVal, at = svg.getBoundingClientRect();
    const x = (event.clientX - at.left) / at.width * size.width;
    const day = Date.parse(first) + (x - left) / (right - left) * (Date.parse(last) - Date.parse(first));
    const cells = (data.measures[svg.dataset.m] || { cells: [] }).cells;
    let best = -1, near = Infinity;
    cells.forEach((cell, number) => {
      if (cell[2] === null) return;
      const from = Date.parse(cell[0]), to = Date.parse(cell[1]) + 864e5;
      const off = day < from ? from - day : day > to ? day - to : 0;
      if (off < near) { near = off; best = number; }
    });
    if (best < 0) return null;
    const [from, to, value] = cells[best];
    const middle = (Date.parse(from) + Date.parse(to) + 864e5) / 2;
    const px = +left + (middle - Date.parse(first)) / (Date.parse(last) - Date.parse(first)) * (right - left);
    const py = foot - (value - low) / (high - low) * (foot - top);
    return { best, px, py, clientX: at.left + px / size.width * at.width, clientY: at.top + py / size.height * at.height };
  };
  for (const svg of document.querySelectorAll("svg[data-m]")) {
    const ring = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    ring.setAttribute("class", "here"); ring.setAttribute("r", "5"); ring.setAttribute("visibility", "hidden");
    svg.append(ring);
    const ask = (event) => {
      const found = under(event, svg);
      if (!found) return null;
      return { found, stand: { dataset: { c: `${svg.dataset.m}:${found.best}` } } };
    };
    svg.addEventListener("pointermove", (event) => {
      const answer = ask(event);
      if (!answer) return;
      const { found, stand } = answer, words = describe(stand);
      ring.setAttribute("cx", found.px); ring.setAttribute("cy", found.py); ring.setAttribute("visibility", "visible");
      tip.textContent = `${words.title}. ${words.says} From: ${words.from}. ${many(words.count, "record")}. Press for the rows.`;
      tip.hidden = false;
      place(found.clientX, found.clientY + 12);
    });
    svg.addEventListener("pointerleave", () => { ring.setAttribute("visibility", "hidden"); tip.hidden = true; });
    svg.addEventListener("click", (event) => { const answer = ask(event); if (answer) { tip.hidden = true; open(answer.stand); } });
  }

  /* Filters of the claims. */
  const form = document.getElementById("filters");
  if (form) {
    const rows = [...document.querySelectorAll("#claims tbody tr")];
    const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const apply = () => {
      const { outcome, dimension, words } = form.elements;
      const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        const fits = (!outcome.value || row.dataset.outcome === outcome.value)
          && (!dimension.value || row.dataset.dimension === dimension.value)
          && wanted.every((word) => texts.get(row).includes(word));
        row.hidden = !fits;
        shown += fits;
      }
      document.getElementById("shown").textContent = `${shown} of ${many(rows.length, "claim")} shown.`;
    };
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    apply();
  }

  /* A link into something folded unfolds it; printing unfolds all but the tables of values. */
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let one = target; one; one = one.parentElement) if (one.localName === "details") one.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  if (location.hash) unfold();
  addEventListener("beforeprint", () => {
    for (const one of document.querySelectorAll("details.group, details.more")) one.open = true;
  });
})();
