import { type GatePolicy, judge } from './gate.ts';

/** Tells who a request comes from. Null when it carries no valid credentials. */
export interface Authenticator {
  authenticate(
    authorization: string | undefined,
  ): Promise<{ readonly user: string; readonly tenants: readonly string[] } | null>;
}

export interface Admission {
  /** Empty without a login. */
  readonly user: string;
  /** Whose data the credentials may see. */
  readonly tenants: readonly string[];
  readonly tenant: string;
}

export const DEFAULT_TENANT = 'default';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Lets a request in, whatever transport it came by, and says whom it acts for. `own` is what the route's own credentials say, where it has some.
 * Throws the gate's refusal.
 */
export async function admit(
  request: { readonly method: string; readonly headers: Headers; readonly embeddable?: boolean },
  { policy, authenticator }: { readonly policy: GatePolicy; readonly authenticator: Authenticator },
  own: Admission | null = null,
): Promise<Admission> {
  // Host and origin come first: a foreign page must not make Pharos spend a password hash on it.
  const refusal = judge({ ...request, authenticated: false }, policy);
  if (refusal !== null && refusal.kind !== 'unauthorized') throw refusal;
  if (own !== null) return own;
  const { authorization } = request.headers;
  const identity = await authenticator.authenticate(
    typeof authorization === 'string' ? authorization : undefined,
  );
  if (refusal !== null && identity === null) throw refusal;
  // A tenant header counts only for credentials that may use it; without a login everything is the default tenant.
  const asked = request.headers['x-scope-orgid'];
  const tenant =
    typeof asked === 'string' && identity?.tenants.includes(asked) === true ? asked : DEFAULT_TENANT;
  return { user: identity?.user ?? '', tenants: identity?.tenants ?? [DEFAULT_TENANT], tenant };
}
