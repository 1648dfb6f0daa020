import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GatePolicy, hostName, judge, LOOPBACK_NAMES } from './gate.ts';

const open: GatePolicy = {
  allowedHosts: new Set(LOOPBACK_NAMES),
  allowedOrigins: new Set(['https://ops.example']),
  loginRequired: false,
};
const closed: GatePolicy = { ...open, allowedHosts: new Set(['*']), loginRequired: true };
const ask = (headers: Record<string, string>, policy = open, authenticated = false, method = 'GET') =>
  judge({ method, headers: { host: 'localhost:8000', ...headers }, authenticated }, policy)?.code ?? 'pass';

describe('judge', () => {
  it.each([
    [{}, 'pass'],
    [{ host: '127.0.0.1:8000' }, 'pass'],
    [{ host: '[::1]:8000' }, 'pass'],
    [{ host: 'LOCALHOST' }, 'pass'],
    [{ host: 'evil.example' }, 'http.badHost'],
    [{ host: '' }, 'http.badHost'],
    [{ host: 'localhost.evil.example:8000' }, 'http.badHost'],
    [{ origin: 'http://localhost:8000' }, 'pass'],
    [{ origin: 'http://localhost:3000' }, 'http.foreignOrigin'],
    [{ origin: 'null' }, 'http.foreignOrigin'],
    [{ origin: 'https://ops.example' }, 'pass'],
    [{ 'sec-fetch-site': 'cross-site' }, 'http.foreignOrigin'],
    [{ 'sec-fetch-site': 'same-origin' }, 'pass'],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, 'pass'],
    [
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
      'http.foreignOrigin',
    ],
    [{ 'x-forwarded-for': '10.0.0.1' }, 'http.proxyWithoutLogin'],
    [{ forwarded: 'for=10.0.0.1' }, 'http.proxyWithoutLogin'],
  ] as [Record<string, string>, string][])('open mode: %j -> %s', (headers, verdict) => {
    expect(ask(headers)).toBe(verdict);
  });

  it('lets other sites read what anybody may see, and no more than read it', () => {
    const foreign = { host: 'localhost', origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const seen = (method: string, host = 'localhost') =>
      judge({ method, headers: { ...foreign, host }, authenticated: true, embeddable: true }, open)?.code ??
      'pass';
    expect([seen('GET'), seen('HEAD'), seen('POST'), seen('GET', 'evil.example')]).toEqual([
      'pass',
      'pass',
      'http.foreignOrigin',
      'http.badHost',
    ]);
  });

  it('never lets a cross-site form post pass as a navigation', () => {
    const headers = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    expect(ask(headers, open, false, 'POST')).toBe('http.foreignOrigin');
  });

  it('closed mode demands a login, and an origin check even with one', () => {
    expect(ask({ host: 'pharos.example' }, closed)).toBe('http.loginNeeded');
    expect(ask({ host: 'pharos.example' }, closed, true)).toBe('pass');
    expect(ask({ host: 'pharos.example', origin: 'https://evil.example' }, closed, true)).toBe(
      'http.foreignOrigin',
    );
    expect(ask({ 'x-forwarded-for': '10.0.0.1' }, closed, true)).toBe('pass');
  });

  it('lets no host through but the listed ones', () => {
    fc.assert(
      fc.property(
        fc.string(),
        (host) => ask({ host }) === 'http.badHost' || LOOPBACK_NAMES.includes(hostName(host)),
      ),
    );
  });
});
