import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { WebConfig } from '../http/config.ts';
import { type GatePolicy, hostName, LOOPBACK_NAMES } from '../http/gate.ts';
import { urlHost } from '../http/listen.ts';
import { type Credentials, generatePassword, hashPassword } from './authenticator.ts';
import { accessErrors } from './errors.ts';

/** Where a generated password's hash is kept; only the hash, so it can be printed only once. */
export interface PasswordVault {
  load(): Promise<string | undefined>;
  save(passwordHash: string): Promise<void>;
}

export interface Floor {
  readonly policy: GatePolicy;
  readonly credentials: Credentials;
  /** To be shown to the operator, once, at start. */
  readonly notices: readonly string[];
}

export function isLoopback(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === 'localhost' || bare === '::1') return true;
  return isIP(bare) === 4 && bare.startsWith('127.');
}

/**
 * The security floor, from configuration: loopback without a login is open to this machine's people only; any other
 * address needs a login, or Pharos refuses to start.
 */
export async function secureFloor(web: WebConfig, vault: PasswordVault): Promise<Floor> {
  const notices: string[] = [];
  const credentials = await readCredentials(web, vault, notices);
  const loopback = isLoopback(web.listen_address);
  const hasLogin = credentials.passwordHash !== undefined || credentials.token !== undefined;
  if (!loopback && !hasLogin) {
    throw accessErrors.make(
      'loginNotConfigured',
      `web.listen_address ${web.listen_address} is reachable from other machines, so Pharos needs a login: set PHAROS_ADMIN_PASSWORD_FILE or ` +
        'PHAROS_TOKEN_FILE (or web.auth in the configuration), or start once with PHAROS_GENERATE_PASSWORD=true to have one made and printed',
    );
  }
  if (!loopback && web.tls_server_config === undefined) {
    notices.push(
      'warning: listening without TLS on an address other machines reach; set web.tls_server_config (cert_file, key_file)',
    );
  }
  return { credentials, notices, policy: policyOf(web, loopback, hasLogin) };
}

function policyOf(web: WebConfig, loopback: boolean, hasLogin: boolean): GatePolicy {
  const external = web.external_url === undefined ? [] : [hostName(new URL(web.external_url).host)];
  const own = [hostName(urlHost(web.listen_address))];
  const hosts = [
    ...LOOPBACK_NAMES,
    ...external,
    ...own,
    ...web.allowed_hosts.map((host) => host.toLowerCase()),
  ].filter((name) => name !== '');
  // On a wildcard address the names are not knowable; the login protects, and the origin check still compares with Host.
  const wildcard = !loopback && external.length === 0 && web.allowed_hosts.length === 0;
  const origins = web.external_url === undefined ? [] : [new URL(web.external_url).origin];
  return {
    allowedHosts: new Set(wildcard ? ['*'] : hosts),
    allowedOrigins: new Set([...origins, ...web.allowed_origins]),
    loginRequired: hasLogin,
  };
}

async function readCredentials(
  web: WebConfig,
  vault: PasswordVault,
  notices: string[],
): Promise<Credentials> {
  const { auth } = web;
  const password =
    auth.admin_password ?? (await secretFile('web.auth.admin_password_file', auth.admin_password_file, 8));
  const token = auth.token ?? (await secretFile('web.auth.token_file', auth.token_file, 16));
  if (password !== undefined) return { passwordHash: await hashPassword(password), token };
  if (!auth.generate) return { token };
  const known = await vault.load();
  if (known !== undefined) return { passwordHash: known, token };
  const made = generatePassword();
  const passwordHash = await hashPassword(made);
  await vault.save(passwordHash);
  notices.push(`login made for this data directory, shown only now: user admin, password ${made}`);
  return { passwordHash, token };
}

async function secretFile(
  setting: string,
  path: string | undefined,
  minimum: number,
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw accessErrors.make('unreadableSecret', `${setting}: cannot read ${path}`, { cause });
  }
  if (text.length < minimum)
    throw accessErrors.make(
      'weakSecret',
      `${setting}: ${path} holds ${text.length} characters; at least ${minimum} are needed`,
    );
  return text;
}
