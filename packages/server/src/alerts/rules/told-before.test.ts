import { expect, it } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import type { OutgoingAlert } from './state/sending.ts';
import type { ToldAlert } from './take-over.ts';
import { ToldBeforeRules } from './told-before.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);

it('what our rules fired before a restart is told of until they begin, and nothing that others sent or that is over', async () => {
  const clock = new ManualClock(START);
  const sent: OutgoingAlert[] = [];
  let haveBegun = false;
  const alert = (name: string, generatorUrl: string, endsAt = START + 5 * MINUTE): ToldAlert => ({
    labels: new Map([['alertname', name]]),
    annotations: new Map([['summary', name]]),
    startsAt: START - MINUTE,
    endsAt,
    generatorUrl,
  });
  const known = [
    alert('Down', 'http://pharos/graph?g0.expr=up&g0.tab=1'),
    alert('Failing', 'http://pharos/logs?q=x'),
    alert('Over', 'http://pharos/graph?g0.expr=a&g0.tab=1', START),
    alert('Other', 'http://prometheus/graph?g0.expr=up&g0.tab=1'),
  ];
  const service = new ToldBeforeRules({
    clock,
    told: () => known,
    externalUrl: () => 'http://pharos',
    haveBegun: () => haveBegun,
    send: (alerts) => void sent.push(...alerts),
  });
  await service.start();
  await clock.advance(1000);
  const endsAt = START + 1000 + 4 * MINUTE;
  expect(sent).toEqual(known.slice(0, 2).map((one) => ({ ...one, endsAt, isResolved: false })));
  for (let minute = 0; minute < 3; minute++) await clock.advance(MINUTE);
  expect([sent.length, sent.at(-1)?.endsAt]).toEqual([8, START + 7 * MINUTE]);
  haveBegun = true;
  for (let minute = 0; minute < 3; minute++) await clock.advance(MINUTE);
  expect(sent).toHaveLength(8);
  await service.stop();
});
