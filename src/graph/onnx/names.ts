import { ShapeError } from '../../errors.ts';
import { isFrom, type Node, type Value } from '../value.ts';

/**
 * Gives every node and value of one model its ONNX name. A node is called after its scope and operator
 * (`generator/dense1/Gemm`), repeated names count up (`_2`), inputs, outputs and weights keep the names they were given.
 */
export class Names {
  readonly #taken = new Set<string>();
  readonly #nodes = new Map<Node, string>();
  readonly #values = new Map<Value, string>();

  /** A name that nothing else has: `stem`, or `stem_2`, `stem_3`, ... */
  fresh(stem: string): string {
    let name = stem;
    for (let i = 2; this.#taken.has(name); i++) name = `${stem}_${i}`;
    this.#taken.add(name);
    return name;
  }

  /** Names a graph input or output exactly as the user did. @throws ShapeError where the name is taken */
  claim(value: Value, name: string): void {
    if (this.#taken.has(name)) {
      throw new ShapeError(`encodeModel: names of inputs and outputs must be unique, got ${name} twice`);
    }
    this.#taken.add(name);
    this.#values.set(value, name);
  }

  /** Names a value as near to `stem` as is free. */
  suggest(value: Value, stem: string): void {
    this.#values.set(value, this.fresh(stem));
  }

  has(value: Value): boolean {
    return this.#values.has(value);
  }

  node(node: Node): string {
    let name = this.#nodes.get(node);
    if (name === undefined) {
      name = this.fresh(node.scope ? `${node.scope}/${node.op}` : node.op);
      this.#nodes.set(node, name);
    }
    return name;
  }

  value(value: Value): string {
    if (!this.#values.has(value)) {
      const isNamed = isFrom(value, 'Input') || isFrom(value, 'Constant');
      const given = isNamed ? value.node.attributes.name : undefined;
      this.suggest(value, given ?? `${this.node(value.node)}:${value.output}`);
    }
    return this.#values.get(value)!;
  }
}
