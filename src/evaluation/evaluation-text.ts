import pc from 'picocolors';
import type { Evaluation } from './evaluation.ts';
import { measureRows } from './measure-rows.ts';
import { type Grade, verdict } from './verdict.ts';

const colours: Readonly<Record<Grade, (text: string) => string>> = {
  good: pc.green,
  partly: pc.yellow,
  bad: pc.red,
};

/** An evaluation as text for a terminal: the verdict first, then every number with what it is compared with and how it was measured. */
export function evaluationText(evaluation: Evaluation): string {
  const { subject, notices } = evaluation;
  const head = `${subject.samples} samples of ${subject.source}${subject.step === undefined ? '' : `, step ${subject.step}`}, against ${subject.data}`;
  const answers = verdict(evaluation).flatMap(({ question, grade, text }) => [
    `${colours[grade]('●')} ${pc.bold(question)}`,
    ...wrapped(text, 96).map((line) => `  ${line}`),
  ]);
  const rows = measureRows(evaluation);
  const titleWidth = Math.max(...rows.map(({ title }) => title.length));
  const valueWidth = Math.max(...rows.map(({ value }) => value.length));
  const table = rows.flatMap(({ title, value, beside, protocol }) => [
    `${title.padEnd(titleWidth)}  ${pc.bold(value.padEnd(valueWidth))}  ${beside}`.trimEnd(),
    ...(protocol === '' ? [] : wrapped(protocol, 96)).map((line) => pc.dim(`${' '.repeat(4)}${line}`)),
  ]);
  const warnings = notices.map((notice) => pc.yellow(`note: ${notice}`));
  return `${[pc.bold(head), '', ...warnings, ...answers, '', ...table].join('\n')}\n`;
}

/** Words in lines of at most `width` letters. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
