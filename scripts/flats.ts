// A table with a known distribution: flats to let. Run: npx tsx scripts/flats.ts [rows] > flats.csv
import { fileURLToPath } from 'node:url';
import { encodeCsv } from '../src/io/csv.ts';
import { fillNormal } from '../src/random/normal.ts';
import { streamOf } from '../src/random/threefry.ts';
import { fillUniform } from '../src/random/uniform.ts';

/** Districts with their shares, what they add to the area in square metres, and the rent of a square metre. */
const districts = [
  { name: 'old town', share: 0.4, area: -10, rent: 14 },
  { name: 'riverside', share: 0.3, area: 0, rent: 12 },
  { name: 'hills', share: 0.2, area: 15, rent: 11 },
  { name: 'harbour', share: 0.1, area: 5, rent: 7 },
] as const;

/**
 * Flats as CSV: district by its share; area normal about 65 with deviation 15, moved by the district; rooms from the area, whole;
 * rent from area and district with a deviation of 80, two decimals; a balcony the likelier, the larger the flat.
 *
 * @param seed - integer in [0, 2^32)
 */
export function flats(count: number, seed = 1): string {
  const key = (name: string) => ({ seed, stream: streamOf(`flats/${name}`) });
  const uniforms = new Float32Array(2 * count);
  const normals = new Float32Array(3 * count);
  fillUniform(key('uniform'), 0, uniforms, 0, 1);
  fillNormal(key('normal'), 0, normals);
  const rows = Array.from({ length: count }, (_, i) => {
    let [place, rest] = [0, uniforms[2 * i]!];
    while (place < districts.length - 1 && rest >= districts[place]!.share) rest -= districts[place++]!.share;
    const { name, area: more, rent: price } = districts[place]!;
    const area = Math.max(20, Math.round(65 + more + 15 * normals[3 * i]!));
    const rooms = Math.min(6, Math.max(1, Math.round(area / 28 + 0.4 * normals[3 * i + 1]!)));
    const rent = Math.max(200, price * area + 80 * normals[3 * i + 2]!);
    const balcony = uniforms[2 * i + 1]! < 1 / (1 + Math.exp((60 - area) / 12)) ? 'yes' : 'no';
    return [name, String(area), String(rooms), rent.toFixed(2), balcony];
  });
  return encodeCsv([['district', 'area', 'rooms', 'rent', 'balcony'], ...rows]);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write(flats(Number(process.argv[2] ?? 10_000)));
