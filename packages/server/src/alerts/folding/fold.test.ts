import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelSet } from '../labels/label-set.ts';
import { alertMatcher } from '../matchers/matcher.ts';
import { type Alert, alertOf } from '../received/alert.ts';
import { type DependantsWorld, dependantsText, type KnownSufferers } from './dependants.ts';
import { type FoldingRules, judgeFolding } from './fold.ts';
import type { ServiceMap, Standing } from './service-map.ts';

const NOW = 1_000_000;
const RULES: FoldingRules = {
  symptoms: [alertMatcher('alertname', '=~', '.*')],
  causes: [alertMatcher('alertname', '!=', 'BreakerOpen')],
  hops: 3,
  waitMs: 60_000,
  releaseMs: 300_000,
};
const WELL: Standing = {
  isUnwell: false,
  hasOwnFault: false,
  failsCallers: false,
  lacksAnswers: false,
  causedBy: [],
};
const UNWELL: Standing = { ...WELL, isUnwell: true, failsCallers: true };
const DEAD: Standing = { ...UNWELL, hasOwnFault: true };
/** As the shop's services call each other. */
const SHOP = {
  gateway: ['auth', 'order', 'user', 'catalog'],
  auth: ['user'],
  order: ['catalog', 'user'],
  user: ['catalog'],
};

function alert(
  service: string,
  more: Partial<Alert> & { readonly labels?: never; readonly name?: string; readonly severity?: string } = {},
): Alert {
  const { name = 'Fails', severity = 'critical', ...rest } = more;
  return alertOf({
    labels: labelSet(Object.entries({ alertname: name, service, severity })),
    annotations: labelSet([]),
    startsAt: NOW - 300_000,
    endsAt: NOW + 60_000,
    updatedAt: NOW,
    isTimeout: true,
    generatorUrl: '',
    ...rest,
  });
}

interface Setting {
  readonly calls?: Readonly<Record<string, readonly string[]>>;
  readonly standing?: Readonly<Record<string, Standing>>;
  readonly isHeard?: (alert: Alert) => boolean;
  readonly isTold?: (alert: Alert) => boolean;
  readonly isKnown?: boolean;
  readonly wasFelt?: boolean;
}

function worldOf(alerts: readonly Alert[], setting: Setting = {}): DependantsWorld {
  const calls = new Map(
    Object.entries(setting.calls ?? SHOP).map(([name, called]) => [name, new Set(called)]),
  );
  const map: ServiceMap = {
    serviceOf: (labels) => labels.get('service'),
    calls: () => calls,
    isKnown: () => setting.isKnown ?? true,
    standing: (service) => setting.standing?.[service] ?? null,
  };
  const at = (service: string): readonly Alert[] =>
    alerts.filter(({ labels }) => labels.get('service') === service);
  return {
    rules: RULES,
    map,
    causesAt: at,
    symptomsAt: at,
    symptomServices: () => new Set(alerts.flatMap(({ labels }) => labels.get('service') ?? [])),
    isHeard: setting.isHeard ?? (() => true),
    isTold: setting.isTold ?? (() => false),
    mapBy: NOW + 8000,
    wasFelt: () => setting.wasFelt ?? false,
  };
}

