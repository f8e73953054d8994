import { formatShape } from '../graph/shapes.ts';
import { elementCount } from '../graph/tensor.ts';
import type { ParameterShapes } from './layer.ts';
import type { Network } from './sequential.ts';

function count(shapes: ParameterShapes): number {
  return Object.values(shapes).reduce((sum, shape) => sum + elementCount(shape), 0);
}

/** Trained numbers of a network; 2,503,984 for the released MNIST generator. */
export function parameterCount(network: Network): number {
  return count(network.parameterShapes);
}

/**
 * A network as a table: a line each for the input, every layer with its output shape and number of parameters, and the
 * total. No colour, no line break at the end.
 *
 * ```text
 * generator  output  parameters
 * input      [100]
 * dense1     [1200]     121,200
 * relu1      [1200]           0
 * total                 121,200
 * ```
 */
export function summary(network: Network): string {
  const layers = network.layers.map(({ name, layer, inputShape, outputShape }) => [
    name,
    formatShape(outputShape),
    grouped(count(layer.parameterShapes(inputShape))),
  ]);
  const rows = [
    [network.name, 'output', 'parameters'],
    ['input', formatShape(network.inputShape), ''],
    ...layers,
    ['total', '', grouped(parameterCount(network))],
  ];
  const [nameWidth, shapeWidth, countWidth] = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => row[column]!.length)),
  );
  return rows
    .map(([name, shape, parameters]) =>
      `${name!.padEnd(nameWidth!)}  ${shape!.padEnd(shapeWidth!)}  ${parameters!.padStart(countWidth!)}`.trimEnd(),
    )
    .join('\n');
}

/** `2,503,984`, whatever the machine's locale. */
function grouped(number: number): string {
  return number.toLocaleString('en-US');
}
