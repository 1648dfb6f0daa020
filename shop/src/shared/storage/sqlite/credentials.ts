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
  const findNow = (username: string): Credential | null => {
    const found = db.statement('SELECT * FROM credentials WHERE username = ?').get(username);
    return found == null ? null : row.parse(found);
  };
  return {
    addPending: (credential) =>
      observe(TABLE, 'insert', () =>
        db.transaction(() => {
          const { id, username, email, passwordHash, createdAt } = credential;
          db.statement(
            `INSERT INTO credentials (id, username, email, password_hash, state, created_at)
             VALUES (?, ?, ?, ?, 'pending', ?)
             ON CONFLICT (username) DO UPDATE SET email = excluded.email, password_hash = excluded.password_hash
             WHERE state = 'pending'`,
          ).run(id, username, email, passwordHash, createdAt);
          const stored = findNow(username);
          return stored?.passwordHash === passwordHash ? stored.id : null;
        }),
      ),
    activate: (id, passwordHash) =>
      observe(TABLE, 'update', () => {
        const { changes } = db
          .statement(
            `UPDATE credentials SET state = 'active' WHERE id = ? AND password_hash = ? AND state = 'pending'`,
          )
          .run(id, passwordHash);
        return changes === 1;
      }),
    findByUsername: (username) => observe(TABLE, 'find', () => findNow(username)),
  };
}
