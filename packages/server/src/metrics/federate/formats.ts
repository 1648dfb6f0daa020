/** In what a federating server wants its answer. */
export interface FederateFormat {
  readonly kind: 'text' | 'openmetrics' | 'protobuf';
  /** Whether names beyond the old character set may stand as they are; else each such character becomes `_`. */
  readonly utf8: boolean;
  readonly contentType: string;
}

const PROTOBUF =
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const TEXT = 'text/plain; version=0.0.4; charset=utf-8';

interface Wanted {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** The best of the formats an Accept header names (RFC 9110, 12.5.1), by its weights; text when it names none of ours. */
export function negotiateFormat(accept: string | undefined): FederateFormat {
  const wanted = (accept ?? '')
    .split(',')
    .slice(0, 50)
    .map(parseWanted)
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  for (const { type, parameters } of wanted) {
    const utf8 = parameters.get('escaping') === 'allow-utf-8';
    const escaping = `; escaping=${utf8 ? 'allow-utf-8' : 'underscores'}`;
    if (type === 'application/vnd.google.protobuf' && parameters.get('encoding') === 'delimited')
      return { kind: 'protobuf', utf8, contentType: PROTOBUF + escaping };
    if (type === 'application/openmetrics-text')
      return { kind: 'openmetrics', utf8, contentType: OPENMETRICS + escaping };
    if (type === 'text/plain') return { kind: 'text', utf8, contentType: TEXT + (utf8 ? escaping : '') };
  }
  return { kind: 'text', utf8: false, contentType: TEXT };
}

function parseWanted(text: string): Wanted {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const parameters = new Map<string, string>();
  for (const part of rest) {
    const equals = part.indexOf('=');
    if (equals > 0) parameters.set(part.slice(0, equals).toLowerCase(), part.slice(equals + 1));
  }
  const quality = Number(parameters.get('q') ?? 1);
  return { type: type.toLowerCase(), parameters, quality: Number.isFinite(quality) ? quality : 0 };
}
