import type { ClientSession, Collection, Document, IndexDescription } from 'mongodb';

/** Milliseconds until a server that does not answer counts as away. */
const SERVER_TIMEOUT_MS = 5_000;
/** A transaction that met a document of its own key is tried again so often: the other one is committed by then. */
const TRIES = 5;
const DUPLICATE_KEY = 11_000;

/** The store of one service on a MongoDB server: one database, shared safely between processes. */
export interface Mongo {
  collection<T extends Document & { readonly _id: string }>(name: string): Collection<T>;
  /**
   * Runs everything or nothing on one snapshot, durable on most members. Those of this process run one after the other: they meet in
   * the same documents, and each one that loses a race is run again.
   */
  transaction<T>(run: (session: ClientSession) => Promise<T>): Promise<T>;
  /** Whether the server answers. */
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

/** The indexes of a store by collection; creating one that is there is harmless. */
export type MongoIndexes = Readonly<Record<string, readonly IndexDescription[]>>;

/**
 * Connects and brings the indexes up to date. Throws when the server cannot be reached, or is neither a replica set nor a cluster:
 * a single server knows no transactions (a replica set of one member does).
 */
export async function openMongo(
  uri: string,
  database: string,
  indexes: MongoIndexes,
  timeoutMs = SERVER_TIMEOUT_MS,
): Promise<Mongo> {
  // Only who stores in it pays for the driver's memory.
  const { MongoClient, ReadConcern } = await import('mongodb');
  const client = new MongoClient(uri, {
    serverSelectionTimeoutMS: timeoutMs,
    appName: 'pharos-shop',
  });
  const db = client.db(database, {
    writeConcern: { w: 'majority' },
    readConcern: new ReadConcern('majority'),
  });
  try {
    await client.connect();
    const { setName, msg } = await db.command({ hello: 1 });
    if (setName === undefined && msg !== 'isdbgrid')
      throw new Error(
        'MONGODB_URI: got a single server, expected a replica set (of one member will do) or a cluster',
      );
    for (const [name, all] of Object.entries(indexes)) await db.collection(name).createIndexes([...all]);
  } catch (error) {
    await client.close();
    throw error;
  }
  let last: Promise<unknown> = Promise.resolve();
  const once = <T>(run: (session: ClientSession) => Promise<T>): Promise<T> =>
    client.withSession((session) =>
      session.withTransaction(() => run(session), {
        readConcern: { level: 'snapshot' },
        writeConcern: { w: 'majority' },
      }),
    );
  return {
    collection: (name) => db.collection(name),
    transaction: (run) => {
      const mine = last.then(() => retried(() => once(run)));
      last = mine.catch(() => {});
      return mine;
    },
    ping: async () => (await db.command({ ping: 1 }))['ok'] === 1,
    close: () => client.close(),
  };
}

async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await run();
    } catch (error) {
      if (tried === TRIES || !isDuplicate(error)) throw error;
    }
  }
}

/** Whether a write met a document that has its key already. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === DUPLICATE_KEY;
}
