import type { Pharos } from '@pharos/node';
import type { Clock } from '../clock.ts';
import type { databaseMetrics } from '../metrics.ts';
import type { Observe } from './types.ts';

interface StoreNames {
  readonly span: Pharos['span'];
  /** As OpenTelemetry names it. */
  readonly system: 'sqlite' | 'mongodb';
  readonly database: string;
}

/** Counts, times and traces every access to a service's database; `before` is where a slow one is made. */
export function createObserve(
  clock: Pick<Clock, 'monotonic'>,
  metrics: ReturnType<typeof databaseMetrics>,
  before: () => Promise<void>,
  { span, system, database }: StoreNames,
): Observe {
  const access = async <T>(collection: string, operation: string, run: () => T | Promise<T>): Promise<T> => {
    const started = clock.monotonic();
    let result = 'failure';
    try {
      await before();
      const answer = await run();
      result = 'success';
      return answer;
    } finally {
      metrics.operations.inc({ operation, collection, result });
      metrics.duration.observe({ operation, collection }, (clock.monotonic() - started) / 1000);
    }
  };
  return (collection, operation, run) =>
    span(`${operation} ${collection}`, () => access(collection, operation, run), {
      kind: 'client',
      attributes: {
        'db.system.name': system,
        'db.namespace': database,
        'db.collection.name': collection,
        'db.operation.name': operation,
      },
    });
}
