import type { Layout } from '../layout/layout.ts';
import type { MapCall } from '../model.ts';

type Arrow = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';

export function isArrow(key: string): key is Arrow {
  return key === 'ArrowLeft' || key === 'ArrowRight' || key === 'ArrowUp' || key === 'ArrowDown';
}

/** The node that an arrow key leads to: right and left along the calls, to the nearest; up and down within the column. Null where none is. */
export function nextOf(
  from: string,
  key: Arrow,
  { boxes }: Pick<Layout, 'boxes'>,
  calls: readonly Pick<MapCall, 'source' | 'target'>[],
): string | null {
  const own = boxes.get(from);
  if (own === undefined) return null;
  const [sideways, sign] = [
    key === 'ArrowLeft' || key === 'ArrowRight',
    key === 'ArrowLeft' || key === 'ArrowUp' ? -1 : 1,
  ];
  const linked = new Set(
    calls.flatMap(({ source, target }) => (source === from ? [target] : target === from ? [source] : [])),
  );
  let best: { readonly id: string; readonly distance: number } | null = null;
  for (const [id, box] of boxes) {
    const [dx, dy] = [box.x - own.x, box.y - own.y];
    const ahead = sideways ? linked.has(id) && dx * sign > 0 : dx === 0 && dy * sign > 0;
    const distance = Math.abs(dy) + (sideways ? Math.abs(dx) * 4 : 0);
    if (ahead && (best === null || distance < best.distance)) best = { id, distance };
  }
  return best?.id ?? null;
}
