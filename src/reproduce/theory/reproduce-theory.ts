import type { Session } from '../../runtime/session.ts';
import { makeFolder, writeFigures } from '../disk/figure-files.ts';
import type { Statement } from '../statement.ts';
import { counterExample } from './counter-example.ts';
import { theoremOne } from './criterion.ts';
import { propositionTwo } from './descent.ts';
import { diracGan } from './dirac.ts';
import { divergenceFits } from './fits.ts';
import { innerLoop } from './inner-loop.ts';
import { propositionOne } from './optimal-discriminator.ts';
import { saturation } from './winning-discriminator.ts';

/** A statement that was checked, and how long that took. */
export interface CheckedStatement extends Statement {
  readonly passed: boolean;
  readonly seconds: number;
}

/** Every statement of the theory, with what was computed for it. */
export interface TheoryReport {
  readonly statements: readonly CheckedStatement[];
  /** Whether all hold. */
  readonly passed: boolean;
  readonly seconds: number;
}

/** In the order of the paper, then what came after it. */
const statements: readonly ((session: Session) => Statement | Promise<Statement>)[] = [
  propositionOne,
  theoremOne,
  propositionTwo,
  counterExample,
  innerLoop,
  divergenceFits,
  saturation,
  diracGan,
];

/** What checking the theory needs. */
export interface CheckTheoryOptions {
  /** Where the discriminators are trained; its state is replaced. One thread is fastest: the networks are small. */
  readonly session: Session;
  /** Told after every statement. Default: nobody is. */
  readonly log?: (statement: CheckedStatement) => void;
}

/**
 * Computes every statement of the theory: about a minute. Seeds are fixed; only the trained ones depend on the device, in the
 * last digits.
 *
 * @throws ExecutionError where the device fails
 */
export async function checkTheory({ session, log = () => {} }: CheckTheoryOptions): Promise<TheoryReport> {
  const start = performance.now();
  const checked: CheckedStatement[] = [];
  for (const statement of statements) {
    const begun = performance.now();
    const result = await statement(session);
    const passed = result.checks.every((check) => check.passed);
    checked.push({ ...result, passed, seconds: (performance.now() - begun) / 1000 });
    log(checked.at(-1)!);
  }
  return {
    statements: checked,
    passed: checked.every(({ passed }) => passed),
    seconds: (performance.now() - start) / 1000,
  };
}

/** What `reproduceTheory` needs besides. */
export interface ReproduceTheoryOptions extends CheckTheoryOptions {
  /** Folder of the figures, made where it is missing. */
  readonly out: string;
}

/**
 * Computes every statement of the theory and writes its figures into a folder, as SVG and PNG.
 *
 * @returns the report, and the paths that were written
 * @throws DataError where the folder cannot be written, ExecutionError where the device fails
 */
export async function reproduceTheory({
  out,
  ...options
}: ReproduceTheoryOptions): Promise<TheoryReport & { readonly files: readonly string[] }> {
  await makeFolder('reproduceTheory', out);
  const report = await checkTheory(options);
  const figures = report.statements.flatMap((statement) => statement.figures);
  return { ...report, files: await writeFigures('reproduceTheory', out, figures) };
}
