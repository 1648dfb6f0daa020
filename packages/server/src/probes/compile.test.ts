import { expect, it } from 'vitest';
import { probeProblems } from './compile.ts';
import { define } from './testing/service.ts';

it('says of authorities that are no certificates in which field they stand', () => {
  const target = 'shop:443';
  const checks = [
    define({ type: 'heartbeat' }),
    define({ type: 'tls', target }),
    define({ type: 'tls', name: 'shop', target, tls: { ca: 'nonsense' } }),
  ];
  expect(probeProblems(checks)).toEqual([
    expect.stringMatching(/^probes\.checks\.2\.tls\.ca: "shop": expected certificates in PEM: /),
  ]);
});
