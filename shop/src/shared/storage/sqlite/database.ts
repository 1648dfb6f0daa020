import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'libsql';

/** Milliseconds that a writer waits for another process's transaction before it gives up. */
const BUSY_TIMEOUT_MS = 5_000;

/** The embedded store of one service: one file, write-ahead logged, shared safely between processes. */
export interface Sqlite {
  /** Prepares once; later calls answer the same statement. */
  statement(sql: string): Database.Statement;
  /** Runs everything or nothing, alone: the write lock is taken first, so that what was read cannot change. */
  transaction<T>(run: () => T): T;
  /** Whether the file can still be read. */
  ping(): boolean;
  close(): void;
}

/**
 * Opens a file and brings its schema up to date. `schema` is a list of steps; each runs once, in order.
 * Commits survive a crash of the process (WAL, synchronous=NORMAL), not necessarily one of the machine.
 */
export function openSqlite(file: string, schema: readonly string[]): Sqlite {
  mkdirSync(dirname(file), { recursive: true });
  const db = new Database(file, { timeout: BUSY_TIMEOUT_MS });
  const statements = new Map<string, Database.Statement>();
  const transaction = <T>(run: () => T): T => {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = run();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK');
      throw error;
    }
  };
  db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.pragma('cache_size = -2000');
  transaction(() => migrate(db, schema, file));
  return {
    statement(sql) {
      let prepared = statements.get(sql);
      if (prepared === undefined) {
        prepared = db.prepare(sql);
        statements.set(sql, prepared);
      }
      return prepared;
    },
    transaction,
    ping: () => db.prepare('SELECT 1').get() !== undefined,
    close: () => {
      statements.clear();
      db.close();
    },
  };
}

function migrate(db: Database.Database, schema: readonly string[], file: string): void {
  db.exec('CREATE TABLE IF NOT EXISTS schema_steps (step INTEGER PRIMARY KEY)');
  const done = db.prepare('SELECT step FROM schema_steps').all().length;
  if (done > schema.length) throw new Error(`${file} was written by a newer version of the shop`);
  for (let step = done; step < schema.length; step++) {
    db.exec(schema[step] ?? '');
    db.prepare('INSERT INTO schema_steps (step) VALUES (?)').run(step);
  }
}
