import { createHash } from 'node:crypto';
import { maskedText } from '../kernel/config/mask.ts';
import type { ProbeDefinition } from './definition.ts';

/** Whether the series of one definition go on under another. */
export function sameSeries(a: ProbeDefinition, b: ProbeDefinition): boolean {
  const target = (probe: ProbeDefinition): string =>
    probe.type === 'heartbeat' ? probe.name : maskedText(probe.target);
  return (
    a.type === b.type && a.name === b.name && a.service === b.service && target(a) === target(b) && !b.paused
  );
}

/** What a probe is known by to the schedule. */
export function keyOf({ tenant, id }: { readonly tenant: string; readonly id: string }): string {
  return `${tenant}\u0000${id}`;
}

/** Tenant and id of a {@link keyOf}. */
export function ofKey(key: string): readonly [tenant: string, id: string] {
  const at = key.indexOf('\u0000');
  return [key.slice(0, at), key.slice(at + 1)];
}

/** The id of a probe of the configuration file: its name's, so that it is the same after a restart. */
export function fileId(name: string): string {
  return `file-${createHash('sha256').update(name).digest('base64url').slice(0, 12)}`;
}

/** A number that is a key's own and stays: where in its interval a probe looks. */
export function hashOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}
