import type { JSX } from 'preact';
import type { Evaluation } from '../../src/evaluation/evaluation.ts';
import { measureRows } from '../../src/evaluation/measure-rows.ts';
import { verdict } from '../../src/evaluation/verdict.ts';
import type { RunDetail } from '../../src/server/api.ts';
import { evaluateCommand } from './new-run/command-line.ts';
import { CopyableCommand } from './new-run/copyable-command.tsx';
import { useRunArgument } from './new-run/run-form.ts';
import { formatCount } from './number-format.ts';
import { ScrollingTable } from './scrolling-table.tsx';

/** What `zerosum evaluate` found: its verdict, every number, and the whole report. */
export function EvaluationView({ detail }: { readonly detail: RunDetail }): JSX.Element {
  const { evaluation, hasReport, files, summary } = detail;
  const report = hasReport ? files.find(({ path }) => path === 'report.html') : undefined;
  const run = useRunArgument(summary.id);
  const command = run === undefined ? null : <CopyableCommand command={evaluateCommand(run)} />;
  if (!evaluation)
    return (
      <div class="evaluation-view" data-testid="evaluation">
        <p>
          Nobody has evaluated this run yet. The measures answer whether the samples look like the data, what
          they miss and whether they are copies; the classifier that some of them need is trained once.
        </p>
        {command}
      </div>
    );
  const found = evaluation as unknown as Evaluation;
  return (
    <div class="evaluation-view" data-testid="evaluation">
      <p class="quiet">
        {formatCount(found.subject.samples)} samples
        {found.subject.step !== undefined && ` of step ${formatCount(found.subject.step)}`}, against{' '}
        {found.subject.data}.{' '}
        {report && (
          <a href={report.url} target="_blank" rel="noreferrer">
            The whole report, with figures
          </a>
        )}
      </p>
      <div class="answers">
        {verdict(found).map(({ question, grade, text }) => (
          <section key={question} class={`answer is-${grade}`}>
            <h3>{question}</h3>
            <p>{text}</p>
          </section>
        ))}
      </div>
      {found.notices.map((notice) => (
        <p key={notice} class="trouble">
          {notice}
        </p>
      ))}
      <ScrollingTable name="Measures">
        <table class="measure-table">
          <thead>
            <tr>
              <th scope="col">Measure</th>
              <th scope="col">Value</th>
              <th scope="col">Beside it</th>
              <th scope="col">How it was measured</th>
            </tr>
          </thead>
          <tbody>
            {measureRows(found).map(({ title, value, beside, protocol }) => (
              <tr key={title}>
                <th scope="row">{title}</th>
                <td>{value}</td>
                <td>{beside}</td>
                <td class="quiet">{protocol}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollingTable>
      {command}
    </div>
  );
}
