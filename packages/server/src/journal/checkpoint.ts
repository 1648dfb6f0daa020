import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { crc32c } from './checksum.ts';
import { errorCode, type FileSystem, readWhole, replaceDurably } from './fs.ts';
import type { Position } from './types.ts';

export const CHECKPOINT_FILE = 'checkpoint';
export const IDENTITY_FILE = 'identity';

const checkpointSchema = z.strictObject({ flushed: z.number().int().nonnegative() });
const identitySchema = z.strictObject({ identity: z.number().int().nonnegative().max(0xffff_ffff) });
const sealedSchema = z.strictObject({ body: z.string(), crc: z.number() });

/** Records the flushed position; at each moment the file holds the old or the new one. */
export async function writeCheckpoint(fs: FileSystem, directory: string, flushed: Position): Promise<void> {
  await replaceDurably(fs, join(directory, CHECKPOINT_FILE), seal({ flushed }));
}

/** The recorded position; 0 without a file; null when the file is damaged: then all segments count as unflushed. */
export async function readCheckpoint(fs: FileSystem, directory: string): Promise<Position | null> {
  const found = await unseal(fs, join(directory, CHECKPOINT_FILE), checkpointSchema);
  return found === undefined ? 0 : (found?.flushed ?? null);
}

/** The number that this journal's segments carry, or null when it is lost. */
export async function readIdentity(fs: FileSystem, directory: string): Promise<number | null> {
  return (await unseal(fs, join(directory, IDENTITY_FILE), identitySchema))?.identity ?? null;
}

/** Records the identity: the given one (found in segments), or a new one. */
export async function writeIdentity(
  fs: FileSystem,
  directory: string,
  known: number | null,
): Promise<number> {
  const identity = known ?? randomBytes(4).readUInt32LE();
  await replaceDurably(fs, join(directory, IDENTITY_FILE), seal({ identity }));
  return identity;
}

function seal(value: object): Uint8Array {
  const body = JSON.stringify(value);
  return Buffer.from(JSON.stringify({ body, crc: crc32c(Buffer.from(body)) }));
}

/** Undefined when there is no file, null when it does not verify. */
async function unseal<T>(fs: FileSystem, path: string, schema: z.ZodType<T>): Promise<T | null | undefined> {
  let text: string;
  try {
    text = Buffer.from(await readWhole(fs, path, 4096)).toString('utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const sealed = sealedSchema.safeParse(parseJson(text));
  if (!sealed.success || crc32c(Buffer.from(sealed.data.body)) !== sealed.data.crc) return null;
  const value = schema.safeParse(parseJson(sealed.data.body));
  return value.success ? value.data : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
