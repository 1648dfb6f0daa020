import { type CircuitBreaker, createPharos } from '@pharos/node';
import { ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';
import Opossum from 'opossum';
import type { Verdict } from '../targets-met.ts';

/** Calls of one round; half of it is warm-up. */
const CALLS = 10_000;

const WORK = {
  'a call that answers later': async () => 1,
  'a call that answers at once': () => 1,
  'a call that fails': () => Promise.reject(FAILURE),
} as const;
type Kind = keyof typeof WORK;
const KINDS: readonly Kind[] = [
  'a call that answers later',
  'a call that answers at once',
  'a call that fails',
];
const FAILURE = new Error('no');

/** One call through a breaker that never opens, on the same kind of work. */
interface Subject {
  readonly name: string;
  readonly call: (kind: Kind) => () => Promise<unknown>;
}

const NEVER = 1_000_000_000;

function subjects(): { readonly all: readonly Subject[]; stop(): Promise<void> } {
  const pharos = createPharos({
    service: 'bench',
    env: {},
    propagation: false,
    logs: { file: false, stdout: false },
  });
  const ours = new Map<Kind, CircuitBreaker>(
    KINDS.map((kind) => [kind, pharos.breakers.create(kind, { failureThreshold: NEVER })]),
  );
  const opossums = new Map(
    // Without its timeout, which costs a timer per call and which the others have elsewhere; and without percentiles, for which each
    // failure would go through the latencies of the whole window.
    KINDS.map((kind) => [
      kind,
      new Opossum(async () => WORK[kind](), {
        timeout: false,
        errorThresholdPercentage: 101,
        rollingPercentilesEnabled: false,
      }),
    ]),
  );
  const policies = new Map(
    KINDS.map((kind) => [
      kind,
      circuitBreaker(handleAll, { halfOpenAfter: 1_000, breaker: new ConsecutiveBreaker(NEVER) }),
    ]),
  );
  return {
    all: [
      { name: 'Pharos', call: (kind) => () => ours.get(kind)?.execute<number>(WORK[kind]) ?? nothing() },
      { name: 'opossum', call: (kind) => () => opossums.get(kind)?.fire() ?? nothing() },
      { name: 'cockatiel', call: (kind) => () => policies.get(kind)?.execute(WORK[kind]) ?? nothing() },
      { name: 'no breaker', call: (kind) => async () => WORK[kind]() },
    ],
    stop: async () => {
      for (const breaker of opossums.values()) breaker.shutdown();
      await pharos.stop();
    },
  };
}

function nothing(): Promise<never> {
  return Promise.reject(new Error('no breaker for this kind of call'));
}

/** Nanoseconds of processor time per call. */
async function round(call: () => Promise<unknown>, calls: number): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) {
    try {
      await call();
    } catch (error) {
      if (error !== FAILURE) throw error;
    }
  }
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1_000) / calls;
}

export interface BreakerCost {
  readonly kind: string;
  readonly system: string;
  /** Median of the rounds, in nanoseconds of processor time per call. */
  readonly nanosPerCall: number;
}

/** What a call through a closed breaker costs: ours, opossum's and cockatiel's in turns, medians of processor time. */
export async function breakerCost(rounds: number, verdicts: Verdict[]): Promise<BreakerCost[]> {
  console.log(`\na call through a closed breaker, ${rounds} rounds of ${CALLS.toLocaleString('en-US')}`);
  const { all, stop } = subjects();
  const costs: BreakerCost[] = [];
  for (const kind of KINDS) {
    const measured = all.map(({ name, call }) => ({ name, call: call(kind), nanos: [] as number[] }));
    for (const { call } of measured) await round(call, CALLS / 2);
    for (let i = 0; i < rounds; i++)
      for (const { call, nanos } of measured) nanos.push(await round(call, CALLS));
    for (const { name, nanos } of measured) {
      const nanosPerCall = nanos.toSorted((a, b) => a - b)[nanos.length >> 1] ?? Number.NaN;
      costs.push({ kind, system: name, nanosPerCall });
      console.log(`${kind.padEnd(28)} ${name.padEnd(11)} ${nanosPerCall.toFixed(0).padStart(6)} ns CPU`);
    }
    const of = (system: string): number =>
      costs.find((cost) => cost.kind === kind && cost.system === system)?.nanosPerCall ?? Number.NaN;
    const fastest = Math.min(of('opossum'), of('cockatiel'));
    verdicts.push({
      goal: `breaker, ${kind}: CPU of the faster of opossum's and cockatiel's`,
      most: 1.5,
      measured: of('Pharos') / fastest,
    });
  }
  await stop();
  return costs;
}
