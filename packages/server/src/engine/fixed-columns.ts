import { type ColumnSpec, columnsOf, hasTenant, type TableSpec } from './tables.ts';

/** Bytes of a value. Types that are not here have values of different lengths, or none but the engine knows them. */
const WIDTHS: ReadonlyMap<string, number> = new Map([
  ['UInt8', 1],
  ['Int8', 1],
  ['UInt16', 2],
  ['Int16', 2],
  ['Date', 2],
  ['UInt32', 4],
  ['Int32', 4],
  ['Float32', 4],
  ['DateTime', 4],
  ['UInt64', 8],
  ['Int64', 8],
  ['Float64', 8],
]);

/** Finer scales than microseconds have ticks beyond 53 bits. */
export const DATE_TIME_64 = /^DateTime64\(([0-6])(?:, '[\w/]+')?\)$/;

export interface FixedColumn {
  readonly spec: ColumnSpec;
  readonly width: number;
  /** Where it begins in a row, after the tenant. */
  readonly offset: number;
}

/** What a row of a table looks like whose values have fixed lengths. */
export interface FixedShape {
  /** Whether a row begins with its tenant, the one text that it may have. */
  readonly tenant: boolean;
  /** The other columns. */
  readonly columns: readonly FixedColumn[];
  /** Bytes of a row without its tenant. */
  readonly rowBytes: number;
}

/** The shape of a table's rows of a schema version; null when they have values of different lengths. */
export function fixedShape(table: TableSpec, schemaVersion: number): FixedShape | null {
  const specs = columnsOf(table, schemaVersion);
  const tenant = hasTenant(table);
  if (tenant && specs[0]?.name !== 'tenant') return null;
  const columns: FixedColumn[] = [];
  let offset = 0;
  for (const spec of tenant ? specs.slice(1) : specs) {
    const width = DATE_TIME_64.test(spec.type) ? 8 : WIDTHS.get(spec.type);
    if (width === undefined) return null;
    columns.push({ spec, width, offset });
    offset += width;
  }
  return { tenant, columns, rowBytes: offset };
}

/** The tenant that bytes begin with, its length (of one or two bytes) before it; null when there is none. */
export function tenantPrefix(bytes: Uint8Array | undefined): Uint8Array | null {
  const [first, second] = bytes ?? [];
  if (bytes === undefined || first === undefined) return null;
  if (first < 0x80) return bytes.subarray(0, 1 + first);
  if (second === undefined || second >= 0x80) return null;
  return bytes.subarray(0, 2 + ((second << 7) | (first & 0x7f)));
}

/** The text of a prefix, or null when it is not valid UTF-8. */
export function tenantText(prefix: Uint8Array): string | null {
  try {
    const text = prefix.subarray((prefix[0] ?? 0) < 0x80 ? 1 : 2);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text);
  } catch {
    return null;
  }
}
