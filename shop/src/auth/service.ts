import { randomUUID } from 'node:crypto';
import { hash, verify } from '@node-rs/bcrypt';
import type { UserClient } from '../shared/clients.ts';
import type { Clock } from '../shared/clock.ts';
import { ShopError } from '../shared/errors.ts';
import type { UserTokens } from '../shared/jwt.ts';
import type { MetricFactory } from '../shared/metrics.ts';
import type { CredentialRepository } from '../shared/storage/types.ts';

export function authMetrics(metrics: MetricFactory) {
  return {
    attempts: metrics.counter('auth_attempts_total', 'Sign-in attempts, by result.', ['result']),
    failures: metrics.counter('auth_failures', 'Sign-ins refused.'),
    issued: metrics.counter('jwt_tokens_issued_total', 'Access tokens issued.'),
    registrations: metrics.counter('registrations_total', 'Users registered.'),
    logins: metrics.counter('logins_total', 'Successful sign-ins.'),
  };
}

export interface AuthDeps {
  readonly credentials: CredentialRepository;
  readonly users: UserClient;
  readonly tokens: Pick<UserTokens, 'issue'>;
  readonly clock: Pick<Clock, 'now'>;
  /** bcrypt's log2 of rounds. */
  readonly cost: number;
  readonly metrics: ReturnType<typeof authMetrics>;
}

export interface AuthService {
  /** Creates the credential and, at the user service, the profile: or neither can sign in. */
  register(input: {
    username: string;
    password: string;
    email: string | null;
  }): Promise<{ id: string; username: string }>;
  /** Answers an access token, or throws a 401 that does not tell which half was wrong. */
  signIn(input: { username: string; password: string }): Promise<string>;
}

export function createAuthService(deps: AuthDeps): AuthService {
  const { credentials, users, tokens, clock, cost, metrics } = deps;
  // Compared against when there is no such user, so that the answer takes as long as for a wrong password.
  let decoy: Promise<string> | null = null;

  return {
    async register({ username, password, email }) {
      const passwordHash = await hash(password, cost);
      const fresh = { id: randomUUID(), username, email, passwordHash, createdAt: clock.now() };
      // When the profile cannot be made, the credential stays pending: a later registration goes on with the same id, so
      // that a profile whose answer was lost is found again instead of holding the username for ever.
      const id = await credentials.addPending(fresh);
      if (id === null) throw taken(username);
      const profile = await users.createProfile({ id, username, email });
      if (profile !== 'created' || !(await credentials.activate(id, passwordHash))) throw taken(username);
      metrics.registrations.inc({});
      return { id, username };
    },
    async signIn({ username, password }) {
      const found = await credentials.findByUsername(username);
      const credential = found?.state === 'active' ? found : null;
      decoy ??= hash(randomUUID(), cost);
      const matches = await verify(password, credential?.passwordHash ?? (await decoy));
      if (credential === null || !matches) {
        metrics.attempts.inc({ result: 'failure' });
        metrics.failures.inc({});
        throw new ShopError('unauthenticated', 'username or password is wrong');
      }
      const token = await tokens.issue({ userId: credential.id, username });
      metrics.attempts.inc({ result: 'success' });
      metrics.logins.inc({});
      metrics.issued.inc({});
      return token;
    },
  };
}

function taken(username: string): ShopError {
  return new ShopError('conflict', `username: ${JSON.stringify(username)} is taken`);
}
