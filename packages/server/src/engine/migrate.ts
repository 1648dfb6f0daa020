import { type DdlTarget, renderCreateTable, renderMigration } from './ddl.ts';
import { engineErrors } from './errors.ts';
import { numberLiteral, stringLiteral } from './literals.ts';
import { decodeNative } from './native.ts';
import { DATABASE, schemaVersionOf, type TableSpec } from './tables.ts';

/** How the data directory as a whole is laid out; raised when an older server could not read it. */
const LAYOUT_VERSION = 1;

const LAYOUT = '(layout)';
const VERSIONS = `${DATABASE}.schema_versions`;

/** Runs one statement and gives back its bytes. */
export type Run = (text: string) => Promise<Uint8Array>;

/**
 * Brings the stored tables to the specs: creates what is missing, adds the columns of later versions, and records the
 * version of each. Refuses a directory that a newer Pharos wrote, before it touches anything.
 */
export async function migrate(run: Run, specs: readonly TableSpec[], target: DdlTarget): Promise<void> {
  await run(
    `CREATE TABLE IF NOT EXISTS ${VERSIONS} (name String, version UInt32, at DateTime64(3, 'UTC') DEFAULT now64(3)) ENGINE = MergeTree ORDER BY (name, version) SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_free_disk_bytes_to_perform_insert = 0`,
  );
  const recorded = await readVersions(run);
  const wanted = new Map([
    [LAYOUT, LAYOUT_VERSION],
    ...specs.map((spec) => [spec.name, schemaVersionOf(spec)] as const),
  ]);
  refuseNewer(recorded, wanted);
  const isNew = ({ name }: TableSpec): boolean => !recorded.has(name);
  const created = specs.filter(isNew);
  // New ones first: what older ones hold may have to be told of in them (`IndexRows.forOlder`).
  for (const spec of created) await run(renderCreateTable(spec, target));
  const versions = created.map((spec): Version => [spec.name, schemaVersionOf(spec)]);
  if (recorded.get(LAYOUT) !== LAYOUT_VERSION) versions.push([LAYOUT, LAYOUT_VERSION]);
  await record(run, versions);
  for (const spec of specs.filter((spec) => !isNew(spec))) {
    const from = recorded.get(spec.name) ?? 0;
    const to = schemaVersionOf(spec);
    if (from === to) continue;
    for (const statement of renderMigration(spec, from, target)) await run(statement);
    await record(run, [[spec.name, to]]);
  }
}

async function readVersions(run: Run): Promise<ReadonlyMap<string, number>> {
  const block = decodeNative(
    await run(`SELECT name, max(version) AS version FROM ${VERSIONS} GROUP BY name`),
  );
  const versions = block.numbers('version');
  return new Map(block.strings('name').map((name, i) => [name, versions[i] ?? 0]));
}

function refuseNewer(recorded: ReadonlyMap<string, number>, wanted: ReadonlyMap<string, number>): void {
  for (const [name, version] of recorded) {
    const ours = wanted.get(name);
    if (ours === undefined || version <= ours) continue;
    const what = name === LAYOUT ? 'the data directory' : `table ${name}`;
    throw engineErrors.make(
      'newerData',
      `${what} has version ${version}; this Pharos knows up to ${ours}: a newer one wrote it`,
      { details: { name, version, known: ours } },
    );
  }
}

type Version = readonly [name: string, version: number];

/** In one insert: each is an fsync and a part of its own, which a new directory has one of and not one for each table. */
async function record(run: Run, versions: readonly Version[]): Promise<void> {
  if (versions.length === 0) return;
  const rows = versions.map(([name, version]) => `(${stringLiteral(name)}, ${numberLiteral(version)})`);
  await run(
    `INSERT INTO ${VERSIONS} (name, version) SELECT * FROM values('name String, version UInt32', ${rows.join(', ')})`,
  );
}
