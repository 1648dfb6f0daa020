import type { BreakerStateName } from './machine.ts';
import { numbersOf } from './opossum.ts';
import type { ForeignBreaker, WatchedBreaker } from './watched.ts';

interface Disposable {
  dispose(): void;
}

type Listen = (listener: () => void) => Disposable;

/** What is used of cockatiel's CircuitBreakerPolicy (connor4312/cockatiel, versions 3 and 4), by shape: Pharos does not depend on it. */
export interface CockatielBreaker {
  /** 0 closed, 1 open, 2 half-open, 3 isolated. */
  readonly state: number;
  readonly onStateChange: Listen;
  readonly onSuccess: Listen;
  readonly onFailure: Listen;
  execute(call: never): unknown;
  isolate(): Disposable;
}

const METHODS = ['execute', 'isolate', 'onStateChange', 'onSuccess', 'onFailure'] as const;
const STATES: readonly BreakerStateName[] = ['CLOSED', 'OPEN', 'HALF_OPEN', 'OPEN'];

export function isCockatiel(breaker: object): breaker is CockatielBreaker {
  return (
    METHODS.every((method) => typeof Reflect.get(breaker, method) === 'function') &&
    typeof Reflect.get(breaker, 'state') === 'number'
  );
}

/**
 * cockatiel can be held open (`isolate`) and goes to closed when that ends; it has no way to be held closed. It tells of no calls
 * that it rejects, so these are not counted.
 */
export function connectCockatiel(breaker: CockatielBreaker): (watched: WatchedBreaker) => ForeignBreaker {
  return (watched) => {
    const done = (count: () => void) => (): void => {
      watched.started();
      count();
    };
    const listening = [
      breaker.onSuccess(done(() => watched.succeeded())),
      breaker.onFailure(done(() => watched.failed())),
      breaker.onStateChange(() => watched.look()),
    ];
    let isolated: Disposable | null = null;
    return {
      kind: 'cockatiel',
      settings: numbersOf(Reflect.get(breaker, 'options'), ['halfOpenAfter']),
      actions: ['reset', 'force_open', 'release'],
      state: () => STATES[breaker.state] ?? 'CLOSED',
      hold: () => {
        isolated ??= breaker.isolate();
      },
      release: () => {
        isolated?.dispose();
        isolated = null;
      },
      // The way back to closed leads through isolation; nobody's call runs in between.
      reset: () => {
        if (STATES[breaker.state] !== 'CLOSED') breaker.isolate().dispose();
      },
      stop: () => {
        for (const one of listening) one.dispose();
      },
    };
  };
}
