import { afterEach, describe, expect, it } from 'vitest';
import { decodeModel } from '../../test/decode-model.ts';
import { LocalSession } from '../runtime/local-session.ts';
import { openNodeExecutor } from '../runtime/node.ts';
import { LabPlayer } from './lab-player.ts';
import type { LabFrame, LabReply, LabRequest } from './lab-protocol.ts';
import { defaultLabState, type LabDataKind, type LabState } from './lab-state.ts';

/** A player and what it said. */
class Page {
  readonly replies: LabReply[] = [];
  readonly #player: LabPlayer;
  #heard: (() => void)[] = [];

  constructor() {
    this.#player = new LabPlayer({
      openSession: async () => new LocalSession(await openNodeExecutor({ device: 'wasm' })),
      send: (reply) => {
        this.replies.push(structuredClone(reply));
        for (const wake of this.#heard.splice(0)) wake();
      },
      yieldToPage: () => new Promise((resolve) => setImmediate(resolve)),
      notices: ['one thread'],
    });
    pages.push(this);
  }

  send(...requests: LabRequest[]): void {
    for (const request of requests) this.#player.handle(request);
  }

  /** The next reply of a type, from now on. */
  async next<Type extends LabReply['type']>(
    type: Type,
    holds: (reply: Extract<LabReply, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<LabReply, { type: Type }>> {
    for (let at = this.replies.length; ; at++) {
      while (this.replies.length <= at) await new Promise<void>((resolve) => this.#heard.push(resolve));
      const reply = this.replies[at]!;
      if (reply.type === 'refused' && type !== 'refused') throw new Error(reply.message);
      if (reply.type === type && holds(reply as never)) return reply as never;
      if (reply.type === 'frame') this.send({ type: 'frame' });
    }
  }

  /** Asks for frames until one holds. */
  frame(holds: (frame: LabFrame) => boolean = () => true): Promise<LabFrame> {
    const found = this.next('frame', holds);
    this.send({ type: 'frame' });
    return found;
  }
}

const pages: Page[] = [];
afterEach(() => {
  for (const page of pages.splice(0)) page.send({ type: 'close' });
});

function small(kind: LabDataKind, changed: Partial<LabState> = {}): LabState {
  const start = defaultLabState(kind);
  const size = { depth: 1, width: 8 };
  return {
    ...start,
    generator: { ...start.generator, ...size },
    discriminator: { ...start.discriminator, ...size },
    batch: 16,
    ...changed,
  };
}

const view = { samples: 32, grid: 8 };
const measured = ({ numbers, step }: LabFrame): boolean => numbers.step === step;

describe('LabPlayer', () => {
  it('opens paused at step 0, and sends a frame for each that is asked for', async () => {
    const page = new Page();
    page.send({ type: 'open', state: small('ring8'), view });
    const { state, config, parameters, box } = await page.next('opened');
    expect(state).toEqual(small('ring8'));
    expect(JSON.parse(config)).toMatchObject({ preset: 'ring8', data: 'ring8', batch: 16 });
    expect(parameters).toEqual({ generator: 2 * 8 + 8 + 8 * 2 + 2, discriminator: 2 * 8 + 8 + 8 + 1 });
    expect(box).toEqual([
      [-2, 2],
      [-2, 2],
    ]);
    const first = await page.frame();
    expect(first).toMatchObject({ step: 0, phase: 'discriminator', playing: false, stepsPerSecond: 0 });
    expect(first.notices).toEqual(['one thread']);
    expect(first.numbers.jsd).toBeNaN();
    const points = first.points!;
    expect(points.samples).toHaveLength(64);
    expect(points.pull!.minimax).toHaveLength(64);
    expect(points.discriminator!.logits).toHaveLength(64);
    expect(points.map!.shape).toEqual([21, 21]);
    const second = await page.frame();
    expect(second.numbers.jsd).toBeGreaterThan(0.3);
    expect(second.points!.densities!.model).toHaveLength(900);
    expect(page.replies.filter(({ type }) => type === 'frame')).toHaveLength(2);
  });

  it('pulls samples as the theory says: both losses the same way, by D and by 1 - D', async () => {
    const page = new Page();
    page.send({ type: 'open', state: small('ring8', { step: 5 }), view });
    const { points } = await page.frame(measured);
    const { minimax, nonSaturating } = points!.pull!;
    for (let i = 0; i < 32; i++) {
      const d = 1 / (1 + Math.exp(-points!.sampleLogits[i]!));
      // -d/dx log(1 - D) = D dlogit/dx, d/dx log D = (1 - D) dlogit/dx.
      for (const axis of [0, 1]) {
        const [a, b] = [minimax[2 * i + axis]!, nonSaturating[2 * i + axis]!];
        expect(a * (1 - d)).toBeCloseTo(b * d, 6);
      }
    }
    expect(Math.max(...nonSaturating.map(Math.abs))).toBeGreaterThan(1e-3);
  });

  it('steps, plays phases and replays a link to the same numbers', async () => {
    const page = new Page();
    page.send({ type: 'open', state: small('ring8'), view });
    await page.frame();
    page.send({ type: 'step', count: 3 });
    const three = await page.frame((frame) => frame.step === 3 && measured(frame));
    expect([...three.history.steps]).toEqual([1, 2, 3]);
    expect(three.history.columns['lossD']![2]).toBe(three.numbers.lossD);
    page.send({ type: 'phase' });
    const half = await page.frame((frame) => frame.phase === 'generator');
    expect(half.step).toBe(3);
    expect([...half.points!.samples]).toEqual([...three.points!.samples]);
    expect([...half.points!.discriminator!.logits]).not.toEqual([...three.points!.discriminator!.logits]);
    page.send({ type: 'phase' });
    const four = await page.frame((frame) => frame.step === 4 && measured(frame));
    expect([...four.points!.samples]).not.toEqual([...half.points!.samples]);
    const other = new Page();
    other.send({ type: 'open', state: small('ring8', { step: 4 }), view });
    const first = await other.frame(({ step }) => step === 4);
    expect([...first.history.steps]).toEqual([1, 2, 3, 4]);
    const replayed = await other.frame(measured);
    expect(replayed.numbers).toEqual(four.numbers);
    expect(replayed.points!.samples).toEqual(four.points!.samples);
  });

  it('plays until it is told to pause, then shows everything as it is', async () => {
    const page = new Page();
    page.send({ type: 'open', state: small('gaussians-1d'), view }, { type: 'play' });
    const playing = await page.frame(({ step }) => step > 20);
    expect(playing.playing).toBe(true);
    expect(playing.stepsPerSecond).toBeGreaterThan(0);
    page.send({ type: 'pause' });
    const paused = await page.frame((frame) => !frame.playing && measured(frame));
    expect(paused.points!.densities).toMatchObject({ method: 'exact', samples: 0, step: paused.step });
    expect(paused.points!.discriminator!.step).toBe(paused.step);
    expect(paused.numbers.jsdBias).toBe(0);
    expect(paused.numbers.gradNormD).toBeGreaterThan(0);
  });

  it('goes by phases in slow motion', async () => {
    const page = new Page();
    page.send(
      { type: 'open', state: small('ring8'), view: { ...view, densities: false } },
      { type: 'speed', stepsPerSecond: 20, byPhase: true },
      { type: 'play' },
    );
    await page.frame(({ phase }) => phase === 'generator');
    await page.frame(({ step, phase }) => step >= 2 && phase === 'discriminator');
  });

  it('trains images that the visitor brings, and writes the generator as ONNX', async () => {
    const page = new Page();
    const pixels = Uint8Array.from({ length: 40 * 3 * 4 * 5 }, (_, i) => (i * 37) % 256);
    const images = { pixels, count: 40, channels: 3, height: 4, width: 5 };
    page.send({ type: 'open', state: small('images'), images });
    const { sheet } = await page.frame();
    expect(sheet).toMatchObject({ count: 64, channels: 3, height: 4, width: 5 });
    expect([...sheet!.real!.subarray(0, 60)]).toEqual([...pixels.subarray(0, 60)]);
    page.send({ type: 'step', count: 2 }, { type: 'export' });
    const { bytes, name } = await page.next('onnx');
    expect(name).toBe('images-seed1-step2.onnx');
    const model = decodeModel(bytes);
    expect(JSON.stringify(model.metadataProps)).toContain('weights');
  });

  it('says what is wrong with a request, and keeps the game that it has', async () => {
    const page = new Page();
    page.send({ type: 'step' });
    expect((await page.next('refused')).message).toMatch(/a game must be open, got none/);
    page.send({ type: 'open', state: small('ring8'), view: { ...view, densities: false } });
    await page.frame();
    page.send({ type: 'open', state: small('images') });
    expect(await page.next('refused')).toMatchObject({
      request: 'open',
      message: 'openLab: images must come with the game, got none. Drop some into the page',
    });
    page.send({ type: 'step' });
    await page.frame(({ step }) => step === 1);
  });

  it('stops a game that is no longer finite, and says why in its frames', async () => {
    const page = new Page();
    const start = small('ring8', { loss: 'wasserstein', penalties: [], decaySteps: 0 });
    const wild = { optimiser: 'sgd', learningRate: 10 } as const;
    const state: LabState = {
      ...start,
      generator: { ...start.generator, ...wild },
      discriminator: { ...start.discriminator, ...wild },
    };
    page.send({ type: 'open', state, view }, { type: 'play' });
    const { failure, playing } = await page.frame((frame) => frame.failure !== undefined);
    expect(playing).toBe(false);
    expect(failure!.message).toMatch(/must stay finite, got .* Lower the learning rates/);
    expect(failure!.step).toBeGreaterThan(0);
    page.send({ type: 'play' });
    expect((await page.next('refused')).message).toBe(failure!.message);
  });
});
