import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** HS256 wants a key at least as long as its hash (RFC 7518, 3.2): 32 bytes. */
export const MIN_SECRET_CHARACTERS = 32;

const stored = z.object({
  jwtSecret: z.string().min(MIN_SECRET_CHARACTERS),
  serviceSecret: z.string().min(MIN_SECRET_CHARACTERS),
});

export type Secrets = z.infer<typeof stored>;

function generateSecrets(): Secrets {
  return { jwtSecret: randomBytes(32).toString('hex'), serviceSecret: randomBytes(32).toString('hex') };
}

/**
 * The secrets that all processes of one data directory share, for those started without any in the environment: the
 * first one writes them (owner-readable only), the others read them. Several may start at the same moment.
 */
export function sharedSecrets(dataDir: string): Secrets {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'secrets.json');
  const existing = read(file);
  if (existing !== null) return existing;
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, JSON.stringify(generateSecrets()), { mode: 0o600 });
  try {
    // A link, not a rename: whoever comes second must not replace what the first already uses.
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft);
  }
  const written = read(file);
  if (written === null) throw new Error(`${file} vanished while the shop was starting`);
  return written;
}

function read(file: string): Secrets | null {
  try {
    return stored.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new Error(`${file} holds no usable secrets; remove it and start again`, { cause: error });
  }
}
