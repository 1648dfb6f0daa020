import { remoteWriteErrors } from './errors.ts';

/** The two messages of remote write; the content type decides, no other header (compat 3.1). */
export type RemoteWriteVersion = '1.0' | '2.0';

const MESSAGES: ReadonlyMap<string, RemoteWriteVersion> = new Map([
  ['prometheus.WriteRequest', '1.0'],
  ['io.prometheus.write.v2.Request', '2.0'],
]);
const EXPECTED = `expected application/x-protobuf with proto=${[...MESSAGES.keys()].join(' or proto=')}`;

/** Which message the body is; throws `remote_write.unsupportedMedia` for any other (RW-2). No content type means 1.0. */
export function versionOf(contentType: string | undefined): RemoteWriteVersion {
  if (contentType === undefined || contentType.trim() === '') return '1.0';
  const [media = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  const refused = (what: string) =>
    remoteWriteErrors.make(
      'unsupportedMedia',
      `${what} ${JSON.stringify(contentType.slice(0, 200))}, ${EXPECTED}`,
    );
  if (media.toLowerCase() !== 'application/x-protobuf') throw refused('Content-Type');
  for (const parameter of parameters) {
    const [name, value, ...more] = parameter.split('=').map((part) => part.trim());
    if (value === undefined || more.length > 0) throw refused('a malformed parameter in Content-Type');
    if (name?.toLowerCase() !== 'proto') continue;
    const version = MESSAGES.get(value.replace(/^"(.*)"$/, '$1'));
    if (version === undefined) throw refused('an unknown message in Content-Type');
    return version;
  }
  return '1.0';
}

/** Throws `remote_write.unsupportedMedia` for anything but snappy; old senders name no encoding at all (RW-2). */
export function requireSnappy(encoding: string | undefined): void {
  const named = (encoding ?? '').trim().toLowerCase();
  if (named === '' || named === 'snappy') return;
  throw remoteWriteErrors.make(
    'unsupportedMedia',
    `Content-Encoding ${JSON.stringify(named.slice(0, 50))}, expected snappy`,
  );
}
