import { describe, expect, it } from 'vitest';
import { MemorySink } from '../metrics/testing/memory_sink.ts';
import { ProbeSeries } from './series.ts';

describe('ProbeSeries', () => {
  it.each([
    ['later than its newest sample', 3000, 3000],
    ['in the same millisecond', 2000, 2001],
    ['before a look that took a while was written', 1000, 2001],
  ])('ends %s', async (_, end, stale) => {
    const sink = new MemorySink();
    const series = new ProbeSeries('default', { job: 'probes', probe: 'order' });
    const appender = sink.appender({ tenant: 'default' });
    series.append([{ name: 'probe_success', value: 1 }], 2000, appender);
    series.end(end, appender);
    expect((await appender.commit()).rejected).toEqual([]);
    expect(sink.of('probe_success')).toEqual(['1@2000', `stale@${stale}`]);
  });
});
