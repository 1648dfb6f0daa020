import { acrossTenants, dateTime64, type Engine, sql, table } from '../../engine/index.ts';
import type { Histories } from '../history/histories.ts';
import { eventsTable } from '../tables.ts';

/** Sources that were silent for longer begin anew. */
const LOOK_BACK_MS = 7 * 86_400_000;
const MOST_SERIES = 100_000;
const MOST_SHAPES = 50_000;

/** The histories as the newest stored events left them: each carries the figures of its source from before it. */
export async function restoreHistories(
  engine: Pick<Engine, 'query'>,
  histories: Histories,
  now: number,
): Promise<void> {
  const since = dateTime64(now - LOOK_BACK_MS);
  const options = { purpose: 'events.restart', tenant: '', limits: 'background' } as const;
  const series = await engine.query(
    sql`${acrossTenants}SELECT toString(tenant) AS name, toString(source) AS src, toString(event_type) AS kind, field,
        argMax(value, seq) AS last_value, argMax(seen, seq) AS last_count, argMax(mean, seq) AS last_mean, argMax(variance, seq) AS last_variance, argMax(fast, seq) AS last_fast
      FROM ${table(eventsTable)} ARRAY JOIN base_names AS field, base_values AS value, base_counts AS seen, base_means AS mean, base_variances AS variance, base_fasts AS fast
      WHERE ts >= ${since} GROUP BY name, src, kind, field LIMIT ${MOST_SERIES}`,
    options,
  );
  const [names, sources, kinds, fields] = ['name', 'src', 'kind', 'field'].map((name) =>
    series.strings(name),
  );
  const [value, count, mean, variance, fast] = ['value', 'count', 'mean', 'variance', 'fast'].map((name) =>
    series.numbers(`last_${name}`),
  );
  for (let row = 0; row < series.rows; row++)
    histories.resume(
      { tenant: names[row], source: sources[row], eventType: kinds[row] },
      {
        name: fields[row],
        value: value[row],
        count: count[row],
        mean: mean[row],
        variance: variance[row],
        fast: fast[row],
      },
      now,
    );
  const shapes = await engine.query(
    sql`${acrossTenants}SELECT toString(tenant) AS name, toString(source) AS src, toString(event_type) AS kind, toString(shape) AS fields, toFloat64(count()) AS seen
      FROM ${table(eventsTable)} WHERE ts >= ${since} GROUP BY name, src, kind, fields LIMIT ${MOST_SHAPES}`,
    options,
  );
  const [shapeNames, shapeSources, shapeKinds, texts] = ['name', 'src', 'kind', 'fields'].map((name) =>
    shapes.strings(name),
  );
  const seen = shapes.numbers('seen');
  for (let row = 0; row < shapes.rows; row++)
    histories.resumeShape(
      { tenant: shapeNames[row], source: shapeSources[row], eventType: shapeKinds[row] },
      texts[row],
      seen[row],
      now,
    );
}
