import type { Egress } from '../../egress/index.ts';
import { testEgress } from '../../egress/testing/setup.ts';
import { systemClock } from '../../kernel/clock.ts';
import type { ProbeContext, ProbeResult } from '../probers/types.ts';

/** What a prober is given in tests: this machine may be asked for, an echo takes 5 ms. */
export function testContext(
  options: Partial<ProbeContext> = {},
  egress: Egress = testEgress(),
): ProbeContext {
  return {
    egress,
    trust: 'api',
    purpose: 'probe',
    timeoutMs: 10_000,
    now: () => systemClock.now(),
    ping: () => Promise.resolve({ seconds: 0.005 }),
    ...options,
  };
}

/** The value of a figure, undefined when it is not there. */
export function valueOf({ samples }: ProbeResult, name: string, phase?: string): number | undefined {
  return samples.find(
    (sample) => sample.name === name && (phase === undefined || sample.labels?.['phase'] === phase),
  )?.value;
}
