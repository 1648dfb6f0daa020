import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { Authenticator } from '../http/admit.ts';
import type { Clock } from '../kernel/clock.ts';
import { accessErrors } from './errors.ts';

/** OWASP's argon2id floor: 19 MiB, two passes. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** A verified password is remembered this long (as a keyed digest), so that a page of 30 requests costs one argon2 run. */
const REMEMBER_MS = 60_000;
/** argon2 runs in Node's pool of four threads, where the journal's fsyncs run too: guessers may not take them all. */
const MAX_CONCURRENT_VERIFIES = 2;

export interface Credentials {
  /** argon2id hash of the admin password. */
  readonly passwordHash?: string | undefined;
  readonly token?: string | undefined;
}

export function hashPassword(password: string): Promise<string> {
  return hash(password, ARGON2);
}

export function generatePassword(): string {
  return randomBytes(18).toString('base64url');
}

/**
 * HTTP Basic (user `admin`) and Bearer tokens. Comparison is constant-time; guessing is slowed by argon2 and a concurrency
 * gate. Rejects with `access.busy` when the gate is full: that is no verdict about the password.
 */
export function createAuthenticator(credentials: Credentials, clock: Clock): Authenticator {
  const key = randomBytes(32);
  const digest = (text: string): Buffer => createHash('sha256').update(key).update(text).digest();
  const tokenDigest = credentials.token === undefined ? null : digest(credentials.token);
  const remembered = new Map<string, number>();
  const admin = { user: 'admin', tenants: ['default'] } as const;
  /** A page asks for many things at once with the same password: they share one verification. */
  const verifying = new Map<string, Promise<boolean>>();

  async function verifyOnce(name: string, passwordHash: string, password: string): Promise<boolean> {
    const right = await verify(passwordHash, password);
    if (right) {
      remembered.clear();
      remembered.set(name, clock.monotonic() + REMEMBER_MS);
    }
    return right;
  }

  async function passwordMatches(password: string): Promise<boolean> {
    const { passwordHash } = credentials;
    if (passwordHash === undefined) return false;
    const name = digest(password).toString('base64');
    const until = remembered.get(name);
    if (until !== undefined && until > clock.monotonic()) return true;
    const running = verifying.get(name);
    if (running !== undefined) return running;
    if (verifying.size >= MAX_CONCURRENT_VERIFIES)
      throw accessErrors.make('busy', 'too many passwords are being checked at this moment', {
        retryAfterSeconds: 1,
      });
    const started = verifyOnce(name, passwordHash, password).finally(() => verifying.delete(name));
    verifying.set(name, started);
    return started;
  }

  return {
    async authenticate(authorization) {
      if (authorization === undefined) return null;
      const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
      if (bearer !== undefined)
        return tokenDigest !== null && timingSafeEqual(digest(bearer), tokenDigest) ? admin : null;
      const basic = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
      if (basic === undefined) return null;
      const text = Buffer.from(basic, 'base64').toString('utf8');
      const colon = text.indexOf(':');
      if (colon < 0 || text.slice(0, colon) !== 'admin') return null;
      return (await passwordMatches(text.slice(colon + 1))) ? admin : null;
    },
  };
}
