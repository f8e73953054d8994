import type { JSX } from 'preact';
import type { RunDetail, RunFile } from '../../src/server/api.ts';
import { formatBytes } from './number-format.ts';

const explanations: readonly (readonly [RegExp, string])[] = [
  [/^generator\.onnx$/, 'the generator, for any ONNX runtime'],
  [/^report\.html$/, 'what zerosum evaluate found'],
  [/^evaluation\.json$/, 'the same as data'],
  [/^evaluations\.jsonl$/, 'measures along the training'],
  [/^progress\.gif$/, 'the sheets one after the other'],
  [/^config\.json$/, 'everything resolved; --config takes it'],
  [/^metrics\.jsonl$/, 'one line a logged step'],
  [/^timing\.jsonl$/, 'seconds of each stretch of steps'],
];

/** Every file of a run to take away. */
export function FilesView({ detail: { files } }: { readonly detail: RunDetail }): JSX.Element {
  const single = files.filter(({ path }) => !path.includes('/'));
  const folders = [...new Set(files.filter(({ path }) => path.includes('/')).map(folderOf))];
  return (
    <div class="files-view" data-testid="files">
      <FileTable files={single} />
      {folders.map((folder) => {
        const inside = files.filter((file) => folderOf(file) === folder);
        return (
          <details key={folder}>
            <summary>
              {folder}/{' '}
              <span class="quiet">
                {inside.length} files, {formatBytes(sizeOf(inside))}
              </span>
            </summary>
            <FileTable files={inside} />
          </details>
        );
      })}
    </div>
  );
}

const folderOf = ({ path }: RunFile): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const sizeOf = (files: readonly RunFile[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0);

function FileTable({ files }: { readonly files: readonly RunFile[] }): JSX.Element {
  return (
    <ul class="files">
      {files.map(({ path, bytes, url }) => (
        <li key={path}>
          <a href={url} download={path.split('/').at(-1)}>
            {path.split('/').at(-1)}
          </a>
          <span class="quiet">{explanations.find(([pattern]) => pattern.test(path))?.[1]}</span>
          <span class="quiet size">{formatBytes(bytes)}</span>
        </li>
      ))}
    </ul>
  );
}
