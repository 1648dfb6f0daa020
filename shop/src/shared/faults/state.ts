import type { Clock, Random, Timer } from '../clock.ts';
import { ShopError } from '../errors.ts';
import type { FaultKind, InjectedFault } from './kinds.ts';
import { paramOf } from './kinds.ts';

/** Faults that something must be started and stopped for; the others are asked about at each request. */
export interface FaultEffect {
  start(fault: InjectedFault): { stop(): void };
}

export type FaultEffects = Partial<Readonly<Record<FaultKind, FaultEffect>>>;

/**
 * The faults of one service. They are a lease, not a state: when the controller falls silent they end by themselves, so
 * that a lost controller leaves no broken service behind.
 */
export interface FaultState {
  /** Makes exactly these the active faults for the next `leaseMs`. */
  replace(faults: readonly InjectedFault[], leaseMs: number): void;
  active(kind: FaultKind): readonly InjectedFault[];
  all(): readonly InjectedFault[];
  /** What an API request must suffer: a delay, a hang, an error. `signal` ends the wait when the caller hangs up. */
  beforeRequest(signal: AbortSignal): Promise<void>;
  /** What an access to the store must suffer. */
  beforeDatabase(): Promise<void>;
  clear(): void;
}

interface Running {
  readonly fault: InjectedFault;
  readonly stop: () => void;
}

export function createFaultState(deps: { clock: Clock; random: Random; effects: FaultEffects }): FaultState {
  const { clock, random, effects } = deps;
  const running = new Map<string, Running>();
  let lease: Timer | null = null;

  const active = (kind: FaultKind): InjectedFault[] =>
    [...running.values()].map((r) => r.fault).filter((fault) => fault.kind === kind);
  /** A caller that hangs up ends the wait; nobody reads what comes then. */
  const wait = async (ms: number, signal: AbortSignal): Promise<void> => {
    try {
      await clock.sleep(ms, signal);
    } catch (error) {
      throw new ShopError('timeout', 'the caller gave up', { cause: error });
    }
  };
  const end = (id: string): void => {
    running.get(id)?.stop();
    running.delete(id);
  };
  const clear = (): void => {
    lease?.cancel();
    for (const id of running.keys()) end(id);
  };

  return {
    active,
    all: () => [...running.values()].map((r) => r.fault),
    replace(faults, leaseMs) {
      const wanted = new Set(faults.map((fault) => fault.id));
      for (const id of running.keys()) if (!wanted.has(id)) end(id);
      for (const fault of faults) {
        if (running.has(fault.id)) continue;
        const effect = effects[fault.kind]?.start(fault);
        running.set(fault.id, { fault, stop: () => effect?.stop() });
      }
      lease?.cancel();
      if (faults.length > 0) lease = clock.after(leaseMs, clear);
    },
    async beforeRequest(signal) {
      for (const fault of active('added_latency')) {
        if (random() >= paramOf(fault, 'rate')) continue;
        const jitter = paramOf(fault, 'jitter_ms') * (random() * 2 - 1);
        await wait(Math.max(0, paramOf(fault, 'latency_ms') + jitter), signal);
      }
      for (const fault of active('timeouts')) {
        if (random() >= paramOf(fault, 'rate')) continue;
        await wait(paramOf(fault, 'hang_ms'), signal);
        throw new ShopError('timeout', 'the request hung until it was given up');
      }
      for (const fault of active('error_spike')) {
        if (random() >= paramOf(fault, 'rate')) continue;
        const status = paramOf(fault, 'status');
        throw new ShopError('injected', 'unexpected failure while handling the request', { status });
      }
    },
    async beforeDatabase() {
      for (const fault of active('slow_database')) await clock.sleep(paramOf(fault, 'latency_ms'));
    },
    clear,
  };
}

/** A fault state that never has any: for services outside the demo. */
export const noFaults: FaultState = {
  replace: () => undefined,
  active: () => [],
  all: () => [],
  beforeRequest: () => Promise.resolve(),
  beforeDatabase: () => Promise.resolve(),
  clear: () => undefined,
};
