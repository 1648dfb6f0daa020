import { Labels } from '../../labels.ts';
import type { Binary, VectorMatching } from '../../parse/ast.ts';
import { withoutMetricLabels } from '../names.ts';
import { keepsSample } from './scalars.ts';

/** The labels of a pair's result: computed once per pair of series. `delayed`: names go at the end of the query. */
export function resultLabels(
  node: Binary,
  matching: VectorMatching,
  delayed: boolean,
): (many: Labels, one: Labels) => Labels {
  const { on, include, cardinality } = matching;
  const names = new Set(matching.labels);
  const drops = !keepsSample(node) && !delayed;
  return (many, one) => {
    let result = drops ? withoutMetricLabels(many) : many;
    if (cardinality === 'one-to-one') {
      if (on) result = result.keep(names);
      else if (names.size > 0) result = result.without(names);
    } else if (include.length > 0) {
      const map = result.toMap();
      for (const name of include) map.set(name, one.get(name));
      result = Labels.fromMap(map);
    }
    return result;
  };
}
