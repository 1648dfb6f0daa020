import { expect, it } from 'vitest';
import { createTelemetry } from '../kernel/telemetry.ts';
import { ErrorCounts } from './error-counts.ts';
import { ErrorGroup } from './groups/group.ts';
import { errorsTelemetry } from './telemetry.ts';

function world() {
  const telemetry = createTelemetry();
  const ours = errorsTelemetry(telemetry, () => ({ groups: 0, pending: 0, pendingBytes: 0 }));
  const counts = new ErrorCounts(() => ours);
  const told = async (name: string): Promise<string[]> =>
    (await telemetry.families())
      .filter((family) => family.name === name)
      .flatMap(({ samples }) =>
        samples.map(({ labels, value }) => `${Object.values(labels).join(' ')} ${value}`),
      )
      .sort();
  return { counts, told };
}

it('counts errors by service and type, and by group', async () => {
  const { counts, told } = world();
  counts.stored({ service: 'auth', type: 'timeout' }, 'g1');
  counts.stored({ service: 'auth', type: 'timeout' }, 'g2');
  counts.stored({ service: 'shop', type: 'internal' }, 'g2');
  expect(await told('pharos_errors_service_events_total')).toEqual(['auth timeout 2', 'shop internal 1']);
  expect(await told('pharos_errors_group_events_total')).toEqual(['g1 1', 'g2 2']);
});

it('counts what happens to groups by the service that had the newest error', async () => {
  const { counts, told } = world();
  const group = new ErrorGroup('g', []);
  counts.signal({ kind: 'new', group });
  group.serviceTimes.set('auth', 5).set('shop', 7).set('user', 6);
  counts.signal({ kind: 'regressed', group });
  expect(await told('pharos_errors_group_signals_total')).toEqual(['new  1', 'regressed shop 1']);
});

it('gives the first five hundred services and groups series of their own', async () => {
  const { counts, told } = world();
  for (let i = 0; i < 600; i++) counts.stored({ service: `s${i}`, type: 'internal' }, `g${i}`);
  expect(await told('pharos_errors_service_events_total')).toContain('other internal 100');
  expect(await told('pharos_errors_group_events_total')).toContain('other 100');
});
