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
import { openMongo } from './storage/mongo/database.ts';
import { createObserve } from './storage/observe.ts';
import { openSqlite } from './storage/sqlite/database.ts';
import type { Stored } from './storage/stores.ts';
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

/** A service's own store: its repository, and how it is. */
export interface OpenStore<R> {
  readonly repository: R;
  readonly observe: Observe;
  /** Whether it can be read now. */
  ping(): boolean | Promise<boolean>;
  close(): void | Promise<void>;
}

/** Opens a service's own store, on a MongoDB server when it is told of one, watched by its metrics and its health. */
export async function openStore<R>(kit: Kit, stored: Stored<R>): Promise<OpenStore<R>> {
  const { config, clock, pharos, metrics, faults } = kit;
  const system = config.mongodbUri === null ? 'sqlite' : 'mongodb';
  const database = config.mongodbUri === null ? config.name : `shop_${config.name}`;
  const observe = createObserve(clock, databaseMetrics(metrics), () => faults.beforeDatabase(), {
    span: pharos.span,
    system,
    database,
  });
  const store =
    config.mongodbUri === null
      ? inSqlite(join(config.dataDir, `${config.name}.db`), stored, observe)
      : await inMongo(config.mongodbUri, database, stored, observe);
  pharos.health.register('database', async () => {
    await faults.beforeDatabase();
    return store.ping();
  });
  return store;
}

function inSqlite<R>(file: string, { sqlite }: Stored<R>, observe: Observe): OpenStore<R> {
  const db = openSqlite(file, sqlite.schema);
  return {
    repository: sqlite.create(db, observe),
    observe,
    ping: () => db.ping(),
    close: () => db.close(),
  };
}

async function inMongo<R>(
  uri: string,
  database: string,
  { mongo }: Stored<R>,
  observe: Observe,
): Promise<OpenStore<R>> {
  const db = await openMongo(uri, database, mongo.indexes);
  return {
    repository: mongo.create(db, observe),
    observe,
    ping: () => db.ping(),
    close: () => db.close(),
  };
}
