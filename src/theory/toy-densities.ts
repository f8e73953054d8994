import type { Distribution } from '../data/dataset.ts';
import { spiral, swissroll } from '../data/toy.ts';
import { ConfigError } from '../errors.ts';
import { type Density, gaussianMixture } from './density.ts';
import { normalMass } from './error-function.ts';

/** Gauss's 8 points on [-1, 1], one half, and their weights. */
const GAUSS_8 = [
  [0.1834346424956498, 0.362683783378362],
  [0.525532409916329, 0.31370664587788727],
  [0.7966664774136267, 0.22238103445337448],
  [0.9602898564975363, 0.10122853629037626],
] as const;

/** So many that one spans less than 1.8 deviations even where the spiral is fastest. */
const PANELS = 300;

/** Points along the spiral, by panel: [panels][8]. */
interface SpiralPanel {
  readonly x: number;
  readonly y: number;
  /** No point of the panel is farther from (x, y). */
  readonly radius: number;
  readonly nodes: readonly { readonly x: number; readonly y: number; readonly weight: number }[];
}

function spiralPanels(): SpiralPanel[] {
  const width = (spiral.to - spiral.from) / PANELS;
  const at = (t: number) => ({ x: (t * Math.cos(t)) / spiral.scale, y: (t * Math.sin(t)) / spiral.scale });
  return Array.from({ length: PANELS }, (_, panel) => {
    const middle = spiral.from + (panel + 0.5) * width;
    const nodes = GAUSS_8.flatMap(([node, weight]) =>
      [-node, node].map((signed) => ({ ...at(middle + (signed * width) / 2), weight: weight / 2 / PANELS })),
    );
    // The speed of (t cos t, t sin t) is sqrt(1 + t^2).
    return { ...at(middle), radius: (width / 2 / spiral.scale) * Math.hypot(1, middle + width), nodes };
  });
}

/**
 * The exact density of `swissroll`: Gaussian noise along the spiral, an integral over its angle that is computed to ten
 * digits (Gauss's 8 points in each of 300 panels).
 */
function swissrollDensity(): Density {
  const panels = spiralPanels();
  const deviation = spiral.deviation / spiral.scale;
  const precision = 1 / (2 * deviation * deviation);
  const logFactor = -Math.log(2 * Math.PI * deviation * deviation);
  const distances = new Float64Array(PANELS);
  const reach = spiral.to / spiral.scale + 12 * deviation;
  const cuts = Array.from({ length: 25 }, (_, i) => -reach + (i * reach) / 12);
  return {
    name: swissroll.name,
    dimension: 2,
    logDensity(x, y = 0) {
      let nearest = Number.POSITIVE_INFINITY;
      for (let i = 0; i < PANELS; i++) {
        const panel = panels[i]!;
        distances[i] = Math.sqrt((x - panel.x) ** 2 + (y - panel.y) ** 2) - panel.radius;
        if (distances[i]! < nearest) nearest = distances[i]!;
      }
      // Beyond what is 9 deviations farther than the nearest panel nothing of 1e-17 is left, near the spiral or far out.
      const limit = Math.hypot(Math.max(0, nearest) + 4 * deviation, 9 * deviation);
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < PANELS; i++)
        if (distances[i]! <= limit)
          for (const node of panels[i]!.nodes) least = Math.min(least, (x - node.x) ** 2 + (y - node.y) ** 2);
      let sum = 0;
      for (let i = 0; i < PANELS; i++)
        if (distances[i]! <= limit)
          for (const node of panels[i]!.nodes)
            sum += node.weight * Math.exp((least - (x - node.x) ** 2 - (y - node.y) ** 2) * precision);
      return logFactor - least * precision + Math.log(sum);
    },
    mass([left, right], up) {
      const [bottom, top] = up ?? [-reach, reach];
      const margin = 12 * deviation;
      let sum = 0;
      for (const panel of panels) {
        const far = margin + panel.radius;
        if (panel.x < left - far || panel.x > right + far || panel.y < bottom - far || panel.y > top + far)
          continue;
        for (const { x, y, weight } of panel.nodes)
          sum +=
            weight *
            normalMass((left - x) / deviation, (right - x) / deviation) *
            normalMass((bottom - y) / deviation, (top - y) / deviation);
      }
      return sum;
    },
    bounds: [
      [-reach, reach],
      [-reach, reach],
    ],
    breakpoints: [cuts, cuts],
    scale: deviation,
  };
}

/** Whether `densityOf` knows the density behind a toy set. */
export function hasDensity(distribution: Distribution): boolean {
  return distribution.components !== undefined || distribution.fingerprint === swissroll.fingerprint;
}

/**
 * The density that a toy set draws from, exactly: a mixture of Gaussians for ring8, grid25 and gaussians-1d, noise along a
 * spiral for swissroll.
 *
 * @throws ConfigError if the set's density is not known
 */
export function densityOf(distribution: Distribution): Density {
  if (distribution.components) return gaussianMixture(distribution.components, distribution.name);
  if (distribution.fingerprint === swissroll.fingerprint) return swissrollDensity();
  throw new ConfigError(
    `densityOf: the density must be known, got ${distribution.name}. State components, as the sets of toy.ts do`,
  );
}
