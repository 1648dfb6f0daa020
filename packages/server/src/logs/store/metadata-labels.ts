import { compareText, Labels } from '@pharos/promql';
import { LEVEL_LABEL } from './label-conditions.ts';

/** Of a name that stands twice the first counts, as it does in the engine. `level` is what the lines are known by, whatever was sent. */
export function metadataLabels(level: string, pairs: readonly string[]): Labels {
  const byName = new Map<string, string>();
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] ?? '';
    if (!byName.has(name)) byName.set(name, pairs[i + 1] ?? '');
  }
  if (level !== '') byName.set(LEVEL_LABEL, level);
  return Labels.fromSortedPairs([...byName].sort(([a], [b]) => compareText(a, b)).flat());
}
