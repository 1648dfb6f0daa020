import { randomBytes } from 'node:crypto';
import { Breakers, breakerChannelApi, breakerMonitoringApi, breakersApi } from './breakers/index.ts';
import type { ApiModule } from './http/types.ts';
import type { ServiceNames } from './kernel/names.ts';
import type { Service } from './kernel/services.ts';
import type { PromReader } from './overview/index.ts';
import type { Base, Storage } from './wire-storage.ts';

interface WiredBreakers {
  readonly breakers: Breakers;
  readonly apis: readonly ApiModule[];
  readonly services: readonly Service[];
}

export function wireBreakers(
  base: Base,
  storage: Storage,
  names: ServiceNames,
  reader: PromReader,
): WiredBreakers {
  const { engine, journal, state } = storage;
  const newId = (): string => randomBytes(4).toString('hex');
  const breakers = new Breakers({ ...base, engine, journal, state, reader, names, newId });
  return {
    breakers,
    apis: [
      breakersApi({ breakers, names, clock: base.clock, reader }),
      breakerChannelApi(breakers),
      breakerMonitoringApi({ breakers, names }),
    ],
    services: [
      {
        name: 'breakers',
        dependsOn: ['engine', 'journal', 'state'],
        start: async () => {
          await breakers.history.load();
          breakers.start();
        },
        stop: () => breakers.stop(),
      },
    ],
  };
}
