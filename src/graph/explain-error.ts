import { ExecutionError } from '../errors.ts';
import type { Model } from './onnx/encode.ts';
import { formatType } from './print.ts';
import type { Dim } from './shapes.ts';
import type { Tensors } from './tensor.ts';
import type { Node } from './value.ts';

/**
 * What ONNX Runtime complains of, in the user's terms: the node's name, its operator with the types it was given, its
 * reason, and the line that built the node.
 *
 * ```
 * net/embed/Gather: Gather(float32 [3, 2], int64 [2]) must run, got "indices element out of data bounds, idx=9 must be
 * within the inclusive range [-3,2]" (built at /home/me/embed.ts:12:18)
 * ```
 *
 * @param error - ONNX Runtime's error, or one that has it as its `cause`
 * @param model - the model that was compiled or run
 * @param feeds - what it was run with: tells what a symbolic size was
 * @returns an error whose `cause` is `error`; without a known node in its message, what ONNX Runtime says is all there is
 */
export function explainExecutionError(error: unknown, model: Model, feeds: Tensors = {}): ExecutionError {
  const { sizes, conflicts } = symbolicSizes(model, feeds);
  const failed = findFailedNode(error, model);
  const expectation = failed
    ? `${failed.name}: ${describe(failed.node, sizes)} must run`
    : 'graph: ONNX Runtime must run it';
  const line = failed && builtAt(failed.node);
  const context = [...(line ? [`built at ${line}`] : []), ...conflicts].join('; ');
  return new ExecutionError(`${expectation}, got "${reason(error)}"${context ? ` (${context})` : ''}`, {
    cause: error,
  });
}

/** How ONNX Runtime names the node that failed: as it runs, infers types, picks kernels, and reads the model. */
const nodePatterns = [
  / node\. Name:'([^']+)'/g,
  /Node \(([^)]+)\) Op \(/g,
  / node with name '([^']+)'/g,
  /In Node, \("([^"]+)",/g,
];

/** An error's message and those of its causes, the outermost first. */
function messages(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [String(error)];
  return [error.message, ...(error.cause === undefined ? [] : messages(error.cause))];
}

function findFailedNode(error: unknown, { nodes }: Model): { name: string; node: Node } | undefined {
  for (const message of messages(error)) {
    for (const pattern of nodePatterns) {
      // A loop's failure encloses that of a node in its body: the last name is the innermost.
      const reported = [...message.matchAll(pattern)].at(-1)?.[1];
      const name = reported === undefined ? undefined : originalName(reported, nodes);
      if (name !== undefined) return { name, node: nodes.get(name)! };
    }
  }
  return undefined;
}

/** ONNX Runtime's optimiser calls what it made of a node `name/Fusion`: the longest name that fits is meant. */
function originalName(reported: string, nodes: Model['nodes']): string | undefined {
  const parts = reported.split('/');
  for (let count = parts.length; count > 0; count--) {
    const name = parts.slice(0, count).join('/');
    if (nodes.has(name)) return name;
  }
  return undefined;
}

/** Error codes of WebAssembly, and places in ONNX Runtime's sources with the condition that they check. */
const noise = /^.*ERROR_MESSAGE: |\/\S+\.(?:cc|cpp|h):\d+ (?:.* was (?:false|true)\. )?/gs;

/** The innermost reason on one line. */
function reason(error: unknown): string {
  const text = messages(error).at(-1)!.split('Status Message: ').at(-1)!;
  return text.replace(noise, '').replace(/\s+/g, ' ').trim();
}

/** What each symbolic size was in a run, and where two inputs disagree about it. */
function symbolicSizes(
  { inputs }: Model,
  feeds: Tensors,
): { sizes: ReadonlyMap<Dim, number>; conflicts: readonly string[] } {
  const first = new Map<Dim, { size: number; input: string }>();
  const conflicts: string[] = [];
  for (const { name, shape } of inputs) {
    for (const [axis, dim] of shape.entries()) {
      const size = feeds[name]?.shape[axis];
      if (typeof dim === 'number' || size === undefined) continue;
      const known = first.get(dim);
      if (!known) first.set(dim, { size, input: name });
      else if (known.size !== size) {
        conflicts.push(`${dim} is ${known.size} in ${known.input}, but ${size} in ${name}`);
      }
    }
  }
  // Where inputs disagree, no number would be right for all types.
  const sizes = conflicts.length > 0 ? [] : [...first].map(([dim, { size }]) => [dim, size] as const);
  return { sizes: new Map(sizes), conflicts };
}

function describe({ op, inputs }: Node, sizes: ReadonlyMap<Dim, number>): string {
  const types = inputs.map(({ dtype, shape }) =>
    formatType({ dtype, shape: shape.map((dim) => sizes.get(dim) ?? dim) }),
  );
  return `${op}(${types.join(', ')})`;
}

/** `file:line:column` of each frame of a stack, in the forms of V8 and of the other engines. */
function frames(stack: string | undefined): readonly string[] {
  return (stack ?? '').split('\n').flatMap((line) => {
    const place = /\((.+:\d+:\d+)\)$/.exec(line) ?? /(?:^\s*at |@)(?:async )?(.+:\d+:\d+)$/.exec(line);
    return place ? [place[1]!] : [];
  });
}

/**
 * The user's line: the first frame outside this package; where the whole stack lies inside, the first outside the engine.
 * Undefined where a bundler has made one file of everything.
 */
function builtAt({ origin }: Node): string | undefined {
  const [here] = frames(new Error().stack);
  const engine = here?.replace(/[^/\\]+$/, '');
  if (engine === undefined) return undefined;
  const library = engine.replace(/[^/\\]+[/\\]$/, '');
  const places = frames(origin.stack);
  return (
    places.find((place) => !place.startsWith(library)) ?? places.find((place) => !place.startsWith(engine))
  );
}
