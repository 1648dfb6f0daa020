import type { PharosConfig } from './config.ts';
import { DEFAULT_TENANT } from './http/admit.ts';
import type { ApiModule } from './http/types.ts';
import type { PromReader } from './overview/index.ts';
import type { Reloadable } from './reload.ts';
import { slosApi } from './slos/index.ts';
import type { Base } from './wire-storage.ts';

/** Objectives as they stand; the rules that are made of them belong to the rules' wiring. */
export function wireSlos(
  { clock }: Pick<Base, 'clock'>,
  { config, reader }: { readonly config: PharosConfig; readonly reader: Pick<PromReader, 'instant'> },
): Reloadable & { readonly api: ApiModule } {
  let { slos } = config;
  return {
    name: 'slos',
    applyConfig: (changed) => {
      slos = changed.slos;
    },
    api: slosApi({
      clock,
      slos: () => slos,
      query: (query, at) => reader.instant(DEFAULT_TENANT, query, at),
    }),
  };
}
