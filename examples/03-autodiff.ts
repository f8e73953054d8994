// The engine alone: build a graph, differentiate it twice, read it, run it. Run: npx tsx examples/03-autodiff.ts
import { graph, openSession, type Values } from 'zerosum';

// Values are typed; a wrong shape throws here, with real numbers.
const x = graph.input('x', 'float32', [3]);
const y = graph.sum(graph.mul(graph.square(x), graph.exp(x)));

// grad gives values of the same graph, so it applies to its own result: here the Hessian times a vector of ones.
const [slope] = graph.grad(y, [x]);
const [curvature] = graph.grad(graph.sum(slope!), [x]);
const outputs: Values = { y, slope: slope!, curvature: curvature! };

// What the derivatives are made of, before and after simplification.
const count = (values: Values) => graph.printGraph(values).split('\n').length;
const simple = graph.simplify(outputs);
console.log(graph.printGraph(simple));
console.log(`${count(outputs)} lines before simplification, ${count(simple)} after\n`);

// An ONNX file like any other: Netron shows it, every runtime runs it.
const { bytes } = graph.encodeModel({ name: 'derivatives', outputs: simple });
const session = await openSession();
await session.compile({ name: 'derivatives', model: bytes, carried: [] });
const at = Float32Array.of(0, 1, 2);
const results = await session.run('derivatives', { x: { dtype: 'float32', shape: [3], data: at } });
await session.release();

// By hand: d/dx x^2 e^x = (x^2 + 2x) e^x, and once more (x^2 + 4x + 2) e^x.
for (const [name, { data }] of Object.entries(results)) console.log(`${name.padEnd(9)} ${data.join('  ')}`);
