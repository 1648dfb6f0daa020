import { createServer } from 'node:tls';
import { expect, it } from 'vitest';
import { listening, testCertificate, testEgress } from '../../egress/testing/setup.ts';
import { compileProbe } from '../compile.ts';
import { probeDefinition } from '../definition.ts';
import { testContext, valueOf } from '../testing/context.ts';

it('tells how long a certificate is valid, and fails or warns before it is not', async () => {
  const [good, old] = await Promise.all([
    testCertificate('a.example'),
    testCertificate('a.example', { from: '20200101000000Z', to: '20210101000000Z' }),
  ]);
  const context = testContext(
    {},
    testEgress({ names: { 'a.example': ['127.0.0.1'], 'b.example': ['127.0.0.1'] } }),
  );
  const servers = [good, old].map((pair) => createServer(pair).on('tlsClientError', () => {}));
  const [goodPort, oldPort] = await Promise.all(servers.map(listening));
  const look = async (host: string, port: number | undefined, options: object) => {
    const tls = { ca: `${good.cert}\n${old.cert}` };
    const definition = probeDefinition.parse({
      type: 'tls',
      name: 'x',
      target: `${host}:${port}`,
      tls,
      ...options,
    });
    const result = await compileProbe(definition).look?.(context);
    if (result === undefined) throw new Error('a TLS probe looks');
    return result;
  };
  try {
    const fine = await look('a.example', goodPort, {});
    expect([fine.success, fine.warning, valueOf(fine, 'probe_tls_version_info')]).toEqual([true, null, 1]);
    expect((await look('a.example', goodPort, { fail_days: 3650 })).reason).toMatch(
      /^the certificate expires in 36\d\d days/,
    );
    expect((await look('b.example', goodPort, {})).reason).toContain('it is for DNS:a.example');
    const expired = await look('a.example', oldPort, {});
    expect([expired.reason, valueOf(expired, 'probe_ssl_earliest_cert_expiry')]).toEqual([
      'the certificate of a.example is not to be trusted: it has expired',
      Date.UTC(2021, 0, 1) / 1000,
    ]);
    expect((await look('a.example', oldPort, { tls: { verify: false } })).reason).toBe(
      'the certificate has expired on 2021-01-01',
    );
  } finally {
    for (const server of servers) server.close();
  }
});
