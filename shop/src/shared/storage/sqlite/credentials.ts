import { z } from 'zod';
import type { Credential, CredentialRepository, Observe } from '../types.ts';
import type { Sqlite } from './database.ts';

export const CREDENTIAL_SCHEMA = [
  `CREATE TABLE credentials (
     id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE, email TEXT, password_hash TEXT NOT NULL,
     state TEXT NOT NULL, created_at INTEGER NOT NULL)`,
];

const row = z
  .object({
    id: z.string(),
    username: z.string(),
    email: z.string().nullable(),
    password_hash: z.string(),
    state: z.enum(['pending', 'active']),
    created_at: z.number(),
  })
  .transform(
    (r): Credential => ({
      id: r.id,
      username: r.username,
      email: r.email,
      passwordHash: r.password_hash,
      state: r.state,
      createdAt: r.created_at,
    }),
  );

const TABLE = 'credentials';

export function sqliteCredentials(db: Sqlite, observe: Observe): CredentialRepository {
  return {
    addPending: (credential) =>
      observe(TABLE, 'insert', () =>
        db.transaction(() => {
          const { id, username, email, passwordHash, createdAt } = credential;
          db.statement(`DELETE FROM credentials WHERE username = ? AND state = 'pending'`).run(username);
          const { changes } = db
            .statement(
              `INSERT INTO credentials (id, username, email, password_hash, state, created_at)
               VALUES (?, ?, ?, ?, 'pending', ?) ON CONFLICT DO NOTHING`,
            )
            .run(id, username, email, passwordHash, createdAt);
          return changes === 1 ? 'added' : 'taken';
        }),
      ),
    activate: (id) =>
      observe(
        TABLE,
        'update',
        () => db.statement(`UPDATE credentials SET state = 'active' WHERE id = ?`).run(id).changes === 1,
      ),
    dropPending: (id) =>
      observe(
        TABLE,
        'delete',
        () =>
          db.statement(`DELETE FROM credentials WHERE id = ? AND state = 'pending'`).run(id).changes === 1,
      ),
    findByUsername: (username) =>
      observe(TABLE, 'find', () => {
        const found = db.statement('SELECT * FROM credentials WHERE username = ?').get(username);
        return found == null ? null : row.parse(found);
      }),
  };
}
