/** The colours of the paper's first figure: data black, samples green, D blue. */
export const paper = { data: '#111', model: '#2a8a3a', discriminator: '#2b5fc7' } as const;

/** Eight colours that stay apart in print and for the colour-blind. */
export const apart: readonly string[] = [
  '#2b5fc7',
  '#d1495b',
  '#2a8a3a',
  '#e09f3e',
  '#7b4fa3',
  '#3aa6a6',
  '#8c6d4f',
  '#666666',
];
