import type { Tensor } from '../graph/tensor.ts';

/** Images as vectors in which a distance means something. */
export interface Features {
  /** float32 [N, d] */
  readonly features: Tensor<'float32'>;
  /** float32 [N, C]: how probable each class is; absent where the network knows no classes. */
  readonly probabilities?: Tensor<'float32'>;
}

/** A network that turns images into features: what Fréchet distance, precision and recall and their like measure on. */
export interface FeatureExtractor {
  /** What protocols call it: `classifier of mnist`, `inception.onnx`. */
  readonly name: string;
  /** Numbers in one feature vector, d. */
  readonly dimension: number;
  /** Names of the classes in the order of the probabilities; absent where there are none. */
  readonly classes?: readonly string[];
  /** What a reader must know about it, for the protocol of a measure. */
  readonly protocol: Readonly<Record<string, string | number>>;
  /**
   * Features of images.
   *
   * @param images - uint8 0 to 255 or float32 in [0, 1], [N, C, H, W] or flattened [N, C H W]
   * @throws ShapeError where they are not of the shape that the network takes; DataError for NaN and pixels out of range
   */
  extract(images: Tensor): Promise<Features>;
}
