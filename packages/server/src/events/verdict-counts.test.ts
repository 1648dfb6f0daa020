import { expect, it } from 'vitest';
import { createTelemetry } from '../kernel/telemetry.ts';
import { NO_BASELINE } from './history/baseline.ts';
import { ChunkWriter } from './store/chunk.ts';
import type { StoredEvent } from './store/stored-event.ts';
import { eventsTelemetry } from './telemetry.ts';
import { VerdictCounts } from './verdict-counts.ts';

const event = (of: Partial<StoredEvent>): StoredEvent => ({
  seq: 1,
  at: 1000,
  received: 1000,
  id: '',
  given: false,
  source: 'order',
  eventType: 'order',
  status: 'NORMAL',
  score: 0,
  decision: 'CONTINUE',
  reasoning: '',
  rules: [],
  issues: '[]',
  suggestions: '[]',
  data: '{}',
  metadata: '{}',
  ruleVersion: 1,
  baseline: NO_BASELINE,
  ...of,
});

/** What is counted of some events: `name{labels} count`. */
async function counted(events: readonly StoredEvent[]): Promise<string[]> {
  const telemetry = createTelemetry();
  const counts = new VerdictCounts(
    eventsTelemetry(telemetry, () => ({
      pendingEvents: 0,
      pendingBytes: 0,
      histories: 0,
      withoutHistory: 0,
      webhooksWaiting: 0,
    })),
  );
  const writer = new ChunkWriter('default', 0);
  for (const one of events) writer.add(one);
  counts.observe(writer.take());
  const names = ['pharos_event_verdicts_total', 'pharos_event_decisions_total', 'pharos_event_issues_total'];
  return (await telemetry.families())
    .filter(({ name }) => names.includes(name))
    .flatMap(({ name, samples }) =>
      samples.map(({ labels, value }) => `${name} ${Object.values(labels).join(' ')} ${value}`),
    )
    .sort();
}

it('counts events by source and status, by what is to be done, and findings by rule and status', async () => {
  const critical = { status: 'CRITICAL', score: 0.9, decision: 'HALT', rules: ['latency', 'mine'] } as const;
  expect(
    await counted([
      event({}),
      event({}),
      event({ source: 'user', ...critical }),
      event(critical),
      event({ status: 'WARNING', score: 0.7, decision: 'RETRY', rules: ['latency'] }),
    ]),
  ).toEqual([
    'pharos_event_decisions_total order CONTINUE 2',
    'pharos_event_decisions_total order HALT 1',
    'pharos_event_decisions_total order RETRY 1',
    'pharos_event_decisions_total user HALT 1',
    'pharos_event_issues_total latency CRITICAL 2',
    'pharos_event_issues_total latency WARNING 1',
    'pharos_event_issues_total mine CRITICAL 2',
    'pharos_event_verdicts_total order CRITICAL 1',
    'pharos_event_verdicts_total order NORMAL 2',
    'pharos_event_verdicts_total order WARNING 1',
    'pharos_event_verdicts_total user CRITICAL 1',
  ]);
});

it('gives the first five hundred sources and three hundred rules series of their own', async () => {
  const lines = await counted(
    Array.from({ length: 600 }, (_, i) =>
      event({ source: `s${i}`, status: 'WARNING', score: 0.7, decision: 'RETRY', rules: [`r${i}`] }),
    ),
  );
  expect(lines).toContain('pharos_event_verdicts_total other WARNING 100');
  expect(lines).toContain('pharos_event_decisions_total other RETRY 100');
  expect(lines).toContain('pharos_event_issues_total other WARNING 300');
});
