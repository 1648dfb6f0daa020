import type { Counter, Gauge } from 'prom-client';

/** A queue as the slice that has it publishes it: which of its own metrics tell of it. */
export interface QueueSpec {
  readonly name: string;
  /** In words: what waits for what. */
  readonly what: string;
  readonly unit: 'bytes' | 'items';
  /** Absent where it is not counted how much waits. */
  readonly depth?: Gauge;
  /** Seconds that the oldest has waited. */
  readonly oldest?: Gauge;
  /** What did not fit or had to be let go; of a counter that counts other things too, the samples with these labels. */
  readonly lost?: Counter | { readonly counter: Counter; readonly where: Readonly<Record<string, string>> };
}

/** A queue at this moment. */
export interface QueueState {
  readonly name: string;
  readonly what: string;
  readonly unit: 'bytes' | 'items';
  /** Null where it is not counted. */
  readonly depth: number | null;
  /** How much it may hold, in its unit; null where that is not configured. */
  readonly capacity: number | null;
  readonly oldestSeconds: number | null;
  readonly lost: number | null;
  /** The depth by the value of the gauge's only label, where it has one. */
  readonly parts: Record<string, number>;
}

/** Every queue of the parts that run. */
export class Queues {
  readonly #specs = new Map<string, QueueSpec>();

  publish(spec: QueueSpec): void {
    this.#specs.set(spec.name, spec);
  }

  /** By name. `limits` has the capacity of those that have one. */
  async states(limits: Readonly<Record<string, number>>): Promise<QueueState[]> {
    const specs = [...this.#specs.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return await Promise.all(
      specs.map(async ({ name, what, unit, depth, oldest, lost }) => {
        const waiting = depth === undefined ? null : await valuesOf(depth);
        const waited = oldest === undefined ? null : await valuesOf(oldest);
        return {
          name,
          what,
          unit,
          depth: waiting === null ? null : sum(waiting),
          capacity: limits[name] ?? null,
          oldestSeconds: waited === null ? null : Math.max(0, ...waited.map(({ value }) => value)),
          lost: lost === undefined ? null : sum(await lostOf(lost)),
          parts: waiting === null ? {} : partsOf(waiting),
        };
      }),
    );
  }
}

interface Value {
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  readonly value: number;
}

async function valuesOf(metric: Gauge | Counter): Promise<readonly Value[]> {
  return (await metric.get()).values;
}

async function lostOf(lost: NonNullable<QueueSpec['lost']>): Promise<readonly Value[]> {
  if (!('counter' in lost)) return await valuesOf(lost);
  const wanted = Object.entries(lost.where);
  return (await valuesOf(lost.counter)).filter(({ labels }) =>
    wanted.every(([name, value]) => labels[name] === value),
  );
}

function sum(values: readonly Value[]): number {
  return values.reduce((total, { value }) => total + value, 0);
}

function partsOf(values: readonly Value[]): Record<string, number> {
  return Object.fromEntries(
    values.flatMap(({ labels, value }): [string, number][] => {
      const [part, ...others] = Object.values(labels);
      return part === undefined || others.length > 0 ? [] : [[String(part), value]];
    }),
  );
}
