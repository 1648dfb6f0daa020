import { Labels } from '@pharos/promql';
import { describe, expect, it } from 'vitest';
import { createMemoryJournal } from '../../journal/testing/index.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { metricsSection } from '../config.ts';
import { exampleHistogram } from './histograms/testing/arbitrary.ts';
import { createSeriesHasher } from './series-key.ts';
import { createMetricsStore } from './store.ts';
import { stateOnlyEngine } from './testing/fake-engine.ts';
import { JournalHistory } from './testing/journal-history.ts';

const NOW = Date.UTC(2026, 0, 1, 12);

async function setup() {
  const journal = createMemoryJournal();
  const history = new JournalHistory(await createSeriesHasher());
  const store = await createMetricsStore({
    engine: stateOnlyEngine('ready'),
    journal,
    clock: new ManualClock(NOW),
    telemetry: createTelemetry(),
    log: silentLog,
    config: metricsSection.schema.parse({}),
    history: { samples: history, series: history, exemplars: (request) => history.exemplars(request) },
  });
  const appender = store.sink.appender({ tenant: 'default' });
  const series = (name: string): number => appender.resolve(Labels.fromRecord({ __name__: name }));
  return { journal, appender, series };
}

const nothing = { stored: 0, duplicates: 0 };

describe('a commit of all or nothing (RW-4)', () => {
  it('stores nothing when one sample is refused, and the appender can be used again', async () => {
    const { journal, appender, series } = await setup();
    appender.append(series('good'), NOW, 1);
    appender.append(series('bad'), NOW + 3_600_000, 1);
    expect(await appender.commit({ whole: true })).toMatchObject({
      samples: nothing,
      histograms: nothing,
      exemplars: nothing,
      newSeries: 0,
      rejected: [{ kind: 'sample', reason: 'too_far_ahead', count: 1 }],
    });
    expect(journal.appended).toEqual([]);
    appender.append(series('good'), NOW, 1);
    expect((await appender.commit({ whole: true })).samples).toEqual({ stored: 1, duplicates: 0 });
  });

  it('stores nothing when one histogram is refused', async () => {
    const { journal, appender, series } = await setup();
    appender.append(series('good'), NOW, 1);
    appender.appendHistogram(series('bad'), 5, exampleHistogram(3));
    expect((await appender.commit({ whole: true })).rejected).toMatchObject([
      { kind: 'histogram', reason: 'too_old' },
    ]);
    expect(journal.appended).toEqual([]);
  });

  it('accepts what is there already, and refuses another value for its time', async () => {
    const { appender, series } = await setup();
    appender.append(series('a'), NOW, 1);
    await appender.commit();
    appender.append(series('a'), NOW, 1);
    appender.append(series('b'), NOW, 1);
    expect((await appender.commit({ whole: true })).samples).toEqual({ stored: 1, duplicates: 1 });
    appender.append(series('a'), NOW, 2);
    appender.append(series('c'), NOW, 1);
    const report = await appender.commit({ whole: true });
    expect([report.samples, report.rejected.map(({ reason }) => reason)]).toEqual([
      nothing,
      ['duplicate_timestamp'],
    ]);
  });
});
