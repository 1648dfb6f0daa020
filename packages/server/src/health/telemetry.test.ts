import { expect, it } from 'vitest';
import { createTelemetry } from '../kernel/telemetry.ts';
import type { ServiceHealth } from './monitor.ts';
import { publishStates } from './telemetry.ts';

const service = (name: string, status: ServiceHealth['status']): ServiceHealth => ({
  name,
  status,
  since: 0,
  reasons: [],
  sources: [],
  instances: [],
  causedBy: [],
  waitsForMachine: false,
});

it('tells how each service is, and nothing of those that nobody knows or that are gone', async () => {
  const telemetry = createTelemetry();
  let services = [
    service('a', 'healthy'),
    service('b', 'degraded'),
    service('c', 'unhealthy'),
    service('d', 'unknown'),
  ];
  publishStates(telemetry, () => services);
  const told = async (): Promise<readonly string[]> =>
    (await telemetry.expose()).split('\n').filter((line) => line.startsWith('pharos_service_health{'));
  expect(await told()).toEqual([
    'pharos_service_health{service="a"} 0',
    'pharos_service_health{service="b"} 1',
    'pharos_service_health{service="c"} 2',
  ]);
  services = [service('b', 'healthy')];
  expect(await told()).toEqual(['pharos_service_health{service="b"} 0']);
});

it('tells who waits for its machine', async () => {
  const telemetry = createTelemetry();
  const services = [{ ...service('a', 'degraded'), waitsForMachine: true }, service('b', 'degraded')];
  publishStates(telemetry, () => services);
  const lines = (await telemetry.expose()).split('\n');
  expect(lines.filter((line) => line.startsWith('pharos_service_waits_for_machine{'))).toEqual([
    'pharos_service_waits_for_machine{service="a"} 1',
    'pharos_service_waits_for_machine{service="b"} 0',
  ]);
});
