/**
 * The four ways in which zerosum refuses. A message reads
 * `<function>: <what must hold>, got <value> (<context>). <what to do>`: lower case start, real numbers.
 * The command line prints the message alone and exits with 2 for a `ConfigError`, with 1 for the others.
 */

/** A tensor's shape or dtype does not fit; thrown where the graph is built, before ONNX Runtime sees it. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** A setting, flag, preset or key is unknown or out of its range; the message names the key path and the value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** A file or data set is missing, truncated, corrupted or mislabelled; the message carries path and byte offset. */
export class DataError extends Error {
  override readonly name = 'DataError';
}

/** ONNX Runtime or a training step failed; `cause` holds the original error. */
export class ExecutionError extends Error {
  override readonly name = 'ExecutionError';
}
