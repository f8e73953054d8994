// jax-js's side of the benchmark: the whole iteration in one `jit`, on its WebAssembly backend.
// Plain JavaScript, since @jax-js/jax is installed in bench/ only and the root project must type-check without it.
import { readFileSync } from 'node:fs';
import { defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { Inputs, masks, networks } from './inputs.ts';
import { serve } from './protocol.ts';

await serve(async (options) => {
  await init('wasm');
  defaultDevice('wasm');
  const { version } = JSON.parse(
    readFileSync(new URL('./node_modules/@jax-js/jax/package.json', import.meta.url), 'utf8'),
  );
  const nets = networks(options);
  const run = options.mode === 'sample' ? sampler(nets, options) : trainer(nets, options);
  await run(1); // compiles
  return {
    ready: {
      engine: `jax-js ${version}`,
      threads: 1,
      parameters: nets.parameters,
      note: 'Wasm; one thread, since its worker pool starts in browsers only',
    },
    run,
  };
});

function sampler(nets, { batch }) {
  const inputs = new Inputs();
  const generator = parameters(inputs, nets.generator, 0.05);
  const forward = jit(samples);
  return async (iterations) => {
    for (let i = 0; i < iterations; i++) {
      const images = forward(tree.ref(generator), array(inputs.noise(batch), batch));
      await images.blockUntilReady();
      images.dispose();
    }
    return {};
  };
}

function trainer(nets, { batch, optimiser }) {
  const inputs = new Inputs();
  const layers = masks(nets);
  const update = optimiser === 'sgd' ? momentum : adam;
  const generator = parameters(inputs, nets.generator, 0.05);
  const discriminator = parameters(inputs, nets.discriminator, 0.005);
  let state = {
    generator,
    discriminator,
    momentsG: moments(generator, optimiser),
    momentsD: moments(discriminator, optimiser),
  };

  // jax-js counts references: every use of an array but its last one takes `.ref`.
  const step = jit(({ generator, discriminator, momentsG, momentsD }, feeds) => {
    const { real, noiseD, noiseG, masksD, masksG, correction } = feeds;
    const x = np.concatenate([real, samples(tree.ref(generator), noiseD)], 0);
    const [lossD, gradD] = valueAndGrad((d) => {
      const score = logits(d, x, masksD, nets);
      const signs = np.concatenate([np.full([batch, 1], -1), np.ones([batch, 1])], 0);
      return nn.softplus(score.mul(signs)).sum().div(batch);
    })(tree.ref(discriminator));
    const [newD, newMomentsD] = update(discriminator, gradD, momentsD, correction.ref);
    const [lossG, gradG] = valueAndGrad((g) => {
      const score = logits(tree.ref(newD), samples(g, noiseG), masksG, nets);
      return nn.softplus(score.neg()).mean();
    })(tree.ref(generator));
    const [newG, newMomentsG] = update(generator, gradG, momentsG, correction);
    const next = { generator: newG, discriminator: newD, momentsG: newMomentsG, momentsD: newMomentsD };
    return [next, lossD, lossG];
  });

  let count = 0;
  return async (iterations) => {
    let losses = {};
    for (let i = 0; i < iterations; i++) {
      count++;
      const masked = (rows) => layers.map((layer) => array(inputs.mask(rows, layer), rows));
      const [next, lossD, lossG] = step(state, {
        real: array(inputs.images(batch), batch),
        noiseD: array(inputs.noise(batch), batch),
        noiseG: array(inputs.noise(batch), batch),
        masksD: masked(2 * batch),
        masksG: masked(batch),
        correction: np.array(Math.sqrt(1 - 0.999 ** count) / (1 - 0.5 ** count)),
      });
      state = next;
      losses = { lossD: (await lossD.data())[0], lossG: (await lossG.data())[0] };
    }
    for (const leaf of tree.leaves(state)) await leaf.blockUntilReady();
    return losses;
  };
}

function samples([w1, b1, w2, b2, w3, b3], z) {
  const h1 = nn.relu(np.matmul(z, w1).add(b1));
  const h2 = nn.relu(np.matmul(h1, w2).add(b2));
  return nn.sigmoid(np.matmul(h2, w3).add(b3));
}

function logits([w1, b1, w2, b2, w3, b3], x, [m0, m1, m2], { units, pieces }) {
  const rows = x.shape[0];
  const maxout = (y) => y.reshape([rows, units, pieces]).max(-1);
  const h1 = maxout(np.matmul(x.mul(m0), w1).add(b1));
  const h2 = maxout(np.matmul(h1.mul(m1), w2).add(b2));
  return np.matmul(h2.mul(m2), w3).add(b3);
}

function momentum(params, grads, [velocities], correction) {
  correction.dispose();
  const next = velocities.map((v, i) => v.mul(0.5).sub(grads[i].mul(0.1)));
  return [params.map((p, i) => p.add(next[i].ref)), [next]];
}

function adam(params, grads, [first, second], correction) {
  const m = first.map((m, i) => m.mul(0.5).add(grads[i].ref.mul(0.5)));
  const v = second.map((v, i) => v.mul(0.999).add(np.square(grads[i]).mul(0.001)));
  const rate = correction.mul(2e-4);
  const next = params.map((p, i) => p.sub(m[i].ref.mul(rate.ref).div(np.sqrt(v[i].ref).add(1e-8))));
  rate.dispose();
  return [next, [m, v]];
}

function moments(params, optimiser) {
  const zeros = () => params.map((p) => np.zeros(p.shape));
  return optimiser === 'sgd' ? [zeros()] : [zeros(), zeros()];
}

function parameters(inputs, shapes, bound) {
  return shapes.flatMap(([rows, columns]) => [
    np.array(inputs.uniform(rows * columns, bound)).reshape([rows, columns]),
    np.zeros([columns]),
  ]);
}

function array(data, rows) {
  return np.array(data).reshape([rows, data.length / rows]);
}
