import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { webSection } from '../http/config.ts';
import { judge } from '../http/gate.ts';
import { ManualClock } from '../kernel/clock.ts';
import { createAuthenticator } from './authenticator.ts';
import { isLoopback, type PasswordVault, secureFloor } from './floor.ts';

const web = (input: object) => webSection.schema.parse(input);
function memoryVault(): PasswordVault & { hash: string | undefined } {
  return {
    hash: undefined,
    load() {
      return Promise.resolve(this.hash);
    },
    save(hash) {
      this.hash = hash;
      return Promise.resolve();
    },
  };
}
const basic = (password: string, user = 'admin') =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('secureFloor', () => {
  it.each(['127.0.0.1', '127.8.8.8', 'localhost', '::1', '[::1]'])('takes %s for loopback', (a) =>
    expect(isLoopback(a)).toBe(true),
  );
  it.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.example', '128.0.0.1', ''])(
    'does not take %s for loopback',
    (a) => expect(isLoopback(a)).toBe(false),
  );

  it('opens loopback without a login', async () => {
    const floor = await secureFloor(web({}), memoryVault());
    expect(floor.policy.loginRequired).toBe(false);
    expect([...floor.policy.allowedHosts]).toEqual(['localhost', '127.0.0.1', '[::1]']);
    expect(webSection.schema.safeParse({ external_url: 'localhost:8000' }).success).toBe(false);
  });

  it.each([
    ['127.0.0.2', '127.0.0.2:8000'],
    ['::1', '[::1]:8000'],
    ['2001:db8::1', '[2001:db8::1]:8000'],
  ])('answers to the address it listens on, %s, and to no empty host', async (listen_address, host) => {
    const config = web({
      listen_address,
      allowed_hosts: ['pharos.example', ''],
      auth: { admin_password: 'correct horse' },
    });
    const { policy } = await secureFloor(config, memoryVault());
    const ask = (headers: Record<string, string>) =>
      judge({ method: 'GET', headers, authenticated: true }, policy);
    expect(ask({ host })).toBeNull();
    for (const headers of [{}, { host: '' }, { host: ':80' }, { host: '::' }] as Record<string, string>[])
      expect(ask(headers)?.code).toBe('http.badHost');
  });

  it('refuses any other address without a login, and says the ways out', async () => {
    await expect(secureFloor(web({ listen_address: '0.0.0.0' }), memoryVault())).rejects.toThrow(
      /0\.0\.0\.0.*PHAROS_ADMIN_PASSWORD_FILE.*PHAROS_GENERATE_PASSWORD/,
    );
  });

  it('warns when a login is there but TLS is not', async () => {
    const floor = await secureFloor(
      web({ listen_address: '0.0.0.0', auth: { admin_password: 'correct horse' } }),
      memoryVault(),
    );
    expect(floor.policy.loginRequired).toBe(true);
    expect(floor.notices.join()).toContain('without TLS');
  });

  it('generates a password once and prints it once', async () => {
    const vault = memoryVault();
    const config = web({ listen_address: '0.0.0.0', auth: { generate: true } });
    const first = await secureFloor(config, vault);
    const password = /password (\S+)/.exec(first.notices.join(' '))?.[1] ?? '';
    expect(password.length).toBeGreaterThan(20);
    const second = await secureFloor(config, vault);
    expect(second.notices.join(' ')).not.toContain('login made');
    const authenticator = createAuthenticator(second.credentials, new ManualClock());
    expect(await authenticator.authenticate(basic(password))).toMatchObject({ user: 'admin' });
  });

  it('reads secrets from files, and refuses weak or missing ones', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'pharos-floor-'));
    await writeFile(join(directory, 'token'), '0123456789abcdef0123\n');
    await writeFile(join(directory, 'weak'), 'abc');
    const good = await secureFloor(web({ auth: { token_file: join(directory, 'token') } }), memoryVault());
    expect(good.credentials.token).toBe('0123456789abcdef0123');
    await expect(
      secureFloor(web({ auth: { token_file: join(directory, 'weak') } }), memoryVault()),
    ).rejects.toThrow('at least 16');
    await expect(
      secureFloor(web({ auth: { token_file: join(directory, 'none') } }), memoryVault()),
    ).rejects.toThrow('cannot read');
  });
});

describe('createAuthenticator', () => {
  it('accepts the right password and token and nothing else', async () => {
    const { credentials } = await secureFloor(
      web({ auth: { admin_password: 'correct horse', token: 'abcdefghijklmnop' } }),
      memoryVault(),
    );
    const { authenticate } = createAuthenticator(credentials, new ManualClock());
    expect(await authenticate(basic('correct horse'))).not.toBeNull();
    expect(await authenticate(basic('correct horse'))).not.toBeNull();
    expect(await authenticate('Bearer abcdefghijklmnop')).not.toBeNull();
    for (const wrong of [
      undefined,
      '',
      'Basic',
      'Basic !!!',
      basic('wrong'),
      basic('correct horse', 'root'),
      'Bearer abcdefghijklmno',
      'Digest x',
      `Basic ${Buffer.from('admin').toString('base64')}`,
    ]) {
      expect(await authenticate(wrong)).toBeNull();
    }
  });

  it('checks a password once for all requests of a page, and calls a full gate busy, not wrong', async () => {
    const { credentials } = await secureFloor(
      web({ auth: { admin_password: 'correct horse' } }),
      memoryVault(),
    );
    const { authenticate } = createAuthenticator(credentials, new ManualClock());
    const page = await Promise.all(Array.from({ length: 30 }, () => authenticate(basic('correct horse'))));
    expect(page.every((identity) => identity !== null)).toBe(true);
    const guesses = await Promise.allSettled(
      Array.from({ length: 6 }, (_, i) => authenticate(basic(`guess ${i}`))),
    );
    expect(guesses.filter((guess) => guess.status === 'fulfilled').map((guess) => guess.value)).toEqual([
      null,
      null,
    ]);
    for (const guess of guesses)
      if (guess.status === 'rejected') expect(guess.reason).toMatchObject({ code: 'access.busy' });
    expect(await authenticate(basic('correct horse'))).not.toBeNull();
  });
});
