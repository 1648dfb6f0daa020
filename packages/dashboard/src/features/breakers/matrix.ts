import type { Breaker, Instance, State } from './contracts.ts';

/** The breakers of one service on each of its instances. */
export interface ServiceMatrix {
  readonly service: string;
  /** By name. */
  readonly breakers: readonly string[];
  /** The worst first; those that are gone last. */
  readonly rows: readonly MatrixRow[];
}

interface MatrixRow {
  readonly instance: string;
  readonly version: string;
  readonly status: Instance['status'];
  /** As many as the service has breakers, in their order; undefined where the instance does not have it. */
  readonly cells: readonly (Instance | undefined)[];
}

const BADNESS: Readonly<Record<State, number>> = { CLOSED: 0, HALF_OPEN: 1, OPEN: 2 };

/** Every breaker on every instance, by service in the order in which the services come. */
export function matrixOf(rows: readonly Breaker[]): ServiceMatrix[] {
  const services = new Map<string, Breaker[]>();
  for (const row of rows) {
    const own = services.get(row.service);
    if (own === undefined) services.set(row.service, [row]);
    else own.push(row);
  }
  return Array.from(services, ([service, own]) => {
    const breakers = own.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return { service, breakers: breakers.map(({ name }) => name), rows: instancesOf(breakers) };
  });
}

function instancesOf(breakers: readonly Breaker[]): MatrixRow[] {
  const found = new Map<string, { head: Instance; cells: (Instance | undefined)[] }>();
  for (const [column, { instances }] of breakers.entries())
    for (const one of instances) {
      const known = found.get(one.instance);
      const cells = known?.cells ?? breakers.map((): Instance | undefined => undefined);
      cells[column] = one;
      if (known === undefined) found.set(one.instance, { head: one, cells });
    }
  return Array.from(found.values(), ({ head: { instance, version, status }, cells }) => ({
    instance,
    version,
    status,
    cells,
  })).sort(
    (a, b) =>
      Number(a.status !== 'live') - Number(b.status !== 'live') ||
      badness(b) - badness(a) ||
      (a.instance < b.instance ? -1 : 1),
  );
}

function badness({ cells }: MatrixRow): number {
  return Math.max(...cells.map((cell) => (cell === undefined ? -1 : BADNESS[cell.state])));
}
