import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import { ShopError } from './errors.ts';
import type { CallerName, ServiceName } from './ports.ts';
import { CALLER_NAMES } from './ports.ts';

const ISSUER = 'shop-auth';
const AUDIENCE = 'shop';
const USER_TOKEN_SECONDS = 3_600;
const SERVICE_TOKEN_SECONDS = 60;
/** A token is renewed this long before its end, so that it never expires on the way. */
const RENEW_SECONDS = 15;
const ALGORITHM = 'HS256';

/** Who is asking. */
export interface Caller {
  readonly userId: string;
  readonly username: string;
}

const userClaims = z.object({ sub: z.string().min(1), username: z.string().min(1) });
const serviceClaims = z.object({ iss: z.enum(CALLER_NAMES) });

/** Why a token was refused; the label of `jwt_token_validations_total`. */
export type TokenResult = 'valid' | 'missing' | 'expired' | 'invalid';

/** Users' access tokens: HS256, one hour, audience `shop`. */
export interface UserTokens {
  issue(caller: Caller): Promise<string>;
  /** Reads an `Authorization` header; throws a 401 that says what is wrong with it. */
  verify(authorization: string | undefined): Promise<Caller>;
}

export function createUserTokens(
  secret: string,
  clock: Pick<Clock, 'now'>,
  onValidated: (result: TokenResult) => void = () => undefined,
): UserTokens {
  const key = new TextEncoder().encode(secret);
  return {
    issue: ({ userId, username }) => {
      const now = Math.floor(clock.now() / 1000);
      return new SignJWT({ username })
        .setProtectedHeader({ alg: ALGORITHM })
        .setSubject(userId)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt(now)
        .setExpirationTime(now + USER_TOKEN_SECONDS)
        .sign(key);
    },
    verify: async (authorization) => {
      try {
        const payload = await open(authorization, key, { issuer: ISSUER, audience: AUDIENCE, clock });
        const claims = userClaims.safeParse(payload);
        if (!claims.success) throw refused('invalid', 'it names no user');
        onValidated('valid');
        return { userId: claims.data.sub, username: claims.data.username };
      } catch (error) {
        if (error instanceof TokenRefused) onValidated(error.result);
        throw error;
      }
    },
  };
}

/** The credential of service-to-service calls: one minute, bound to caller and callee. */
export interface ServiceTokens {
  /** The `Authorization` header for a call to that service; signed anew about every 45 s. */
  header(audience: ServiceName): Promise<string>;
  /** Who calls; throws a 401 for a bad token and a 403 for a caller that is not among `allowed`. */
  verify(authorization: string | undefined, allowed: readonly CallerName[]): Promise<CallerName>;
}

export function createServiceTokens(
  secret: string,
  self: CallerName,
  clock: Pick<Clock, 'now'>,
): ServiceTokens {
  const key = new TextEncoder().encode(secret);
  const issued = new Map<ServiceName, { readonly header: string; readonly renewAt: number }>();
  return {
    header: async (audience) => {
      const now = Math.floor(clock.now() / 1000);
      const current = issued.get(audience);
      if (current !== undefined && now < current.renewAt) return current.header;
      const token = await new SignJWT({})
        .setProtectedHeader({ alg: ALGORITHM })
        .setIssuer(self)
        .setAudience(`service:${audience}`)
        .setIssuedAt(now)
        .setExpirationTime(now + SERVICE_TOKEN_SECONDS)
        .sign(key);
      const header = `Bearer ${token}`;
      issued.set(audience, { header, renewAt: now + SERVICE_TOKEN_SECONDS - RENEW_SECONDS });
      return header;
    },
    verify: async (authorization, allowed) => {
      const payload = await open(authorization, key, {
        issuer: [...CALLER_NAMES],
        audience: `service:${self}`,
        clock,
      });
      const { iss } = serviceClaims.parse(payload);
      if (!allowed.includes(iss)) {
        throw new ShopError('forbidden', `${iss} may not call this; ${allowed.join(', ')} may`);
      }
      return iss;
    },
  };
}

interface Expectation {
  readonly issuer: string | string[];
  readonly audience: string;
  readonly clock: Pick<Clock, 'now'>;
}

async function open(
  authorization: string | undefined,
  key: Uint8Array,
  { issuer, audience, clock }: Expectation,
): Promise<unknown> {
  if (authorization === undefined) throw refused('missing', 'send Authorization: Bearer <access_token>');
  const token = /^Bearer ([A-Za-z0-9._-]{1,4096})$/i.exec(authorization)?.[1];
  if (token === undefined) throw refused('invalid', 'expected Authorization: Bearer <access_token>');
  try {
    const options = { issuer, audience, algorithms: [ALGORITHM], currentDate: new Date(clock.now()) };
    const { payload } = await jwtVerify(token, key, { ...options, requiredClaims: ['exp'] });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw refused('expired', 'sign in again');
    throw refused('invalid', 'its signature or claims do not hold');
  }
}

class TokenRefused extends ShopError {
  readonly result: Exclude<TokenResult, 'valid'>;

  constructor(result: Exclude<TokenResult, 'valid'>, why: string) {
    super('unauthenticated', `the access token is ${result}: ${why}`);
    this.result = result;
  }
}

function refused(result: Exclude<TokenResult, 'valid'>, why: string): TokenRefused {
  return new TokenRefused(result, why);
}
