import type { Clock } from '../clock.ts';
import { paramOf } from './kinds.ts';
import type { FaultEffect } from './state.ts';

const MEGABYTE = 1_048_576;
const LEAK_EVERY_MS = 1_000;
/** The length of one burn-and-rest cycle: short enough that requests between two burns are late, not lost. */
const BURN_CYCLE_MS = 200;

/** Holds on to ever more memory, written to so that it is resident, and drops it at the end. */
export function memoryLeak(clock: Clock, allocate = (bytes: number) => Buffer.alloc(bytes, 1)): FaultEffect {
  return {
    start(fault) {
      const limit = paramOf(fault, 'max_mb') * MEGABYTE;
      const step = Math.max(
        1,
        Math.round(paramOf(fault, 'mb_per_second') * MEGABYTE * (LEAK_EVERY_MS / 1_000)),
      );
      let held: Buffer[] = [];
      let total = 0;
      const timer = clock.every(LEAK_EVERY_MS, () => {
        const size = Math.min(step, limit - total);
        if (size <= 0) return;
        held.push(allocate(size));
        total += size;
      });
      return {
        stop: () => {
          timer.cancel();
          held = [];
          // Without it the memory stays resident until the next full collection, which a quiet service puts off for long.
          globalThis.gc?.();
        },
      };
    },
  };
}

/** Blocks the event loop for a share of every cycle. */
export function cpuBurn(clock: Clock): FaultEffect {
  return {
    start(fault) {
      const busyMs = (BURN_CYCLE_MS * paramOf(fault, 'percent')) / 100;
      const timer = clock.every(BURN_CYCLE_MS, () => {
        const until = clock.monotonic() + busyMs;
        let x = 1;
        while (clock.monotonic() < until) x = Math.sqrt(x + 2);
        if (Number.isNaN(x)) throw new Error('unreachable: keeps the loop from being optimised away');
      });
      return { stop: () => timer.cancel() };
    },
  };
}

/** What can be switched off and on again as a whole: every listener and every push of the service. */
export interface Switchable {
  goDead(): void;
  comeBack(): void;
}

/** The service stops answering; nested faults bring it back only when the last one ends. */
export function deadService(service: Switchable): FaultEffect {
  let holders = 0;
  return {
    start() {
      if (holders++ === 0) service.goDead();
      let stopped = false;
      return {
        stop: () => {
          if (stopped) return;
          stopped = true;
          if (--holders === 0) service.comeBack();
        },
      };
    },
  };
}
