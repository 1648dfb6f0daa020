import { Labels } from '@pharos/promql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestEngine, type TestEngine } from '../../engine/testing/open.ts';
import { createMemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { metricsSection } from '../config.ts';
import { dayOf } from '../store/rows.ts';
import { createMetricsStore } from '../store/store.ts';
import { flushInto } from '../store/testing/flush.ts';
import { metricsTables } from '../tables.ts';
import { readGrowth } from './growth.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 10, 12);
let engine: TestEngine;

beforeAll(async () => {
  engine = await openTestEngine(metricsTables);
  const journal = createMemoryJournal();
  const clock = new ManualClock(NOW);
  const store = await createMetricsStore({
    engine: engine.engine,
    journal,
    clock,
    telemetry: createTelemetry(),
    log: silentLog,
    config: metricsSection.schema.parse({ accept_past: '30d' }),
  });
  const put = async (
    tenant: string,
    labels: Record<string, string>,
    days: readonly number[],
  ): Promise<void> => {
    const appender = store.sink.appender({ tenant });
    const ref = appender.resolve(Labels.fromRecord(labels));
    for (const ago of days) appender.append(ref, NOW - ago * DAY, 1);
    await appender.commit();
  };
  // Three that stay, two that came today, one that ended yesterday; another tenant's count for nobody else.
  for (let i = 0; i < 3; i++) await put('default', { __name__: 'steady', i: `${i}` }, [3, 2, 1, 0]);
  for (let i = 0; i < 2; i++) await put('default', { __name__: 'churn', pod: `new-${i}` }, [0]);
  await put('default', { __name__: 'churn', pod: 'old' }, [2, 1]);
  await put('blue', { __name__: 'blue' }, [0]);
  await flushInto(engine.engine, journal);
});
afterAll(() => engine.close());

describe('growth from the stored series', () => {
  it('counts series and new series by day, and what brought the new ones', async () => {
    const growth = await readGrowth(engine.engine, {
      tenant: 'default',
      today: dayOf(NOW),
      days: 3,
      most: 10,
    });
    const start = (ago: number): number => (dayOf(NOW) - ago) * DAY;
    expect(growth.days).toEqual([
      { start: start(2), series: 4, fresh: 1 },
      { start: start(1), series: 4, fresh: 0 },
      { start: start(0), series: 5, fresh: 2 },
    ]);
    expect(growth.metrics).toEqual([
      { name: 'churn', series: 3, fresh: 2, ended: 1 },
      { name: 'steady', series: 3, fresh: 0, ended: 0 },
    ]);
    expect(growth.sampled).toBe(1);
  });

  it('is the tenant’s own', async () => {
    const growth = await readGrowth(engine.engine, { tenant: 'blue', today: dayOf(NOW), days: 1, most: 10 });
    expect(growth.days).toEqual([{ start: dayOf(NOW) * DAY, series: 1, fresh: 1 }]);
    expect(growth.metrics.map(({ name }) => name)).toEqual(['blue']);
  });
});
