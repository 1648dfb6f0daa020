import {
  bare,
  GoObject,
  type GoTime,
  isList,
  type Method,
  StringMap,
  TemplateError,
  type Value,
  ZERO_TIME,
} from '@pharos/gotemplate';
import type { KV, Pairs, TemplateAlert, TemplateData } from './data.ts';

/**
 * Alerts that templates see: making the values of so many takes some ms, and nobody reads more. Counts and what alerts have in common are of all.
 */
const MOST_ALERTS_SEEN = 2000;

/** What a notification's templates begin with: Alertmanager's data, and how many alerts there are in all. */
export function dataValue(data: TemplateData, mostAlerts = MOST_ALERTS_SEEN): Value {
  const seen = data.Alerts.all.slice(0, mostAlerts);
  const firing = data.Alerts.Firing().length;
  return GoObject.struct(
    '*template.Data',
    new Map<string, Value>([
      ['Receiver', data.Receiver],
      ['Status', data.Status],
      ['Alerts', alertsValue(seen)],
      ['GroupLabels', kvValue(data.GroupLabels)],
      ['CommonLabels', kvValue(data.CommonLabels)],
      ['CommonAnnotations', kvValue(data.CommonAnnotations)],
      ['ExternalURL', data.ExternalURL],
      // Pharos' own: right also where not all alerts are seen.
      ['FiringCount', BigInt(firing)],
      ['ResolvedCount', BigInt(data.Alerts.all.length - firing)],
      ['TruncatedAlerts', BigInt(data.Alerts.all.length - seen.length)],
    ]),
  );
}

function alertsValue(alerts: readonly TemplateAlert[]): Value {
  const values = alerts.map((alert) => ({ alert, value: alertValue(alert) }));
  const of = (status: TemplateAlert['Status']): Method =>
    noArguments(() => values.filter(({ alert }) => alert.Status === status).map(({ value }) => value));
  return GoObject.named(
    'template.Alerts',
    values.map(({ value }) => value),
    new Map([
      ['Firing', of('firing')],
      ['Resolved', of('resolved')],
    ]),
  );
}

function alertValue(alert: TemplateAlert): Value {
  return GoObject.struct(
    'template.Alert',
    new Map<string, Value>([
      ['Status', alert.Status],
      ['Labels', kvValue(alert.Labels)],
      ['Annotations', kvValue(alert.Annotations)],
      ['StartsAt', timeValue(alert.StartsAt)],
      ['EndsAt', timeValue(alert.EndsAt)],
      ['GeneratorURL', alert.GeneratorURL],
      ['Fingerprint', alert.Fingerprint],
    ]),
  );
}

function timeValue(ms: number | null): GoTime {
  return ms === null ? ZERO_TIME : { ns: BigInt(Math.round(ms)) * 1_000_000n, zone: 'UTC' };
}

function kvValue(kv: KV): Value {
  return GoObject.named(
    'template.KV',
    new StringMap(kv.entries),
    new Map<string, Method>([
      ['SortedPairs', noArguments(() => pairsValue(kv.SortedPairs()))],
      ['Remove', (args) => kvValue(kv.Remove(namesOf(args)))],
      ['Names', noArguments(() => kv.Names())],
      ['Values', noArguments(() => kv.Values())],
      ['String', noArguments(() => kv.String())],
    ]),
  );
}

function pairsValue(pairs: Pairs): Value {
  return GoObject.named(
    'template.Pairs',
    pairs.all.map(({ Name, Value: value }) =>
      GoObject.struct(
        'template.Pair',
        new Map<string, Value>([
          ['Name', Name],
          ['Value', value],
        ]),
      ),
    ),
    new Map<string, Method>([
      ['Names', noArguments(() => pairs.Names())],
      ['Values', noArguments(() => pairs.Values())],
      ['String', noArguments(() => pairs.String())],
    ]),
  );
}

function noArguments(read: () => Value): Method {
  return (args) => {
    if (args.length > 0) throw new TemplateError(`wrong number of args: want 0 got ${args.length}`);
    return read();
  };
}

/** The one argument of `Remove`: a list of names. */
function namesOf(args: readonly Value[]): readonly string[] {
  const names = bare(args[0]);
  if (args.length !== 1 || !isList(names)) throw new TemplateError('expected a list of names');
  return names.map((name) => {
    const text = bare(name);
    if (typeof text !== 'string') throw new TemplateError('expected a list of names');
    return text;
  });
}
