import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import {
  coordinateSlice,
  type LatentSpace,
  pathPoint,
  planeThrough,
  pointOf,
  randomSlice,
  type Slice,
  sheetZ,
  type Z,
} from './latent-space.ts';

/** A z that was put aside. */
export interface Kept {
  readonly id: number;
  readonly z: Z;
  readonly label: number;
}

/** Which plane of z space is shown. */
export type Plane =
  | { readonly kind: 'random'; readonly number: number }
  | { readonly kind: 'coordinates'; readonly i: number; readonly j: number | undefined }
  | { readonly kind: 'kept' };

/** Up to this length of z single coordinates are the natural directions. */
const FEW = 3;

/** Where the explorer stands: a slice of z space, a point of it, what was kept. */
export class ExplorerState {
  readonly space: LatentSpace;
  readonly seed: number;
  readonly plane: Signal<Plane>;
  readonly slice: Signal<Slice>;
  readonly u: Signal<number> = signal(0);
  readonly v: Signal<number> = signal(0);
  readonly label: Signal<number>;
  readonly kept: Signal<readonly Kept[]> = signal([]);
  /** The current latent vector. */
  readonly z: ReadonlySignal<Z>;
  #nextId = 1;

  /** @param number - of the sample on the run's sheets to begin with; @param seed - of the run */
  constructor(space: LatentSpace, seed: number, number: number, label: number) {
    this.space = space;
    this.seed = seed;
    this.label = signal(label);
    const { latentDim } = space;
    this.plane = signal(
      latentDim <= FEW
        ? { kind: 'coordinates', i: 0, j: latentDim > 1 ? 1 : undefined }
        : { kind: 'random', number: 1 },
    );
    this.slice = signal({
      origin: new Float32Array(),
      first: new Float32Array(),
      second: new Float32Array(),
    });
    this.z = computed(() => pointOf(space, this.slice.value, this.u.value, this.v.value));
    this.goTo(sheetZ(space, seed, number));
  }

  /** Lays the current plane through another z, which becomes the point that is shown. */
  goTo(z: Z): void {
    const plane = this.plane.peek();
    if (plane.kind === 'coordinates') {
      this.slice.value = coordinateSlice(this.space, z, plane.i, plane.j);
      const { first, second } = this.slice.peek();
      this.u.value = z[plane.i]! / first[plane.i]!;
      this.v.value = plane.j === undefined ? 0 : z[plane.j]! / second[plane.j]!;
      return;
    }
    // A plane through kept points cannot go through any other as well.
    const number = plane.kind === 'random' ? plane.number : 1;
    if (plane.kind === 'kept') this.plane.value = { kind: 'random', number };
    this.slice.value = randomSlice(this.space, z, number);
    this.u.value = 0;
    this.v.value = 0;
  }

  /** Takes another plane through the current z; one through kept points takes the first three of them. */
  setPlane(plane: Plane): void {
    const z = this.z.peek();
    this.plane.value = plane;
    if (plane.kind !== 'kept') {
      this.goTo(z);
      return;
    }
    const [a, b, c] = this.kept.peek();
    this.slice.value = planeThrough([a!.z, b!.z, c!.z]);
    this.u.value = -0.5;
    this.v.value = -0.5;
  }

  /** Changes one coordinate of the current z; the plane moves along where it has to. */
  setCoordinate(at: number, value: number): void {
    const { origin, first, second } = this.slice.peek();
    const plane = this.plane.peek();
    if (plane.kind === 'coordinates' && plane.i === at) this.u.value = value / first[at]!;
    else if (plane.kind === 'coordinates' && plane.j === at) this.v.value = value / second[at]!;
    else {
      const change = value - this.z.peek()[at]!;
      this.slice.value = { origin: origin.map((old, i) => (i === at ? old + change : old)), first, second };
    }
  }

  keep(): void {
    const { kept, z, label } = this;
    kept.value = [...kept.peek(), { id: this.#nextId++, z: z.peek(), label: label.peek() }];
  }

  drop(id: number): void {
    this.kept.value = this.kept.peek().filter((point) => point.id !== id);
    if (this.plane.peek().kind === 'kept') this.goTo(this.z.peek());
  }

  /** The point on the straight lines through everything that was kept. @param t - from 0 to one less than was kept */
  onPath(t: number): Z {
    return pathPoint(
      this.space,
      this.kept.peek().map(({ z }) => z),
      t,
    );
  }
}
