import type { LineChunk } from './chunk.ts';
import { RecentIds } from './recent-ids.ts';

/** What a request may store, and its promise to say how that went. */
export interface Claim {
  /** By chunk, the rows that are there already, or twice in the request. */
  readonly duplicates: readonly ReadonlySet<number>[];
  settle(stored: boolean): void;
}

interface Flight {
  readonly ids: ReadonlySet<string>;
  readonly done: Promise<void>;
}

/**
 * Which lines are there already: stream, time and message make a line (compat LP-5). A line that another request is just storing is not
 * called a duplicate before that one is durable: its sender may be told it is stored only when it is.
 */
export class Identities {
  readonly #recent = new RecentIds();
  readonly #flights = new Set<Flight>();

  get bytes(): number {
    return this.#recent.bytes;
  }

  /** Lines of an earlier process. */
  learn(chunk: LineChunk): void {
    for (let row = 0; row < chunk.rows; row++) {
      const { low, high } = identityOf(chunk, row);
      this.#recent.add(low, high);
    }
  }

  async claim(chunks: readonly LineChunk[]): Promise<Claim> {
    const identities = chunks.map((chunk) =>
      Array.from({ length: chunk.rows }, (_, row) => identityOf(chunk, row)),
    );
    for (;;) {
      const blocking = this.#blocking(identities);
      if (blocking === undefined) break;
      await blocking.done;
    }
    const own = new Set<string>();
    const duplicates = identities.map((rows) => {
      const found = new Set<number>();
      for (const [row, { low, high }] of rows.entries()) {
        const key = `${low} ${high}`;
        if (own.has(key) || this.#recent.has(low, high)) found.add(row);
        else own.add(key);
      }
      return found;
    });
    let finish = (): void => {};
    const flight: Flight = {
      ids: own,
      done: new Promise((resolve) => {
        finish = resolve;
      }),
    };
    this.#flights.add(flight);
    return {
      duplicates,
      settle: (stored) => {
        if (stored)
          for (const [i, rows] of identities.entries())
            for (const [row, { low, high }] of rows.entries())
              if (duplicates[i]?.has(row) !== true) this.#recent.add(low, high);
        this.#flights.delete(flight);
        finish();
      },
    };
  }

  #blocking(identities: readonly (readonly Identity[])[]): Flight | undefined {
    for (const flight of this.#flights)
      for (const rows of identities)
        for (const { low, high } of rows) if (flight.ids.has(`${low} ${high}`)) return flight;
    return undefined;
  }
}

interface Identity {
  readonly low: number;
  readonly high: number;
}

/** Tenant, stream, time and message of a row in 64 bits. */
function identityOf({ tenant, ms, nanos, streams, ids }: LineChunk, row: number): Identity {
  const seed = tenantSeed(tenant);
  let low = seed;
  let high = ~seed;
  for (const word of [
    streams[row * 2],
    streams[row * 2 + 1],
    ids[row * 2],
    ids[row * 2 + 1],
    ms[row] % 2 ** 32,
    Math.floor(ms[row] / 2 ** 32),
    nanos[row],
  ]) {
    low = mixed(low ^ word, 0x85ebca6b);
    high = mixed(high + word, 0xc2b2ae35) ^ low;
  }
  // The pair of zeros stands for nothing.
  return { low: (low >>> 0) | 1, high: high >>> 0 };
}

/** The finaliser of MurmurHash3. */
function mixed(value: number, factor: number): number {
  let hash = Math.imul(value ^ (value >>> 16), factor);
  hash = Math.imul(hash ^ (hash >>> 13), 0x9e3779b1);
  return hash ^ (hash >>> 16);
}

function tenantSeed(tenant: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < tenant.length; i++) hash = Math.imul(hash ^ tenant.charCodeAt(i), 0x01000193);
  return hash;
}
