import type { EgressDeps } from '../../egress/door.ts';
import { testEgress } from '../../egress/testing/setup.ts';
import { openTestState } from '../../journal/testing/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createServiceNames } from '../../kernel/names.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { MemorySink } from '../../metrics/testing/memory_sink.ts';
import { type ProbeDefinition, probeDefinition } from '../definition.ts';
import { type ConfiguredProbes, ProbeService, type ProbeServiceDeps } from '../service.ts';
import { ProbeStore } from '../store.ts';

/** A running service of probes over memory. */
export async function testProbes(
  clock: Clock,
  options: Partial<Omit<ProbeServiceDeps, 'configured'>> & {
    readonly egressDeps?: Partial<EgressDeps>;
    readonly configured?: Partial<ConfiguredProbes>;
  } = {},
) {
  const { egressDeps, configured, ...deps } = options;
  const state = await openTestState();
  let ids = 0;
  const sink = new MemorySink();
  const telemetry = createTelemetry();
  const service = new ProbeService({
    clock,
    log: silentLog,
    telemetry,
    names: createServiceNames(new Map()),
    egress: testEgress({ clock, ...egressDeps }),
    ping: () => Promise.resolve({ seconds: 0.001 }),
    // The same in each run: an id decides when its probe looks.
    store: new ProbeStore(state, () => `probe-${ids++}`),
    series: { appender: (tenant) => sink.appender({ tenant }) },
    configured: { checks: [], maintenance: [], concurrency: 10, ...configured },
    tenant: 'default',
    ...deps,
  });
  await service.start();
  return { service, sink, telemetry, state };
}

export function define(definition: object): ProbeDefinition {
  return probeDefinition.parse({ name: 'order', ...definition });
}
