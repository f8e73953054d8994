import { ExecutionError } from '../errors.ts';

/** How ONNX Runtime names the node that failed: at run time, in type inference, and while it reads the model. */
const nodePatterns = [/ node\. Name:'([^']+)'/g, /Node \(([^)]+)\) Op \(/g, /In Node, \("([^"]+)",/g];

/**
 * The name of the node that an error of ONNX Runtime speaks of, which leads back to the line that built it; undefined
 * where it names none, as in WebAssembly's errors about a model. In a loop it is the node of the body.
 *
 * @param error - ONNX Runtime's error, or an ExecutionError with such a `cause`
 */
export function failedNode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  for (const pattern of nodePatterns) {
    // A loop's failure encloses that of a node in its body: the last name is the innermost.
    const name = [...error.message.matchAll(pattern)].at(-1)?.[1];
    if (name !== undefined) return name;
  }
  return failedNode(error.cause);
}

/** Error codes, and places in ONNX Runtime's sources, which tell its users nothing; the `cause` keeps them. */
const noise = /^.*ERROR_MESSAGE: |\/\S+\.(?:cc|cpp|h):\d+ (?:.*? was false\. )?/g;

/**
 * ONNX Runtime's plain Error as an ExecutionError with the original as its `cause`.
 *
 * @param expectation - the function and what must hold, `run: program chunk must run to its end`
 */
export function executionError(expectation: string, error: unknown, advice?: string): ExecutionError {
  const message = error instanceof Error ? error.message : String(error);
  const got = message.replace(noise, '').trim();
  return new ExecutionError(`${expectation}, got "${got}"${advice ? `. ${advice}` : ''}`, { cause: error });
}