describe('an alert', () => {
  const ended = alert('catalog', { endsAt: NOW - 120_000 });

  it.each<readonly [string, Alert, readonly Alert[], Setting, string | null]>([
    [
      'of a service that calls one that fails',
      alert('order'),
      [alert('catalog')],
      {},
      'part of Fails of catalog (order calls catalog)',
    ],
    [
      'over others',
      alert('auth'),
      [alert('catalog')],
      {},
      'part of Fails of catalog (auth calls user, which calls catalog)',
    ],
    [
      'of one below a symptom is about the last of them',
      alert('gateway'),
      [alert('order'), alert('catalog')],
      {},
      'part of Fails of catalog (gateway calls catalog)',
    ],
    [
      'of two troubles below names both',
      alert('gateway'),
      [alert('auth'), alert('catalog')],
      { standing: { auth: DEAD } },
      'part of Fails of auth (gateway calls auth), Fails of catalog (gateway calls catalog)',
    ],
    ['of a service below', alert('catalog'), [alert('order')], {}, null],
    ['of one that is not called', alert('order'), [alert('auth')], {}, null],
    [
      'of a service with a fault of its own',
      alert('order'),
      [alert('catalog')],
      { standing: { order: DEAD } },
      null,
    ],
    [
      'of a service that calls one which fails nobody',
      alert('order'),
      [alert('catalog')],
      { standing: { catalog: { ...UNWELL, failsCallers: false } } },
      null,
    ],
    [
      'of a service whose cause has just become well',
      alert('order'),
      [alert('catalog')],
      { standing: { catalog: WELL } },
      'part of Fails of catalog (order calls catalog)',
    ],
    [
      'of a service whose cause fails nobody any more',
      alert('order'),
      [alert('catalog')],
      { standing: { catalog: { ...UNWELL, failsCallers: false } }, wasFelt: true },
      'part of Fails of catalog (order calls catalog)',
    ],
    ['beside a less urgent one', alert('order'), [alert('catalog', { severity: 'warning' })], {}, null],
    [
      'less urgent than its cause',
      alert('order', { severity: 'warning' }),
      [alert('catalog')],
      {},
      'part of Fails of catalog (order calls catalog)',
    ],
    ['of an urgency that nobody knows', alert('order', { severity: 'sev2' }), [alert('catalog')], {}, null],
    [
      'whose receiver does not hear of the other',
      alert('order'),
      [alert('catalog')],
      { isHeard: () => false },
      null,
    ],
    [
      'without a service',
      alertOf({ ...alert('order'), labels: labelSet([['alertname', 'Fails']]) }),
      [alert('catalog')],
      {},
      null,
    ],
    [
      'of two that call each other',
      alert('a'),
      [alert('a'), alert('b')],
      { calls: { a: ['b'], b: ['c'], c: ['a'] } },
      null,
    ],
    [
      'of two that call each other, one with a fault of its own',
      alert('a'),
      [alert('a'), alert('b')],
      { calls: { a: ['b'], b: ['a'] }, standing: { b: DEAD } },
      'part of Fails of b (a calls b)',
    ],
    ['too far away', alert('a'), [alert('e')], { calls: { a: ['b'], b: ['c'], c: ['d'], d: ['e'] } }, null],
    [
      'whose cause ended',
      alert('order'),
      [ended],
      {},
      'part of Fails of catalog, which ended (order calls catalog); told if it still fires in 3m',
    ],
    [
      'that began some time after the end of the other',
      alert('order', { startsAt: NOW - 60_000 }),
      [ended],
      {},
      null,
    ],
    [
      'of which nobody knows yet whom its service calls',
      alert('order'),
      [],
      { isKnown: false },
      'waits until it is known who calls whom: Pharos has just started',
    ],
    ['whose cause ended long ago', alert('order'), [alert('catalog', { endsAt: NOW - 300_000 })], {}, null],
    [
      'that has just begun, above one that is unwell',
      alert('gateway', { startsAt: NOW - 20_000 }),
      [],
      { standing: { catalog: UNWELL, gateway: UNWELL } },
      'waits for an alert about catalog, which is unwell (gateway calls catalog); told in 40s if none comes',
    ],
    [
      'that has just begun, above those that are well',
      alert('gateway', { startsAt: NOW }),
      [],
      { standing: { catalog: WELL } },
      null,
    ],
    [
      'that has just begun, above one that fails nobody',
      alert('gateway', { startsAt: NOW }),
      [],
      { standing: { catalog: { ...UNWELL, failsCallers: false } } },
      null,
    ],
    [
      'that has just begun, of one that asks in vain, above those that still seem well',
      alert('gateway', { startsAt: NOW - 20_000 }),
      [],
      { standing: { catalog: WELL, gateway: { ...UNWELL, lacksAnswers: true } } },
      'waits for an alert about one that its service calls and gets no answers from; told in 40s if none comes',
    ],
    [
      'of one that asks in vain, and has a fault of its own',
      alert('gateway', { startsAt: NOW - 20_000 }),
      [],
      { standing: { gateway: { ...DEAD, lacksAnswers: true } } },
      null,
    ],
    [
      'of one that asked in vain for so long',
      alert('gateway', { startsAt: NOW - 60_000 }),
      [],
      { standing: { gateway: { ...UNWELL, lacksAnswers: true } } },
      null,
    ],
    [
      'that nobody explained in time',
      alert('gateway', { startsAt: NOW - 60_000 }),
      [],
      { standing: { catalog: UNWELL } },
      null,
    ],
  ])('%s', (_name, judged, others, setting, reason) => {
    expect(judgeFolding(judged, NOW, worldOf([...others], setting))?.reason ?? null).toBe(reason);
  });

  it('of a flood about one service is looked at a few times, however many there are', () => {
    const flood = Array.from({ length: 3000 }, (_, i) => alert('catalog', { name: `Fails${i}` }));
    const symptoms = ['order', 'gateway', 'user'].map((service) => alert(service));
    let asked = 0;
    const world = worldOf([...flood, ...symptoms], {
      isHeard: () => {
        asked++;
        return true;
      },
    });
    const known: KnownSufferers = new Map();
    const texts = flood.map((cause) => dependantsText(cause, NOW, world, known));
    expect(texts[0]).toBe('gateway (Fails), order (Fails), user (Fails)');
    expect(texts.at(-1)).toBe('');
    expect(asked).toBeLessThan(100);
  });

  it('waits no longer for a cause because the clock of its sender is ahead', () => {
    const standing = { catalog: UNWELL };
    const ahead = (ms: number) => alert('gateway', { startsAt: NOW + ms });
    expect(judgeFolding(ahead(5000), NOW, worldOf([], { standing }))).not.toBeNull();
    expect(judgeFolding(ahead(3_600_000), NOW, worldOf([], { standing }))).toBeNull();
  });

  it('is looked at again when a wait is over, or its cause has ended for so long', () => {
    const waits = alert('gateway', { startsAt: NOW - 20_000 });
    const standing = { catalog: UNWELL };
    expect(judgeFolding(waits, NOW, worldOf([], { standing }))?.until).toBe(NOW + 40_000);
    expect(judgeFolding(alert('order'), NOW, worldOf([ended]))?.until).toBe(NOW + 180_000);
    expect(judgeFolding(alert('order'), NOW, worldOf([alert('catalog')]))?.until).toBeNull();
  });

  it('is never lost: whatever calls whom, what is folded leads to one that is told', () => {
    const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
    const name = fc.constantFrom(...NAMES);
    const severity = fc.constantFrom('critical', 'warning', 'info', 'odd');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, name), { maxLength: 14 }),
        fc.uniqueArray(fc.record({ service: name, severity, receiver: fc.nat(2) }), {
          minLength: 1,
          maxLength: 10,
          selector: (one) => `${one.service} ${one.severity}`,
        }),
        fc.subarray(NAMES),
        (pairs, written, faulty) => {
          const calls: Record<string, string[]> = {};
          for (const [from, to] of pairs) if (from !== to) (calls[from] ??= []).push(to);
          const alerts = written.map((one) => alert(one.service, { severity: one.severity }));
          const receiverOf = new Map(alerts.map((one, i) => [one.fingerprint, written[i]?.receiver ?? 0]));
          const standing = Object.fromEntries(faulty.map((one) => [one, DEAD]));
          const foldedInto = (one: Alert): readonly string[] => {
            const isHeard = (other: Alert): boolean =>
              receiverOf.get(other.fingerprint) === receiverOf.get(one.fingerprint);
            return judgeFolding(one, NOW, worldOf(alerts, { calls, standing, isHeard }))?.causes ?? [];
          };
          const told = new Set(
            alerts.filter((one) => foldedInto(one).length === 0).map((one) => one.fingerprint),
          );
          for (const start of alerts) {
            const seen = new Set([start.fingerprint]);
            for (const fingerprint of seen) {
              const one = alerts.find((other) => other.fingerprint === fingerprint);
              for (const next of one === undefined ? [] : foldedInto(one)) seen.add(next);
            }
            expect([...seen].some((fingerprint) => told.has(fingerprint))).toBe(true);
          }
        },
      ),
    );
  });
});

describe('the page about a cause', () => {
  it('lists who suffers: services with alerts, those told before, and those that only health knows of', () => {
    const order = alert('order');
    const alerts = [
      alert('catalog'),
      alert('gateway'),
      alert('gateway', { name: 'BreakerOpen' }),
      order,
      alert('auth', { endsAt: NOW - 1 }),
    ];
    const standing = { user: { ...UNWELL, causedBy: ['catalog'] } };
    const world = worldOf(alerts, { standing, isTold: (one) => one === order });
    const [cause] = alerts;
    expect(dependantsText(cause!, NOW, world)).toBe(
      'gateway (Fails, BreakerOpen), order (Fails, told before), user',
    );
    expect(dependantsText(alert('nobody'), NOW, world)).toBe('');
  });
});
