import { z } from 'zod';
import type { Credential, CredentialRepository, Observe } from '../types.ts';
import { isDuplicate, type Mongo, type MongoIndexes } from './database.ts';

export const CREDENTIAL_INDEXES: MongoIndexes = { credentials: [{ key: { username: 1 }, unique: true }] };

const credentialDocument = z.object({
  _id: z.string(),
  username: z.string(),
  email: z.string().nullable(),
  password_hash: z.string(),
  state: z.enum(['pending', 'active']),
  created_at: z.number(),
});
type CredentialDocument = z.infer<typeof credentialDocument>;

const COLLECTION = 'credentials';
/** Two that add the same username meet once: then one of them finds what the other added. */
const TRIES = 3;

export function mongoCredentials(db: Mongo, observe: Observe): CredentialRepository {
  const credentials = db.collection<CredentialDocument>(COLLECTION);
  const findNow = async (username: string): Promise<Credential | null> => {
    const found = await credentials.findOne({ username });
    if (found === null) return null;
    const c = credentialDocument.parse(found);
    return {
      id: c._id,
      username: c.username,
      email: c.email,
      passwordHash: c.password_hash,
      state: c.state,
      createdAt: c.created_at,
    };
  };
  const addPending = async (credential: Omit<Credential, 'state'>): Promise<string | null> => {
    const { id, username, email, passwordHash, createdAt } = credential;
    for (let tried = 1; ; tried++) {
      try {
        // Takes over what is pending, adds what is not there, and meets an active one as a duplicate.
        await credentials.updateOne(
          { username, state: 'pending' },
          { $set: { email, password_hash: passwordHash }, $setOnInsert: { _id: id, created_at: createdAt } },
          { upsert: true },
        );
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        if (tried < TRIES && (await findNow(username))?.state === 'pending') continue;
      }
      const stored = await findNow(username);
      return stored?.passwordHash === passwordHash ? stored.id : null;
    }
  };
  return {
    addPending: (credential) => observe(COLLECTION, 'insert', () => addPending(credential)),
    activate: (id, passwordHash) =>
      observe(COLLECTION, 'update', async () => {
        const { matchedCount } = await credentials.updateOne(
          { _id: id, password_hash: passwordHash, state: 'pending' },
          { $set: { state: 'active' } },
        );
        return matchedCount === 1;
      }),
    findByUsername: (username) => observe(COLLECTION, 'find', () => findNow(username)),
  };
}
