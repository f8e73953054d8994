import type { JSX } from 'preact';
import type { RunDetail } from '../../src/server/api.ts';
import { ScrollingTable } from './scrolling-table.tsx';

/** What makes this run another than its preset, and everything that it was trained with. */
export function ConfigView({ detail }: { readonly detail: RunDetail }): JSX.Element {
  const { configDiff, config, versions, summary } = detail;
  return (
    <div class="config-view">
      <section>
        <h2>Other than in preset {summary.preset}</h2>
        {configDiff === undefined && <p class="quiet">This version has no preset {summary.preset}.</p>}
        {configDiff?.length === 0 && <p class="quiet">Nothing: every setting is the preset’s.</p>}
        {configDiff && configDiff.length > 0 && (
          <ScrollingTable name="Settings other than the preset’s">
            <table class="diff" data-testid="config-diff">
              <thead>
                <tr>
                  <th scope="col">Setting</th>
                  <th scope="col">Preset</th>
                  <th scope="col">This run</th>
                </tr>
              </thead>
              <tbody>
                {configDiff.map(({ path, preset, value }) => (
                  <tr key={path}>
                    <th scope="row">{path}</th>
                    <td class="was">{shown(preset)}</td>
                    <td class="is">{shown(value)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollingTable>
        )}
      </section>
      <section>
        <h2>All of it</h2>
        <ScrollingTable name="The whole config">
          <pre>{JSON.stringify(config, undefined, 2)}</pre>
        </ScrollingTable>
        <p class="quiet">
          Written by{' '}
          {Object.entries(versions)
            .map(([name, version]) => `${name} ${version}`)
            .join(', ')}
          .
        </p>
      </section>
    </div>
  );
}

const shown = (value: unknown): string =>
  value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value);
