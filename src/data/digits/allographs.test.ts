import { describe, expect, it } from 'vitest';
import { allographs } from './allographs.ts';

const knotsPerStroke = (hand: string) => hand.split(' / ').map((stroke) => stroke.split(' ').length);

describe('allographs', () => {
  it.each(allographs.map((a) => [`${a.digit} ${a.name}`, a] as const))(
    '%s: hands of the same strokes and knots, inside the line',
    (_, { hands }) => {
      for (const hand of hands) {
        expect(knotsPerStroke(hand), hand).toEqual(knotsPerStroke(hands[0]!));
        for (const knot of hand.replaceAll(' / ', ' ').split(' ')) {
          expect(knot, hand).toMatch(/^-?\d+,-?\d+!?$/);
          const [x, y] = knot.replace('!', '').split(',').map(Number);
          expect(x! >= -15 && x! <= 155 && y! >= -15 && y! <= 110, `${knot} of ${hand}`).toBe(true);
        }
      }
      expect(new Set(hands).size).toBeGreaterThanOrEqual(3);
    },
  );

  it('share each digit out among its allographs', () => {
    for (let digit = 0; digit < 10; digit++) {
      const shares = allographs.filter((a) => a.digit === digit).map(({ share }) => share);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    }
  });
});
