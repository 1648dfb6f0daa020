import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../kernel/clock.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { createEgress, type Egress, type EgressDeps } from '../door.ts';

const run = promisify(execFile);

/** A door for tests of what goes through it: names are `names`, this machine may be asked for. */
export function testEgress(
  options: Partial<EgressDeps> & { readonly names?: Readonly<Record<string, readonly string[]>> } = {},
): Egress {
  const { names = {}, ...deps } = options;
  return createEgress({
    clock: systemClock,
    telemetry: createTelemetry(),
    lookup: (host, family) =>
      family === 4 && Object.hasOwn(names, host)
        ? Promise.resolve(names[host] ?? [])
        : Promise.reject(Object.assign(new Error(`no ${host}`), { code: 'ENOTFOUND' })),
    rules: { allowPrivate: true, allowLoopback: true, allow: [], deny: [] },
    own: { addresses: () => ['127.0.0.1'], ports: () => [] },
    maxConnections: 100,
    ...deps,
  });
}

interface TestCertificate {
  readonly key: string;
  readonly cert: string;
}

/** A self-signed certificate of an elliptic curve; valid for ten years, or as told (`20200101000000Z`). */
export async function testCertificate(
  name: string,
  validity?: { readonly from: string; readonly to: string },
): Promise<TestCertificate> {
  const directory = await mkdtemp(join(tmpdir(), 'pharos-cert-'));
  const at = (file: string): string => join(directory, file);
  const openssl = (...args: string[]) => run('openssl', args, { cwd: directory });
  try {
    const key = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      at('key.pem'),
    ];
    const about = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    if (validity === undefined)
      await openssl('req', '-x509', ...key, ...about, '-days', '3650', '-out', at('cert.pem'));
    else {
      await openssl('req', '-new', ...key, ...about, '-out', at('request.pem'));
      // Only `ca` sets both ends of the time in every release.
      await Promise.all([
        writeFile(at('ca.cnf'), AUTHORITY),
        writeFile(at('index.txt'), ''),
        writeFile(at('serial.txt'), '01'),
      ]);
      const times = ['-startdate', validity.from, '-enddate', validity.to];
      const files = [
        '-config',
        at('ca.cnf'),
        '-in',
        at('request.pem'),
        '-keyfile',
        at('key.pem'),
        '-out',
        at('cert.pem'),
      ];
      await openssl('ca', '-batch', '-selfsign', '-notext', ...files, ...times);
    }
    return { key: await readFile(at('key.pem'), 'utf8'), cert: await readFile(at('cert.pem'), 'utf8') };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const AUTHORITY = `[ca]
default_ca = own
[own]
database = index.txt
serial = serial.txt
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
`;

/** Listens on the loopback address and says on which port. */
export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
