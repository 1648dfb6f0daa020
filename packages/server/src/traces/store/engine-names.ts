import { day as dayLiteral, inList, MAX_LIST, sql, table, tenant as tenantHole } from '../../engine/index.ts';
import type { SpanSource } from '../sink.ts';
import { spanOperationsTable, spanSourcesTable } from '../tables.ts';
import { options, type Reader } from './engine-conditions.ts';
import { attributesColumn } from './engine-spans.ts';
import type { Operation } from './operations.ts';

/** The sources of spans by their hash; those that are not there are missing. */
export async function sourcesInEngine(
  engine: Reader,
  tenant: string,
  hashes: readonly bigint[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<bigint, SpanSource>> {
  const found = new Map<bigint, SpanSource>();
  for (let at = 0; at < hashes.length; at += MAX_LIST) {
    const block = await engine.query(
      sql`SELECT source, any(resource) AS attributes, any(resource_types) AS types, any(scope_name) AS name,
          any(scope_version) AS version, any(scope) AS scope_attributes, any(scope_types) AS scope_letters, any(schema_url) AS url
        FROM ${table(spanSourcesTable)}
        WHERE tenant = ${tenantHole} AND source IN ${inList(hashes.slice(at, at + MAX_LIST))} GROUP BY source`,
      options('traces.sources', tenant, signal),
    );
    if (block.rows === 0) continue;
    const keys = block.bigints('source');
    const resources = attributesColumn(block, 'attributes', 'types');
    const scopes = attributesColumn(block, 'scope_attributes', 'scope_letters');
    const [names, versions, urls] = [block.strings('name'), block.strings('version'), block.strings('url')];
    for (const [row, key] of keys.entries())
      found.set(BigInt.asUintN(64, key), {
        resource: resources(row),
        scopeName: names[row] ?? '',
        scopeVersion: versions[row] ?? '',
        scope: scopes(row),
        schemaUrl: urls[row] ?? '',
      });
  }
  return found;
}

/** Services with spans from a day on. */
export async function servicesInEngine(engine: Reader, tenant: string, fromDay: number): Promise<string[]> {
  const block = await engine.query(
    sql`SELECT DISTINCT service FROM ${table(spanOperationsTable)} WHERE tenant = ${tenantHole} AND day >= ${dayLiteral(fromDay)} LIMIT ${MOST_NAMES}`,
    options('traces.services', tenant),
  );
  return [...block.strings('service')];
}

const MOST_NAMES = 100_000;

/** The operations of a service from a day on. */
export async function operationsInEngine(
  engine: Reader,
  tenant: string,
  service: string,
  fromDay: number,
): Promise<Operation[]> {
  const block = await engine.query(
    sql`SELECT DISTINCT name, kind FROM ${table(spanOperationsTable)}
      WHERE tenant = ${tenantHole} AND service = ${service} AND day >= ${dayLiteral(fromDay)} LIMIT ${MOST_NAMES}`,
    options('traces.operations', tenant),
  );
  const kinds = block.numbers('kind');
  return block.strings('name').map((name, row) => ({ service, name, kind: kinds[row] ?? 0 }));
}
