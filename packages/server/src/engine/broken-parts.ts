import { tableName } from './ddl.ts';
import { engineErrors } from './errors.ts';
import { stringLiteral } from './literals.ts';
import { decodeNative } from './native.ts';
import { identifierText } from './sql.ts';
import { DATABASE, type TableSpec } from './tables.ts';
import type { LimitClass } from './types.ts';

/** A part that does not read and that was taken out of its table; its files stay. */
export interface BrokenPart {
  readonly name: string;
  readonly rows: number;
  /** Where its files are now. */
  readonly path: string;
  /** What the engine said of it. */
  readonly message: string;
}

type Run = (text: string, limits: LimitClass) => Promise<Uint8Array>;

/** Codes of a file that ends too early, which are those of a bad insert file too. */
const CUT_SHORT: ReadonlySet<unknown> = new Set([
  32, // ATTEMPT_TO_READ_AFTER_EOF
  33, // CANNOT_READ_ALL_DATA
]);

/** Whether a statement that reads stored rows, and nothing else that may be damaged, failed since a part does not read. */
export function tellsOfBrokenPart(error: unknown): boolean {
  if (engineErrors.is(error, 'corrupt')) return true;
  return engineErrors.is(error, 'badQuery') && CUT_SHORT.has(error.details?.code);
}

/**
 * Takes the parts of a day out of the table whose identity columns do not read, as the engine does with those it finds broken when it
 * loads them: files stay in the table's `detached` directory. Each is read on its own, so that no other one goes along.
 */
export async function setAsideBroken(run: Run, spec: TableSpec, day: number): Promise<readonly BrokenPart[]> {
  const partition = new Date(day * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
  const ofTable = `database = '${DATABASE}' AND table = ${stringLiteral(spec.name)}`;
  const parts = decodeNative(
    await run(
      `SELECT name, rows FROM system.parts WHERE ${ofTable} AND active AND startsWith(partition_id, '${partition}')`,
      'background',
    ),
  );
  const rows = parts.numbers('rows');
  const broken: BrokenPart[] = [];
  for (const [i, name] of parts.strings('name').entries()) {
    const message = await faultOf(run, spec, name);
    if (message === null) continue;
    await run(`ALTER TABLE ${tableName(spec)} DETACH PART ${stringLiteral(name)}`, 'write');
    const where = decodeNative(
      await run(
        `SELECT path FROM system.detached_parts WHERE ${ofTable} AND name = ${stringLiteral(name)}`,
        'background',
      ),
    );
    broken.push({ name, rows: rows[i], path: where.strings('path')[0] ?? '', message });
  }
  return broken;
}

/** Why what a reconciled insert compares does not read of a part; null when it does, or when the part is gone meanwhile. */
async function faultOf(run: Run, spec: TableSpec, name: string): Promise<string | null> {
  const columns = [...new Set([...spec.identity, spec.timeColumn])].map(identifierText).join(', ');
  try {
    await run(
      `SELECT max(ignore(${columns})) AS nothing FROM ${tableName(spec)} WHERE _part = ${stringLiteral(name)}`,
      'background',
    );
    return null;
  } catch (error) {
    if (!tellsOfBrokenPart(error) || !(error instanceof Error)) throw error;
    return error.message;
  }
}
