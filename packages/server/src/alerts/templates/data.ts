import { type LabelSet, labelSet } from '../labels/label-set.ts';
import type { FlushedAlert } from '../received/alert.ts';

/** A name with its value, `Pair` in Alertmanager's documentation. */
export interface Pair {
  readonly Name: string;
  readonly Value: string;
}

/** Pairs in an order, with what templates may ask of them. */
export class Pairs {
  readonly all: readonly Pair[];

  constructor(all: readonly Pair[]) {
    this.all = all;
  }

  Names(): readonly string[] {
    return this.all.map(({ Name }) => Name);
  }

  Values(): readonly string[] {
    return this.all.map(({ Value }) => Value);
  }

  /** `a=1, b=2` */
  String(): string {
    return this.all.map(({ Name, Value }) => `${Name}=${Value}`).join(', ');
  }
}

const ALERT_NAME = 'alertname';

/** A set of names with values: labels or annotations. A name that is missing is an empty text. */
export class KV {
  readonly entries: LabelSet;

  constructor(entries: LabelSet) {
    this.entries = entries;
  }

  get(name: string): string {
    return this.entries.get(name) ?? '';
  }

  /** By name, but the alert's name first. */
  SortedPairs(): Pairs {
    const first = this.entries.get(ALERT_NAME);
    const rest = [...this.entries].filter(([name]) => name !== ALERT_NAME);
    const all = first === undefined ? rest : [[ALERT_NAME, first] as const, ...rest];
    return new Pairs(all.map(([Name, Value]) => ({ Name, Value })));
  }

  Remove(names: readonly string[]): KV {
    return new KV(labelSet([...this.entries].filter(([name]) => !names.includes(name))));
  }

  Names(): readonly string[] {
    return this.SortedPairs().Names();
  }

  Values(): readonly string[] {
    return this.SortedPairs().Values();
  }

  String(): string {
    return this.SortedPairs().String();
  }
}

type AlertStatus = 'firing' | 'resolved';

export interface TemplateAlert {
  readonly Status: AlertStatus;
  readonly Labels: KV;
  readonly Annotations: KV;
  /** Epoch ms. */
  readonly StartsAt: number;
  /** Epoch ms; null, Go's zero time, while it fires. */
  readonly EndsAt: number | null;
  readonly GeneratorURL: string;
  readonly Fingerprint: string;
}

/** The alerts of a notification, with what templates may ask of them. */
class TemplateAlerts {
  readonly all: readonly TemplateAlert[];

  constructor(all: readonly TemplateAlert[]) {
    this.all = all;
  }

  Firing(): readonly TemplateAlert[] {
    return this.all.filter(({ Status }) => Status === 'firing');
  }

  Resolved(): readonly TemplateAlert[] {
    return this.all.filter(({ Status }) => Status === 'resolved');
  }
}

/** What a notification's templates see, and what a webhook is told; the names are Alertmanager's. */
export interface TemplateData {
  /** Escaped as a pattern would need it, as Alertmanager has it. */
  readonly Receiver: string;
  readonly Status: AlertStatus;
  readonly Alerts: TemplateAlerts;
  readonly GroupLabels: KV;
  readonly CommonLabels: KV;
  readonly CommonAnnotations: KV;
  readonly ExternalURL: string;
}

export interface Notification {
  readonly receiver: string;
  readonly groupLabels: LabelSet;
  readonly alerts: readonly FlushedAlert[];
  /** Where Pharos is, for links. */
  readonly externalUrl: string;
}

export function templateData({ receiver, groupLabels, alerts, externalUrl }: Notification): TemplateData {
  return {
    Receiver: receiver.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&'),
    Status: alerts.some(({ isResolved }) => !isResolved) ? 'firing' : 'resolved',
    Alerts: new TemplateAlerts(alerts.map(templateAlert)),
    GroupLabels: new KV(groupLabels),
    CommonLabels: new KV(inCommon(alerts.map(({ labels }) => labels))),
    CommonAnnotations: new KV(inCommon(alerts.map(({ annotations }) => annotations))),
    ExternalURL: externalUrl,
  };
}

function templateAlert(alert: FlushedAlert): TemplateAlert {
  return {
    Status: alert.isResolved ? 'resolved' : 'firing',
    Labels: new KV(alert.labels),
    Annotations: new KV(alert.annotations),
    StartsAt: alert.startsAt,
    EndsAt: alert.isResolved ? alert.endsAt : null,
    GeneratorURL: alert.generatorUrl,
    Fingerprint: alert.fingerprint,
  };
}

function inCommon([first, ...others]: readonly LabelSet[]): LabelSet {
  if (first === undefined) return new Map();
  return labelSet([...first].filter(([name, value]) => others.every((other) => other.get(name) === value)));
}
