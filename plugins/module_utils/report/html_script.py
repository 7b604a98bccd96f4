# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The script of the HTML report. Every text of the data becomes a text node: nothing of it is ever read as HTML."""

from __future__ import annotations

SCRIPT = r"""
"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const PAGE = 100;
const [NAME, OBJECT, HOSTID, ACTION, REASONS, ERROR, DETAILS, CHANGES] = [0, 1, 2, 3, 4, 5, 6, 7];
const [ATTRIBUTE, ELEMENT, WANTED, LIVE, WHY, ORIGIN, APPLIED, SINCE] = [0, 1, 2, 3, 4, 5, 6, 7];
const rank = Object.fromEntries(data.words.map(([word], position) => [word, position]));
const looks = Object.fromEntries(data.words.map(([word, number, look]) => [word, look]));
const collator = new Intl.Collator("en", {numeric: true});
const $ = id => document.getElementById(id);

function make(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name in element) element[name] = value; else element.setAttribute(name, value);
  }
  element.append(...children.filter(child => child !== null && child !== ""));
  return element;
}

function link(address, text, says) {
  return make("a", {href: address, rel: "noopener noreferrer", "aria-label": says || text}, text);
}

const spoken = word => word.replaceAll("_", " ");

// --- totals

const chosen = new Set();
const total = data.words.reduce((sum, [word, number]) => sum + number, 0);
for (const [word, number, look, listed] of data.words) {
  const share = make("span", {className: look, title: `${number} ${spoken(word)}`});
  share.style.flexGrow = number;
  $("bar").append(share);
  const label = [make("b", null, number.toLocaleString("en")), ` ${spoken(word)}`];
  if (!listed) {
    $("chips").append(make("li", {className: look}, make("span", {className: "word"}, ...label)));
    continue;
  }
  const chip = make("button", {type: "button", "aria-pressed": "false"}, ...label);
  chip.addEventListener("click", () => {
    if (!chosen.delete(word)) chosen.add(word);
    chip.setAttribute("aria-pressed", String(chosen.has(word)));
    filter();
  });
  $("chips").append(make("li", {className: look}, chip));
}
const parts = data.words.map(([word, number]) => `${number} ${spoken(word)}`);
$("bar").setAttribute("aria-label", `${total} hosts: ${parts.join(", ")}`);
$("bar").hidden = total === 0;

// --- the table

const attributes = new Set();
for (const host of data.hosts) for (const detail of host[DETAILS]) attributes.add(detail[ATTRIBUTE]);
for (const name of [...attributes].sort()) $("attribute").append(make("option", {value: name}, name));
$("attribute-label").hidden = attributes.size === 0;

const haystacks = new Map();
function haystack(host) {
  let text = haystacks.get(host);
  if (text === undefined) {
    text = [host.slice(0, REASONS), host[REASONS], host[ERROR], host[CHANGES], host[DETAILS]].flat(2).join("\n");
    haystacks.set(host, text = text.toLowerCase());
  }
  return text;
}

let shown = data.hosts, page = 0, column = null, backwards = false;
const opened = new Set();
const keys = {
  name: (a, b) => collator.compare(a[NAME], b[NAME]),
  object: (a, b) => collator.compare(a[OBJECT], b[OBJECT]),
  status: (a, b) => rank[a[ACTION]] - rank[b[ACTION]] || collator.compare(a[NAME], b[NAME]),
  differences: (a, b) => b[DETAILS].length - a[DETAILS].length || collator.compare(a[NAME], b[NAME]),
};

function filter() {
  const wanted = $("search").value.toLowerCase().split(/\s+/).filter(word => word);
  const attribute = $("attribute").value;
  shown = data.hosts.filter(host =>
    (chosen.size === 0 || chosen.has(host[ACTION]))
    && (!attribute || host[DETAILS].some(detail => detail[ATTRIBUTE] === attribute))
    && (wanted.length === 0 || wanted.every(word => haystack(host).includes(word))));
  if (column) shown.sort(keys[column]);
  if (backwards) shown.reverse();
  page = 0;
  show();
}

function show() {
  const last = Math.max(0, Math.ceil(shown.length / PAGE) - 1);
  const rows = [];
  for (const host of shown.slice(page * PAGE, (page + 1) * PAGE)) {
    rows.push(row(host));
    if (opened.has(host)) rows.push(inner(host));
  }
  $("rows").replaceChildren(...rows);
  const from = shown.length ? page * PAGE + 1 : 0;
  $("shown").textContent = `${from} to ${Math.min(shown.length, (page + 1) * PAGE)} of ${shown.length} hosts`
    + (shown.length < data.hosts.length ? `, ${data.hosts.length} without filters` : "");
  $("before").disabled = page === 0;
  $("after").disabled = page === last;
  $("open-all").disabled = !shown.slice(page * PAGE, (page + 1) * PAGE).some(tells);
}

const tells = host => host[DETAILS].length > 0 || host[ERROR] !== null || host[CHANGES].length > 0;
const numbers = new Map(data.hosts.map((host, number) => [host, number]));

function row(host) {
  const name = tells(host)
    ? make("button", {
      type: "button", className: "open", "aria-expanded": String(opened.has(host)),
      "aria-controls": `host-${numbers.get(host)}`,
    }, host[NAME])
    : host[NAME];
  const line = make("tr", null,
    make("th", {scope: "row"}, name),
    make("td", null, netbox(host)),
    make("td", null, zabbix(host)),
    make("td", {className: looks[host[ACTION]]}, make("span", {className: "word"}, spoken(host[ACTION]))),
    make("td", null, summary(host)));
  if (tells(host)) name.addEventListener("click", () => {
    if (opened.delete(host)) line.nextSibling.remove();
    else { opened.add(host); line.after(inner(host)); }
    name.setAttribute("aria-expanded", String(opened.has(host)));
  });
  return line;
}

function summary(host) {
  if (host[ERROR] !== null) return host[ERROR].split("\n", 1)[0].slice(0, 200);
  const what = [...new Set(host[DETAILS].map(detail => detail[ATTRIBUTE]))];
  const why = host[REASONS].join(", ");
  return (what.length ? `${what.join(", ")}${why ? ` (${why})` : ""}` : why || host[CHANGES].join(", ")).slice(0, 300);
}

const PAGES = {
  device: "dcim/devices", virtual_machine: "virtualization/virtual-machines",
  virtual_device_context: "dcim/virtual-device-contexts",
};

function netbox(host) {
  const found = /^([a-z_]+):(\d+)$/.exec(host[OBJECT]);
  const text = spoken(host[OBJECT].replace(":", " "));
  if (!found || !data.urls.netbox || !Object.hasOwn(PAGES, found[1])) return text;
  return link(`${data.urls.netbox}/${PAGES[found[1]]}/${found[2]}/`, text, `${text} in NetBox`);
}

function zabbix(host) {
  if (host[HOSTID] === null) return "";
  if (!data.urls.zabbix || !/^\d+$/.test(host[HOSTID])) return host[HOSTID];
  const address = `${data.urls.zabbix}/zabbix.php?action=latest.view&filter_set=1&hostids[]=${host[HOSTID]}`;
  return link(address, host[HOSTID], `host ${host[HOSTID]} in Zabbix`);
}

function inner(host) {
  const cell = make("td", {colSpan: 5});
  if (host[ERROR] !== null) cell.append(make("p", null, host[ERROR]));
  if (host[DETAILS].length) {
    const head = ["What", "Zabbix has", "NetBox and the policy want", "Why", "Wanted by"];
    // told by the jobs that look for differences alone
    const more = [APPLIED, SINCE].filter(column => host[DETAILS].some(detail => detail[column]));
    head.push(...more.map(column => column === APPLIED ? "Last applied" : "Known since"));
    cell.append(make("table", null,
      make("caption", {className: "unseen"}, `Differences of ${host[NAME]}`),
      make("thead", null, make("tr", null, ...head.map(text => make("th", {scope: "col"}, text)))),
      make("tbody", null, ...host[DETAILS].map(detail => difference(detail, more)))));
  } else if (host[CHANGES].length) {
    cell.append(make("p", null, host[CHANGES].join(", ")));
  }
  return make("tr", {className: "inner", id: `host-${numbers.get(host)}`}, cell);
}

function difference(detail, more) {
  const name = detail[ELEMENT] ? `${detail[ATTRIBUTE]}[${detail[ELEMENT]}]` : detail[ATTRIBUTE];
  const value = (tag, text) => text === null ? make("span", {className: "faint"}, "nothing") : make(tag, null, text);
  return make("tr", null,
    make("th", {scope: "row"}, name),
    make("td", null, value("del", detail[LIVE])),
    make("td", null, value("ins", detail[WANTED])),
    make("td", null, detail[WHY]),
    make("td", null, detail[ORIGIN]),
    ...more.map(column => make("td", null, detail[column] || "")));
}

// --- controls

let timer = 0;
$("search").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(filter, 120); });
$("attribute").addEventListener("change", filter);
$("before").addEventListener("click", () => { page -= 1; show(); });
$("after").addEventListener("click", () => { page += 1; show(); });
$("open-all").addEventListener("click", () => {
  const here = shown.slice(page * PAGE, (page + 1) * PAGE).filter(tells);
  const all = here.every(host => opened.has(host));
  for (const host of here) if (all) opened.delete(host); else opened.add(host);
  show();
});
for (const button of document.querySelectorAll("[data-sort]")) {
  button.addEventListener("click", () => {
    backwards = column === button.dataset.sort && !backwards;
    column = button.dataset.sort;
    for (const other of document.querySelectorAll("[data-sort]")) other.parentNode.removeAttribute("aria-sort");
    button.parentNode.setAttribute("aria-sort", backwards ? "descending" : "ascending");
    filter();
  });
}
document.addEventListener("keydown", event => {
  if (event.key === "/" && !/^(INPUT|SELECT)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    $("search").focus();
  }
});
data.hosts.sort(keys.status);
filter();
$("page").hidden = false;
})();
"""
