import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import { eventsErrors } from '../errors.ts';
import { DECISIONS, STATUSES } from '../event.ts';
import type { StoredEvent } from '../store/stored-event.ts';

export interface Archive {
  readonly name: string;
  readonly bytes: number;
}

const NAME = /^events-[0-9TZ]{8,20}-[a-z0-9]{6,40}\.ndjson\.gz$/;

const list = z.array(z.number());
/** One line of an archive: everything that is stored of an event, as JSON texts where it is stored so. */
const line: z.ZodType<StoredEvent> = z.strictObject({
  seq: z.number().int().nonnegative(),
  at: z.number().int().nonnegative(),
  received: z.number().int().nonnegative(),
  id: z.string(),
  given: z.boolean(),
  source: z.string(),
  eventType: z.string(),
  status: z.enum(STATUSES),
  score: z.number(),
  decision: z.enum(DECISIONS),
  reasoning: z.string(),
  rules: z.array(z.string()),
  issues: z.string(),
  suggestions: z.string(),
  data: z.string(),
  metadata: z.string(),
  ruleVersion: z.number().int().nonnegative(),
  baseline: z.strictObject({
    names: z.array(z.string()),
    values: list,
    counts: list,
    means: list,
    variances: list,
    fasts: list,
    shape: z.string(),
    shapeEvents: z.number(),
    shapeSeen: z.number(),
    shapeKinds: z.number(),
    shapeDiffers: z.string(),
  }),
});

/** Events that were taken out of the store, compressed, in files below the data directory: one line of JSON for each. */
export class Archives {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Newest first. */
  async list(tenant: string): Promise<readonly Archive[]> {
    const directory = this.#of(tenant);
    const names = await readdir(directory).catch(() => []);
    const own = names
      .filter((name) => NAME.test(name))
      .sort()
      .reverse();
    return await Promise.all(
      own.map(async (name) => ({ name, bytes: (await stat(join(directory, name))).size })),
    );
  }

  /** Writes an archive, durable when it resolves. What was begun and not ended is no archive. */
  async write(tenant: string, name: string, events: AsyncIterable<StoredEvent>): Promise<Archive> {
    const directory = this.#of(tenant);
    await mkdir(directory, { recursive: true });
    const path = this.#path(tenant, name);
    const unfinished = `${path}.tmp`;
    try {
      await pipeline(Readable.from(lines(events)), createGzip(), createWriteStream(unfinished));
      await synced(unfinished);
      await rename(unfinished, path);
      await synced(directory);
      return { name, bytes: (await stat(path)).size };
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  /** The events of an archive in order. Throws `events.unknownArchive`, and `events.badArchive` at a line that cannot be read. */
  async *read(tenant: string, name: string): AsyncGenerator<StoredEvent, void> {
    const path = this.#path(tenant, name);
    await stat(path).catch(() => {
      throw eventsErrors.make('unknownArchive', `there is no archive "${name}"`);
    });
    const gunzip = createGunzip();
    const source = createReadStream(path);
    source.on('error', (error) => gunzip.destroy(error));
    let number = 0;
    try {
      for await (const text of createInterface({
        input: source.pipe(gunzip),
        crlfDelay: Number.POSITIVE_INFINITY,
      })) {
        number++;
        yield line.parse(JSON.parse(text));
      }
    } catch (cause) {
      throw eventsErrors.make('badArchive', `"${name}" cannot be read beyond line ${number}`, { cause });
    } finally {
      source.destroy();
    }
  }

  #of(tenant: string): string {
    // A tenant's name may be anything; its directory's may not.
    return join(this.#directory, createHash('sha256').update(tenant).digest('hex').slice(0, 32));
  }

  #path(tenant: string, name: string): string {
    if (!NAME.test(name))
      throw eventsErrors.make('unknownArchive', `${JSON.stringify(name.slice(0, 100))} is no archive's name`);
    return join(this.#of(tenant), name);
  }
}

async function* lines(events: AsyncIterable<StoredEvent>): AsyncGenerator<string, void> {
  for await (const event of events) yield `${JSON.stringify(event)}\n`;
}

async function synced(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
