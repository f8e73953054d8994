/** The same values, each name after a part's: `weight` -> `dense1/weight`. */
export function withPrefix<T>(part: string, values: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${part}/${name}`, value]));
}

/** The values of one part under their local names: `dense1/weight` -> `weight`. */
export function ofPart<T>(part: string, values: Readonly<Record<string, T>>): Record<string, T> {
  const prefix = `${part}/`;
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
}
