/** The style sheet of a report: one column on a phone, wide tables as cards there, dark where the reader's system is, plain on paper. */
export const reportStyle = `
:root { color-scheme: light dark; --ground: #fff; --text: #1c1e21; --quiet: #5b6168; --line: #d9dde1; --card: #f6f7f8;
  --good: #1a7f37; --partly: #9a6700; --bad: #cf222e; }
@media (prefers-color-scheme: dark) { :root { --ground: #15181b; --text: #e8eaed; --quiet: #a2a9b1; --line: #363c42;
  --card: #1e2226; --good: #56d364; --partly: #e3b341; --bad: #ff7b72; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: .5rem 0; line-height: 1.2; }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: .4rem 0; }
header p, figcaption, table td[data-label=protocol], dt { color: var(--quiet); }
.notice { border-left: .3rem solid var(--partly); padding-left: .7rem; }
.verdict { display: grid; gap: .8rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); }
.verdict article { background: var(--card); border-left: .4rem solid var(--mark); border-radius: .3rem; padding: .8rem 1rem; }
.good { --mark: var(--good); } .partly { --mark: var(--partly); } .bad { --mark: var(--bad); }
.grade { color: var(--mark); text-transform: uppercase; font-size: .75rem; letter-spacing: .05em; margin-left: .4rem; }
.figures { display: grid; gap: 1.2rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); align-items: start; }
figure { margin: 0; }
figure img, figure svg { display: block; width: 100%; height: auto; background: #fff; border-radius: .3rem; }
.pixels { image-rendering: pixelated; }
figcaption { font-size: .85rem; margin-top: .4rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem .6rem; border-bottom: 1px solid var(--line); }
td[data-label=value] { font-variant-numeric: tabular-nums; font-weight: 600; }
td[data-label=protocol] { font-size: .8rem; width: 40%; }
dl { display: grid; gap: .2rem 1.5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); margin: 0; font-size: .85rem; }
dl div { border-bottom: 1px solid var(--line); padding: .2rem 0; }
dt, dd { display: inline; margin: 0; } dt::after { content: ": "; }
@media (max-width: 44rem) {
  thead { position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }
  table, tbody, tr, th, td { display: block; width: auto; }
  tr { border-bottom: 1px solid var(--line); padding: .5rem 0; }
  th, td, td[data-label=protocol] { border: 0; padding: .1rem 0; width: auto; }
  td:empty { display: none; }
}
@media print {
  :root { --ground: #fff; --text: #000; --quiet: #444; --line: #ccc; --card: #fff; --good: #060; --partly: #840; --bad: #a00; }
  body { font-size: 9.5pt; padding: 0; max-width: none; }
  figure, article, tr { break-inside: avoid; }
  .verdict article { border: 1px solid var(--line); border-left: .4rem solid var(--mark); }
}
`;
