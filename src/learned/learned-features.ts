import type { Session } from '../runtime/session.ts';
import { CLASSIFIER_RECIPE, type Classifier } from './classifier.ts';
import { CLASSIFIER_FEATURES, classifierNetwork, classifierProgram } from './classifier-network.ts';
import { exampleSetOf } from './example-set.ts';
import type { FeatureExtractor } from './feature-extractor.ts';
import { predict } from './prediction.ts';

/**
 * A trained classifier as a feature extractor: features float32 [N, 128] from the rectifiers of its penultimate layer, and
 * class probabilities [N, C].
 *
 * Distances in these features see what tells the classes apart and little else: a change that no class depends on moves
 * them less than Inception's. They are comparable between generators of one data set, measured with one classifier.
 *
 * @param session - where it runs; its state is neither read nor changed
 * @throws ExecutionError where the device fails
 */
export async function learnedFeatures(
  classifier: Classifier,
  { session }: { readonly session: Session },
): Promise<FeatureExtractor> {
  const {
    dataset,
    fingerprint,
    kind,
    exampleShape,
    standardisation,
    classes,
    accuracy,
    heldOut,
    seed,
    variables,
  } = classifier;
  const name = `classifier of ${dataset}`;
  // Of its own name, since several may live in one session.
  const program = `features/${fingerprint}/${seed}`;
  const network = classifierNetwork(exampleShape, classes.length, standardisation);
  await session.compile(classifierProgram(program, network, variables));
  return {
    name,
    dimension: CLASSIFIER_FEATURES,
    classes,
    protocol: {
      features: name,
      accuracy,
      heldOut: `${heldOut.count} of ${heldOut.split}`,
      recipe: CLASSIFIER_RECIPE,
      seed,
      dataFingerprint: fingerprint,
    },
    extract: async (images) => {
      const set = exampleSetOf('learnedFeatures', images, {
        kind,
        name: kind,
        exampleShape,
        because: `as the ${name} takes them`,
      });
      const { features, probabilities } = await predict(session, program, set);
      return { features: features!, probabilities: probabilities! };
    },
  };
}
