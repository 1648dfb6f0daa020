import { z } from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import { errorsErrors } from '../errors.ts';
import type { ErrorEvent } from '../event.ts';
import type { ErrorGroup } from '../groups/group.ts';
import type { ErrorStore } from '../store/store.ts';

export interface GroupsApiOptions {
  readonly store: Pick<ErrorStore, 'groups' | 'reader'>;
  readonly clock: Clock;
  readonly names: ServiceNames;
  /** How long events are kept, ms. */
  readonly keepMs: number;
  /** An event with its frames as the sources have them, also when the map came later. */
  readonly mapped: (tenant: string, event: ErrorEvent) => Promise<ErrorEvent>;
}

export const byId = z.object({ id: z.string().regex(/^[0-9a-f]{16}$/, 'expected 16 hex digits') });

/** The group of an id, or of what it became part of. Throws unknownGroup. */
export function known(store: GroupsApiOptions['store'], tenant: string, id: string): ErrorGroup {
  const group = store.groups.find(tenant, id);
  if (group === undefined) throw errorsErrors.make('unknownGroup', `there is no group ${JSON.stringify(id)}`);
  return group;
}
