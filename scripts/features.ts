/** Writes docs/features.md: what the engine can do, from the tables themselves. Run: npx tsx scripts/features.ts */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type OpType, operators } from '../src/graph/operators.ts';
import { vjps } from '../src/graph/vjps.ts';
import { type GradientCheck, gradcheck } from '../test/gradcheck.ts';
import { type Samples, samples } from '../test/shape-samples.ts';

/** Where the function is not called as its operator. */
const functions: { readonly [K in OpType]?: string } = {
  MatMul: 'matmul',
  ReduceSum: 'sum',
  ReduceMean: 'mean',
  ReduceMax: 'maxOver',
  ScatterElements: 'scatterAdd',
};

/** The public function that makes an operator's node: `leakyRelu` for `LeakyRelu`. */
export function functionOf(op: OpType): string {
  return functions[op] ?? op.charAt(0).toLowerCase() + op.slice(1);
}

function gradient(op: OpType): string {
  if (op === 'Input' || op === 'Constant') return 'a leaf';
  if (op === 'Loop') return 'throws: take it inside the body';
  if (op === 'StopGradient') return 'stops here';
  return vjps[op] ? 'yes' : '0: piecewise constant';
}

function checkedBy(check: GradientCheck): string {
  switch (check.by) {
    case 'differences':
      return `differences, ${check.cases.length} cases`;
    case 'zeros':
    case 'design':
      return `zeros, ${check.cases.length} cases`;
    case 'pytorch':
      return `PyTorch: ${check.why}`;
    case 'exempt':
      return '';
  }
}

/** Columns padded to their longest cell, as Biome lays out Markdown. */
function table([head, ...rows]: readonly (readonly string[])[]): string {
  const widths = head!.map((_, column) => Math.max(...[head!, ...rows].map((row) => row[column]!.length)));
  const rule = widths.map((width) => '-'.repeat(width));
  return [head!, rule, ...rows]
    .map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`)
    .join('\n');
}

/** The text of docs/features.md. */
export function featuresPage(): string {
  const rows = (Object.keys(operators) as OpType[]).map((op) => {
    const { dtypes } = (samples as Readonly<Record<string, Samples | undefined>>)[op] ?? { dtypes: ['any'] };
    const types = dtypes.length === 6 ? 'any' : dtypes.join(' ');
    return [op, `\`${functionOf(op)}\``, types, gradient(op), checkedBy(gradcheck[op])];
  });
  const head = ['ONNX operator', 'function', 'element types', 'gradient', 'gradient checked by'];
  return `# Operators

This page is made by \`scripts/features.ts\` from the table of operators and from the tables that their tests run.

Gradients are checked in both orders: the gradient, and the gradient of the gradient. "Differences" means against central
differences of float64, computed by ONNX Runtime, over shapes of rank 0 to 4 and every way of broadcasting; "zeros" means
to the last bit; "PyTorch" in float32 against its float64 numbers. Shapes and element types are checked against ONNX
Runtime for random operands; an element type that is not listed is refused where the graph is built.

${table([head, ...rows])}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../docs/features.md', import.meta.url), featuresPage());
}
