import { type Signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { ConfigField } from './config-field.ts';
import { ConfigFieldRow } from './field-row.tsx';

/** Every setting of the config behind a disclosure, with a search. */
export function OtherSettings({
  fields,
  changes,
  wrong,
}: {
  readonly fields: readonly ConfigField[];
  /** What was typed, by path. */
  readonly changes: Signal<Readonly<Record<string, string>>>;
  readonly wrong: { readonly path: string; readonly sentence: string } | undefined;
}): JSX.Element {
  const search = useSignal('');
  const isOpen = useSignal(false);
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = fields.filter(({ path, description }) =>
    words.every((word) => `${path} ${description}`.toLowerCase().includes(word)),
  );
  const changed = Object.keys(changes.value).length;
  const take = (path: string, text: string | undefined): void => {
    const { [path]: _, ...rest } = changes.value;
    changes.value = text === undefined ? rest : { ...rest, [path]: text };
  };
  const hasError = fields.some(({ path }) => path === wrong?.path);
  return (
    <details
      class="other-settings"
      open={isOpen.value || hasError}
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary data-testid="other-settings">
        All other settings <span class="quiet">{changed > 0 ? `${changed} changed` : fields.length}</span>
      </summary>
      {(isOpen.value || hasError) && (
        <>
          <label class="field is-search">
            <span class="visually-hidden">Search the settings</span>
            <input
              type="search"
              placeholder="Search: learning rate, penalty, layers"
              value={search.value}
              data-testid="search-settings"
              onInput={({ currentTarget }) => {
                search.value = currentTarget.value;
              }}
            />
          </label>
          {[...new Set(found.map(({ group }) => group))].map((group) => (
            <section key={group} class="settings-group">
              <h2>{group}</h2>
              <div class="settings">
                {found
                  .filter((field) => field.group === group)
                  .map((field) => (
                    <ConfigFieldRow
                      key={field.path}
                      field={field}
                      text={changes.value[field.path]}
                      error={wrong?.path === field.path ? wrong.sentence : undefined}
                      onText={(text) => take(field.path, text)}
                    />
                  ))}
              </div>
            </section>
          ))}
          {found.length === 0 && <p class="empty">No setting matches.</p>}
        </>
      )}
    </details>
  );
}
