/** A chart of quantities that share a unit. */
export interface CurvePanel {
  readonly title: string;
  /** What the numbers are, for people who see them for the first time. */
  readonly note: string;
  /** Keys of the log. */
  readonly keys: readonly string[];
  /** Fixed bounds of the values. */
  readonly bounds?: readonly [number, number];
  /** A value to compare with. */
  readonly reference?: { readonly value: number; readonly label: string };
}

/** A panel with the keys that it takes. */
interface KnownPanel extends Omit<CurvePanel, 'keys'> {
  takes(key: string): boolean;
}

const named =
  (...names: readonly string[]) =>
  (key: string): boolean =>
    names.includes(key);

const known: readonly KnownPanel[] = [
  {
    title: 'Losses',
    note: 'What each player minimises, in nats. A loss that stands still is no sign of an end: both players may get better together.',
    takes: named('lossD', 'lossG'),
  },
  {
    title: 'What D says',
    note: 'Means of D’s probability that an example is real: of real ones, D(x), and of samples, D(G(z)). Where it cannot tell them apart, both are 1/2.',
    takes: named('D(x)', 'D(G(z))'),
    bounds: [0, 1],
    reference: { value: 0.5, label: '1/2: D cannot tell' },
  },
  {
    title: 'Samples beside the data',
    note: 'Of every sheet. Diversity: 1 where samples lie as far apart as the data, 0 where all are the same. Duplicates: the share with a near twin. Energy distance: 0 where both have one distribution.',
    takes: named('diversity', 'duplicates', 'energyDistance'),
  },
  {
    title: 'Penalties',
    note: 'What is added to the discriminator’s loss, before its weight is taken off.',
    takes: (key) => key.startsWith('penalty/'),
  },
  {
    title: 'Gradients of the parameters',
    note: 'Norms of the gradient of each player’s loss by all of its parameters.',
    takes: (key) => key.startsWith('gradientNorm/'),
  },
  {
    title: 'Gradient at the samples',
    note: 'Norm of the gradient of G’s loss by its samples: how hard D pulls them.',
    takes: named('sampleGradientNorm'),
  },
];

/** The charts of the keys that a log has, those that every run has first; a key that nobody knows gets one of its own. */
export function curvePanels(keys: readonly string[]): readonly CurvePanel[] {
  const panels = known.flatMap(({ takes, ...panel }) => {
    const taken = keys.filter(takes);
    return taken.length > 0 ? [{ ...panel, keys: taken }] : [];
  });
  const rest = keys.filter((key) => !known.some(({ takes }) => takes(key)));
  return [...panels, ...rest.map((key) => ({ title: key, note: '', keys: [key] }))];
}

/** The same with one key a chart: where several runs lie over one another, colours tell the runs. */
export function singleKeyPanels(panels: readonly CurvePanel[]): readonly CurvePanel[] {
  return panels.flatMap(({ keys, title, ...panel }) =>
    keys.map((key) => ({ ...panel, title: key, note: `${title}. ${panel.note}`, keys: [key] })),
  );
}

/** The custom property of the colour that a key has in every picture: D blue, G and its samples green, real data grey. */
export function keyColour(key: string, at: number): string {
  if (/discriminator|^lossD$|^penalty\//.test(key) && at === 0) return '--discriminator';
  if (/generator|^lossG$|^D\(G\(z\)\)$/.test(key)) return '--model';
  if (key === 'D(x)') return '--real';
  return ['--run-1', '--run-2', '--run-3', '--run-4', '--run-5', '--run-6'][at % 6]!;
}
