import type { ForeignBreaker, WatchedBreaker } from './watched.ts';

/** What is used of opossum's CircuitBreaker (nodeshift/opossum, from version 5 on), by shape: Pharos does not depend on it. */
export interface OpossumBreaker {
  readonly name: string;
  readonly opened: boolean;
  readonly halfOpen: boolean;
  fire(...args: never[]): unknown;
  open(): void;
  close(): void;
  enable(): void;
  disable(): void;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

const METHODS = ['fire', 'open', 'close', 'enable', 'disable', 'on', 'off'] as const;
const SETTINGS = [
  'timeout',
  'resetTimeout',
  'errorThresholdPercentage',
  'volumeThreshold',
  'capacity',
  'rollingCountTimeout',
] as const;

export function isOpossum(breaker: object): breaker is OpossumBreaker {
  return (
    METHODS.every((method) => typeof Reflect.get(breaker, method) === 'function') &&
    typeof Reflect.get(breaker, 'opened') === 'boolean' &&
    typeof Reflect.get(breaker, 'halfOpen') === 'boolean'
  );
}

/**
 * opossum has no hold of its own. Held open is opened again in the same turn in which its timer would let a probe through; held closed
 * is closed and switched off, so that every call passes. Released from open, its own running timer brings it to half-open.
 */
export function connectOpossum(breaker: OpossumBreaker): (watched: WatchedBreaker) => ForeignBreaker {
  return (watched) => {
    const listeners: readonly (readonly [string, () => void])[] = [
      ['fire', () => watched.started()],
      ['success', () => watched.succeeded()],
      ['failure', () => watched.failed()],
      ['reject', () => watched.rejected()],
      ['open', () => watched.look()],
      ['close', () => watched.look()],
      ['halfOpen', () => (watched.holds === 'OPEN' ? breaker.open() : watched.look())],
      ['shutdown', () => watched.look()],
    ];
    for (const [event, listener] of listeners) breaker.on(event, listener);
    return {
      kind: 'opossum',
      settings: numbersOf(Reflect.get(breaker, 'options'), SETTINGS),
      actions: ['reset', 'force_open', 'force_closed', 'release'],
      state: () => (breaker.opened ? 'OPEN' : breaker.halfOpen ? 'HALF_OPEN' : 'CLOSED'),
      hold: (state) => {
        if (state === 'OPEN') breaker.open();
        else {
          breaker.close();
          breaker.disable();
        }
      },
      // What was held closed is the only one that is switched off; enabling the other changes nothing.
      release: () => breaker.enable(),
      reset: () => breaker.close(),
      stop: () => {
        for (const [event, listener] of listeners) breaker.off(event, listener);
      },
    };
  };
}

/** Those of the named members that are numbers. */
export function numbersOf(source: unknown, names: readonly string[]): Record<string, number> {
  if (typeof source !== 'object' || source === null) return {};
  const found = names.map((name) => [name, Reflect.get(source, name)] as const);
  return Object.fromEntries(
    found.filter((entry): entry is readonly [string, number] => typeof entry[1] === 'number'),
  );
}
