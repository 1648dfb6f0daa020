import { RowBinaryReader, RowBinaryWriter } from '../../engine/index.ts';
import type { Frame } from '../../journal/index.ts';
import { spanOperationsTable } from '../tables.ts';

/** What a service does: the name and kind of its spans. */
export interface Operation {
  readonly service: string;
  readonly name: string;
  readonly kind: number;
}

interface Day {
  /** By service, then `kind name`. */
  readonly services: Map<string, Set<string>>;
}

/** Days that are kept in mind: the doors take a week, but what is older than two days is written again at worst. */
const DAYS = 3;

/** The operations that have a row, by tenant and day; bounded per service. */
export class Operations {
  readonly #limit: number;
  readonly #tenants = new Map<string, Map<number, Day>>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether an operation has no row yet and may have one. */
  isNew(tenant: string, day: number, { service, name, kind }: Operation): boolean {
    const known = this.#tenants.get(tenant)?.get(day)?.services.get(service);
    return known === undefined || (!known.has(`${kind} ${name}`) && known.size < this.#limit);
  }

  add(tenant: string, day: number, { service, name, kind }: Operation): void {
    let days = this.#tenants.get(tenant);
    if (days === undefined) this.#tenants.set(tenant, (days = new Map<number, Day>()));
    let known = days.get(day);
    if (known === undefined) {
      days.set(day, (known = { services: new Map() }));
      if (days.size > DAYS) days.delete(Math.min(...days.keys()));
    }
    const operations = known.services.get(service);
    if (operations === undefined) known.services.set(service, new Set([`${kind} ${name}`]));
    else if (operations.size < this.#limit) operations.add(`${kind} ${name}`);
  }

  /** Those of a tenant that were seen lately. */
  *list(tenant: string): Generator<Operation> {
    for (const { services } of this.#tenants.get(tenant)?.values() ?? [])
      for (const [service, operations] of services)
        for (const key of operations) {
          const blank = key.indexOf(' ');
          yield { service, name: key.slice(blank + 1), kind: Number(key.slice(0, blank)) };
        }
  }
}

export function operationFrame(tenant: string, day: number, operations: Iterable<Operation>): Frame {
  const writer = new RowBinaryWriter(0);
  for (const { service, name, kind } of operations) {
    writer.string(tenant);
    writer.date(day);
    writer.string(service);
    writer.string(name);
    writer.uint8(kind);
    writer.endRow();
  }
  const { rows, payload } = writer.take();
  return { table: spanOperationsTable.name, schemaVersion: 1, tenant, day, rows, payload };
}

export function readOperationRows(frame: Frame, visit: (operation: Operation) => void): void {
  const reader = new RowBinaryReader(frame.payload);
  for (let row = 0; row < frame.rows; row++) {
    reader.skipString();
    reader.skip(2);
    const service = reader.string();
    const name = reader.string();
    visit({ service, name, kind: reader.raw(1)[0] ?? 0 });
  }
}
