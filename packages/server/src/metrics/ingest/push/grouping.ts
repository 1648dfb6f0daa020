import { pushErrors } from './errors.ts';

const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const BASE64 = '@base64';

/**
 * The grouping key of a Pushgateway path, `job/<job>{/<label>/<value>}`, from its still encoded segments after `/metrics/`.
 * A name that ends in `@base64` has its value in URL-safe base64 (`=` alone means empty). Throws `push.bad_group`.
 */
export function parseGrouping(path: string): ReadonlyMap<string, string> {
  const segments = path.replace(/\/$/, '').split('/');
  const grouping = new Map<string, string>();
  if (segments.length % 2 !== 0) {
    throw pushErrors.make('bad_group', `${JSON.stringify(path)} has a label without a value`);
  }
  for (let i = 0; i < segments.length; i += 2) {
    const encoded = decodeSegment(segments[i] ?? '');
    const name = encoded.endsWith(BASE64) ? encoded.slice(0, -BASE64.length) : encoded;
    const raw = decodeSegment(segments[i + 1] ?? '');
    const value = encoded.endsWith(BASE64) ? decodeBase64(name, raw) : raw;
    if (i === 0 && (name !== 'job' || value === '')) {
      throw pushErrors.make(
        'bad_group',
        'the path must start with job/<name>, and the name must not be empty',
      );
    }
    if (!LABEL.test(name) || name.startsWith('__')) {
      throw pushErrors.make('bad_group', `${JSON.stringify(name)} is not a label name for a group`);
    }
    if (grouping.has(name)) throw pushErrors.make('bad_group', `label ${JSON.stringify(name)} comes twice`);
    grouping.set(name, value);
  }
  return grouping;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw pushErrors.make('bad_group', `${JSON.stringify(segment)} is not valid percent-encoding`);
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeBase64(name: string, text: string): string {
  const plain = text.replace(/=+$/, '');
  if (!/^[A-Za-z0-9_-]*$/.test(plain) || plain.length % 4 === 1) {
    throw pushErrors.make('bad_group', `the value of ${JSON.stringify(name)} is not URL-safe base64`);
  }
  try {
    return strictUtf8.decode(Buffer.from(plain, 'base64url'));
  } catch {
    throw pushErrors.make('bad_group', `the value of ${JSON.stringify(name)} is not UTF-8`);
  }
}
