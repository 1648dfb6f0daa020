import { folding } from './folding.ts';

/** `count`: how many series of a group have a sample. */
export const count = folding((cells) => {
  const counts = new Float64Array(cells);
  return {
    add(base, { present }) {
      for (let k = 0; k < present.length; k++) counts[base + k] = counts[base + k] + present[k];
    },
    result: (cell) => counts[cell],
  };
}, 'counted');
