import { type Labels, parseSelector } from '@pharos/promql';
import { logsErrors } from '../../errors.ts';
import { labelsOf } from '../session.ts';

/** Stream labels as their selector, `{app="x", env="y"}`. */
export function parseLabels(text: string): Labels {
  if (/^\s*\{\s*\}\s*$/.test(text) || text === '') return labelsOf([]);
  try {
    return labelsOf(
      parseSelector(text).flatMap(({ name, op, value }) => {
        if (op !== '=') throw new Error(`operator ${op}`);
        return [name, value];
      }),
    );
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw logsErrors.make('malformed', `stream labels ${JSON.stringify(text.slice(0, 200))}: ${why}`, {
      cause,
    });
  }
}
