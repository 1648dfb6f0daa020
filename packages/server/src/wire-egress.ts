import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import type { PharosConfig } from './config.ts';
import { createEgress, createLookup, type Egress } from './egress/index.ts';
import type { Clock } from './kernel/clock.ts';
import type { Base } from './wire-storage.ts';

/** Interfaces come and go; asking the system costs as much as a small request. */
const INTERFACES_FRESH_MS = 5000;

/** The one way out. `ownPorts` are those Pharos listens on, as soon as it does. */
export function wireEgress(base: Base, config: PharosConfig, ownPorts: () => readonly number[]): Egress {
  const { clock, telemetry } = base;
  const { egress } = config;
  return createEgress({
    clock,
    telemetry,
    lookup: createLookup({
      clock,
      servers: new Resolver({ timeout: 2000, tries: 2 }),
      readText: (path) => readFile(path, 'utf8'),
    }),
    rules: {
      allowPrivate: egress.allow_private,
      allowLoopback: egress.allow_loopback,
      allow: egress.allow,
      deny: egress.deny,
    },
    own: { addresses: ownAddresses(clock), ports: ownPorts },
    maxConnections: egress.max_connections,
  });
}

function ownAddresses(clock: Clock): () => readonly string[] {
  let known: readonly string[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (clock.monotonic() - readAt > INTERFACES_FRESH_MS) {
      readAt = clock.monotonic();
      known = Object.values(networkInterfaces()).flatMap((list) =>
        (list ?? []).map(({ address }) => address),
      );
    }
    return known;
  };
}
