import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { z } from 'zod';
import type { tlsSchema } from './config.ts';
import { httpErrors } from './errors.ts';

/** The certificate and its settings as Node takes them. Rejects with one line when a file is missing or is not what it should be. */
export async function readTls(tls: z.output<typeof tlsSchema> | undefined, name = 'web.tls_server_config') {
  if (tls === undefined) return undefined;
  const read = async (setting: string, path: string): Promise<Buffer> => {
    try {
      return await readFile(path);
    } catch (cause) {
      throw httpErrors.make('badCertificate', `${name}.${setting}: cannot read ${path}`, {
        cause,
      });
    }
  };
  const files = {
    cert: await read('cert_file', tls.cert_file),
    key: await read('key_file', tls.key_file),
    ...(tls.client_ca_file === undefined ? {} : { ca: await read('client_ca_file', tls.client_ca_file) }),
  };
  try {
    createSecureContext(files);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw httpErrors.make(
      'badCertificate',
      `${name}: ${tls.cert_file} and ${tls.key_file} are not a certificate and its key in PEM: ${reason}`,
      { cause },
    );
  }
  return {
    ...files,
    minVersion: tls.min_version === 'TLS13' ? ('TLSv1.3' as const) : ('TLSv1.2' as const),
    requestCert: tls.client_auth_type !== 'NoClientCert',
    rejectUnauthorized: tls.client_auth_type === 'RequireAndVerifyClientCert',
  };
}
