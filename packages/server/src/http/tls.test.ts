import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { webSection } from './config.ts';
import { readTls } from './tls.ts';

const tlsOf = (input: object) => webSection.schema.parse({ tls_server_config: input }).tls_server_config;

describe('readTls', () => {
  it('names the setting of a file that is missing, and files that are no certificate', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'pharos-tls-'));
    const file = join(directory, 'cert.pem');
    const missing = join(directory, 'none.pem');
    await writeFile(file, 'not a certificate');
    await expect(readTls(tlsOf({ cert_file: file, key_file: missing }))).rejects.toThrow(
      `web.tls_server_config.key_file: cannot read ${missing}`,
    );
    await expect(readTls(tlsOf({ cert_file: file, key_file: file }))).rejects.toMatchObject({
      code: 'http.badCertificate',
      message: expect.stringContaining('not a certificate and its key'),
    });
    expect(await readTls(undefined)).toBeUndefined();
  });

  it('asks for an authority before it checks client certificates', () => {
    const files = { cert_file: 'a', key_file: 'b' };
    const parse = (more: object) => webSection.schema.safeParse({ tls_server_config: { ...files, ...more } });
    expect(parse({}).success).toBe(true);
    expect(parse({ client_auth_type: 'RequireAndVerifyClientCert' }).error?.issues).toMatchObject([
      { path: ['tls_server_config', 'client_ca_file'] },
    ]);
    expect(parse({ client_auth_type: 'RequireAndVerifyClientCert', client_ca_file: 'c' }).success).toBe(true);
  });
});
