import type { Evaluation } from './evaluation.ts';
import { measureRows } from './measure-rows.ts';
import { reportStyle } from './report-style.ts';
import { type Grade, verdict } from './verdict.ts';

/** A picture of the report. */
export interface ReportFigure {
  readonly title: string;
  /** One or two sentences under it. */
  readonly caption: string;
  /** An SVG document, or a PNG file's bytes in base64. */
  readonly picture: { readonly svg: string } | { readonly pngBase64: string; readonly pixelated: boolean };
}

/** What the page shows besides the measures. */
export interface ReportContent {
  readonly title: string;
  readonly evaluation: Evaluation;
  readonly figures: readonly ReportFigure[];
  /** What the diagnosis said while the run trained, a sentence each. */
  readonly findings?: readonly string[];
  /** Everything that is needed to make the numbers again. */
  readonly settings: Readonly<Record<string, string>>;
}

const answers: Readonly<Record<Grade, string>> = { good: 'good', partly: 'in part', bad: 'bad' };

/**
 * The report of a run as one self-contained HTML file: verdict, pictures, every number with its protocol. No scripts, nothing
 * is loaded; it fits a phone's screen and prints.
 */
export function reportPage({ title, evaluation, figures, findings, settings }: ReportContent): string {
  const { subject, notices } = evaluation;
  const step = subject.step === undefined ? '' : `, step ${subject.step}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${reportStyle}</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
<p>${escaped(`${subject.samples} samples of ${subject.source}${step}, measured against ${subject.data}.`)}</p>
</header>
<main>
${notices.map((notice) => `<p class="notice">${escaped(notice)}</p>`).join('\n')}
<section aria-labelledby="verdict">
<h2 id="verdict">Did the generator learn the data?</h2>
<div class="verdict">
${verdict(evaluation)
  .map(
    ({ question, grade, text }) =>
      `<article class="${grade}"><h3>${escaped(question)} <span class="grade">${answers[grade]}</span></h3><p>${escaped(text)}</p></article>`,
  )
  .join('\n')}
</div>
</section>
${findings === undefined ? '' : findingsSection(findings)}
<section aria-labelledby="pictures">
<h2 id="pictures">Pictures</h2>
<div class="figures">
${figures.map(figure).join('\n')}
</div>
</section>
<section aria-labelledby="numbers">
<h2 id="numbers">Numbers</h2>
<p>Every number stands beside what it is to be compared with, and how it was measured.</p>
<table>
<thead><tr><th scope="col">measure</th><th scope="col">value</th><th scope="col">beside</th><th scope="col">protocol</th></tr></thead>
<tbody>
${measureRows(evaluation)
  .map(
    (row) =>
      `<tr><th scope="row">${escaped(row.title)}</th><td data-label="value">${escaped(signs(row.value))}</td><td data-label="beside">${escaped(signs(row.beside))}</td><td data-label="protocol">${escaped(row.protocol)}</td></tr>`,
  )
  .join('\n')}
</tbody>
</table>
</section>
<section aria-labelledby="settings">
<h2 id="settings">Settings</h2>
<dl>
${Object.entries(settings)
  .map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`)
  .join('\n')}
</dl>
</section>
</main>
</body>
</html>
`;
}

function findingsSection(findings: readonly string[]): string {
  const content =
    findings.length === 0
      ? '<p>Nothing: no saturation, no collapse, no oscillation, no plateau.</p>'
      : `<ul>${findings.map((finding) => `<li>${escaped(finding)}</li>`).join('')}</ul>`;
  return `<section aria-labelledby="diagnosis">
<h2 id="diagnosis">What the diagnosis saw while it trained</h2>
${content}
</section>`;
}

function figure({ title, caption, picture }: ReportFigure): string {
  const image =
    'svg' in picture
      ? labelled(picture.svg, title)
      : `<img${picture.pixelated ? ' class="pixels"' : ''} alt="${escaped(title)}" src="data:image/png;base64,${picture.pngBase64}">`;
  return `<figure>${image}<figcaption><strong>${escaped(title)}</strong> ${escaped(caption)}</figcaption></figure>`;
}

/** An SVG document as part of the page, named for screen readers. */
function labelled(svg: string, title: string): string {
  return svg
    .replace(/^<\?xml[^>]*\?>\s*/, '')
    .replace('<svg ', `<svg role="img" aria-label="${escaped(title)}" `);
}

/** Typographic signs, which terminals may lack. */
const signs = (text: string): string => text.replaceAll('+-', '±').replaceAll(' x ', ' × ');

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
