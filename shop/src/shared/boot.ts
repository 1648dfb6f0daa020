import { join } from 'node:path';
import type { Clock, Random } from './clock.ts';
import { systemClock, systemRandom } from './clock.ts';
import type { ShopConfig } from './config.ts';
import type { Switchable } from './faults/effects.ts';
import { cpuBurn, deadService, memoryLeak } from './faults/effects.ts';
import { createFaultState, noFaults } from './faults/state.ts';
import type { Kit } from './kit.ts';
import { createKit } from './kit.ts';
import { databaseMetrics } from './metrics.ts';
import { createObserve } from './storage/observe.ts';
import type { Sqlite } from './storage/sqlite/database.ts';
import { openSqlite } from './storage/sqlite/database.ts';
import type { Observe } from './storage/types.ts';

/** What tests replace. */
export interface BootOptions {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly quiet?: boolean;
}

/** The parts of a service before it has routes. `onSwitch` belongs into `serve`. */
export interface Booted {
  readonly kit: Kit;
  readonly onSwitch: (service: Switchable) => void;
}

/** Makes the kit of a service; faults work only where the configuration opens the control channel. */
export function boot(config: ShopConfig, options: BootOptions = {}): Booted {
  const { clock = systemClock, random = systemRandom, quiet = false } = options;
  let target: Switchable | null = null;
  const forwarding: Switchable = {
    goDead: () => target?.goDead(),
    comeBack: () => target?.comeBack(),
  };
  const effects = {
    memory_leak: memoryLeak(clock),
    cpu_burn: cpuBurn(clock),
    dead_service: deadService(forwarding),
  };
  const faults = config.controlPort === null ? noFaults : createFaultState({ clock, random, effects });
  const kit = createKit({ config, faults, clock, random, quiet });
  return {
    kit,
    onSwitch: (service) => {
      target = service;
    },
  };
}

/** Opens a service's own store, watched by its metrics and its health. */
export function openStore(kit: Kit, schema: readonly string[]): { db: Sqlite; observe: Observe } {
  const { config, clock, pharos, metrics, faults } = kit;
  const db = openSqlite(join(config.dataDir, `${config.name}.db`), schema);
  const observe = createObserve(clock, databaseMetrics(metrics), () => faults.beforeDatabase(), {
    span: pharos.span,
    database: config.name,
  });
  pharos.health.register('database', async () => {
    await faults.beforeDatabase();
    return db.ping();
  });
  return { db, observe };
}
