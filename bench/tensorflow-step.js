// TensorFlow.js's side of the benchmark, on its WebAssembly backend in Node.
// Plain JavaScript, since @tensorflow/* is installed in bench/ only and the root project must type-check without it.
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { Inputs, masks, networks } from './inputs.ts';
import { serve } from './protocol.ts';

// TensorFlow.js differentiates `matMul` into products of transposed operands, whose wasm kernel is 18 x slower than
// the plain one. So transpose first, and compute only the gradients that are asked for: 2 x faster in all.
const dX = (dy, w) => tf.matMul(dy, w.transpose());
const dW = (x, dy) => tf.matMul(x.transpose(), dy);
const products = {
  both: tf.customGrad((x, w, save) => {
    save([x, w]);
    return { value: tf.matMul(x, w), gradFunc: (dy, [x, w]) => [dX(dy, w), dW(x, dy)] };
  }),
  dX: (x, w) =>
    tf.customGrad((x, save) => {
      save([w]);
      return { value: tf.matMul(x, w), gradFunc: (dy, [w]) => [dX(dy, w)] };
    })(x),
  dW: (x, w) =>
    tf.customGrad((w, save) => {
      save([x]);
      return { value: tf.matMul(x, w), gradFunc: (dy, [x]) => [dW(x, dy)] };
    })(w),
};

await serve(async (options) => {
  tf.env().set('PROD', true); // skips the check of every result for NaN
  if (!(await tf.setBackend('wasm'))) throw new Error('TensorFlow.js could not start its wasm backend');
  const nets = networks(options);
  const run = options.mode === 'sample' ? sampler(nets, options) : trainer(nets, options);
  await run(1);
  return {
    ready: {
      engine: `TensorFlow.js ${tf.version['tfjs-core']}`,
      threads: 1,
      parameters: nets.parameters,
      note: 'Wasm with SIMD; one thread, all that it offers in Node',
    },
    run,
  };
});

function sampler(nets, { batch }) {
  const inputs = new Inputs();
  const generator = variables(inputs, nets.generator, 0.05);
  return async (iterations) => {
    for (let i = 0; i < iterations; i++) {
      const images = tf.tidy(() => samples(generator, array(inputs.noise(batch), batch)));
      await images.data();
      images.dispose();
    }
    return {};
  };
}

function trainer(nets, { batch, optimiser }) {
  const inputs = new Inputs();
  const layers = masks(nets);
  const generator = variables(inputs, nets.generator, 0.05);
  const discriminator = variables(inputs, nets.discriminator, 0.005);
  const make = () =>
    optimiser === 'sgd' ? tf.train.momentum(0.1, 0.5) : tf.train.adam(2e-4, 0.5, 0.999, 1e-8);
  const [optimiserD, optimiserG] = [make(), make()];
  const signs = tf.concat([tf.fill([batch, 1], -1), tf.ones([batch, 1])]);

  // Only the listed variables take gradients, so D is frozen in G's step.
  function update(optimiser, loss, variables) {
    const { value, grads } = tf.variableGrads(loss, variables);
    optimiser.applyGradients(grads);
    tf.dispose(grads);
    return value;
  }

  function step() {
    const masked = (rows) => layers.map((layer) => array(inputs.mask(rows, layer), rows));
    const lossD = tf.tidy(() => {
      const fake = samples(generator, array(inputs.noise(batch), batch));
      const x = tf.concat([array(inputs.images(batch), batch), fake]);
      const dropped = masked(2 * batch);
      const score = () =>
        logits(discriminator, x, dropped, nets, [products.dW, products.both, products.both]);
      const loss = () => tf.softplus(score().mul(signs)).sum().div(batch);
      return update(optimiserD, loss, discriminator);
    });
    const lossG = tf.tidy(() => {
      const z = array(inputs.noise(batch), batch);
      const dropped = masked(batch);
      const score = () =>
        logits(discriminator, samples(generator, z), dropped, nets, [products.dX, products.dX, products.dX]);
      const loss = () => tf.softplus(score().neg()).mean();
      return update(optimiserG, loss, generator);
    });
    return { lossD, lossG };
  }

  return async (iterations) => {
    let losses = {};
    for (let i = 0; i < iterations; i++) {
      const { lossD, lossG } = step();
      losses = { lossD: (await lossD.data())[0], lossG: (await lossG.data())[0] };
      tf.dispose([lossD, lossG]);
    }
    return losses;
  };
}

function samples([w1, b1, w2, b2, w3, b3], z) {
  const h1 = tf.relu(products.dW(z, w1).add(b1));
  const h2 = tf.relu(products.both(h1, w2).add(b2));
  return tf.sigmoid(products.both(h2, w3).add(b3));
}

function logits(
  [w1, b1, w2, b2, w3, b3],
  x,
  [m0, m1, m2],
  { units, pieces },
  [product1, product2, product3],
) {
  const maxout = (y) => y.reshape([-1, units, pieces]).max(-1);
  const h1 = maxout(product1(x.mul(m0), w1).add(b1));
  const h2 = maxout(product2(h1.mul(m1), w2).add(b2));
  return product3(h2.mul(m2), w3).add(b3);
}

function variables(inputs, shapes, bound) {
  return shapes.flatMap(([rows, columns]) => [
    tf.variable(tf.tensor2d(inputs.uniform(rows * columns, bound), [rows, columns])),
    tf.variable(tf.zeros([columns])),
  ]);
}

function array(data, rows) {
  return tf.tensor2d(data, [rows, data.length / rows]);
}
