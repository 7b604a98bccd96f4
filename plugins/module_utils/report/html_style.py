# Copyright: (c) 2026, the netops.netbox_zabbix contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The style sheet of the HTML report. Modules carry Python files only, so it is a text in one."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1b1f24; --faint: #57606a; --line: #d0d7de; --raised: #f6f8fa; --link: #0550ae;
  --good: #1a7f37; --changed: #0969da; --warning: #9a6700; --bad: #cf222e; --quiet: #6e7781;
  --added: #dafbe1; --removed: #ffebe9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0d1117; --ink: #e6edf3; --faint: #9198a1; --line: #3d444d; --raised: #161b22; --link: #79c0ff;
    --good: #3fb950; --changed: #58a6ff; --warning: #d29922; --bad: #ff7b72; --quiet: #9198a1;
    --added: #12361f; --removed: #4b1a1c;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 90rem; padding: 1rem 1.5rem 3rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
a { color: var(--link); }
p { margin: .25rem 0; }
.faint { color: var(--faint); }
.skip { position: absolute; left: -999rem; }
.skip:focus { position: static; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 1px; }
.problem { border-left: 4px solid var(--bad); background: var(--raised); padding: .5rem 1rem; margin: .75rem 0;
  white-space: pre-wrap; overflow-wrap: anywhere; }
.note { border-left-color: var(--warning); }
.bar { display: flex; height: 1rem; gap: 2px; margin: .75rem 0; border-radius: 4px; overflow: hidden; }
.bar span { min-width: 3px; }
.good { --tone: var(--good); } .changed { --tone: var(--changed); } .warning { --tone: var(--warning); }
.bad { --tone: var(--bad); } .quiet { --tone: var(--quiet); }
.bar span { background: var(--tone); }
.chips { display: flex; flex-wrap: wrap; gap: .5rem; padding: 0; margin: .5rem 0; list-style: none; }
button, input, select { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line);
  border-radius: 6px; padding: .3rem .7rem; }
button { cursor: pointer; }
button:disabled { color: var(--faint); cursor: default; }
.chips li { align-self: center; }
.chips button { border-color: var(--tone); }
.chips button[aria-pressed="true"] { background: var(--tone); color: var(--paper); }
.chips b { font-variant-numeric: tabular-nums; }
.controls { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: 1rem 0 .5rem; }
.controls label { display: block; font-size: .85rem; color: var(--faint); }
.controls input { width: min(28rem, 80vw); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; }
th { font-weight: 600; }
th button { border: 0; padding: 0; background: none; font-weight: 600; }
#hosts > thead th { position: sticky; top: 0; background: var(--paper); }
.open { border: 0; background: none; padding: 0; text-align: left; color: var(--link); overflow-wrap: anywhere; }
.open::before { content: "\\25B8\\00A0"; }
.open[aria-expanded="true"]::before { content: "\\25BE\\00A0"; }
.word { color: var(--tone); font-weight: 600; white-space: nowrap; }
.inner > td { background: var(--raised); padding: .5rem 1rem 1rem; }
.inner table { background: var(--paper); margin-top: .5rem; }
.inner p { white-space: pre-wrap; overflow-wrap: anywhere; }
ins, del { text-decoration: none; white-space: pre-wrap; padding: 0 .25rem; border-radius: 3px; }
ins { background: var(--added); } ins::before { content: "+ "; }
del { background: var(--removed); } del::before { content: "\\2212\\00A0"; }
.pages { display: flex; gap: .75rem; align-items: center; margin: .75rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0; }
dt { color: var(--faint); } dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
@media print { .controls, .pages, .skip { display: none; } }
"""
