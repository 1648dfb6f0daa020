import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import { createRelabeler, type ReadText } from '../../metrics/index.ts';
import type { OutgoingAlert } from '../rules/index.ts';
import type { AlertingConfig, AlertmanagerConfig } from './config.ts';
import { alertmanagerUrls } from './places.ts';
import { AlertmanagerQueue, type PostedAlert, type QueueDeps } from './queue.ts';
import { type SenderTelemetry, senderTelemetry } from './telemetry.ts';

export interface SenderDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly readText: ReadText;
}

/** One Alertmanager that alerts go to, with what is done to alerts before. */
interface Receiver {
  /** Equal for receivers that do the same. */
  readonly identity: string;
  readonly queue: AlertmanagerQueue;
  readonly relabel: ReturnType<typeof createRelabeler>;
}

/**
 * Sends alerts of rules to the Alertmanagers of `alerting`:
 *
 *     alert ─> alert_relabel_configs ─> those of the Alertmanager ─> its queue ─> POST /api/v2/alerts
 */
export class AlertSender implements Service {
  readonly name = 'alert-sender';
  readonly dependsOn: readonly string[] = [];
  readonly #deps: SenderDeps;
  readonly #telemetry: SenderTelemetry;
  #receivers = new Map<string, Receiver>();
  #relabel: ReturnType<typeof createRelabeler>;

  constructor(config: AlertingConfig, deps: SenderDeps) {
    this.#deps = deps;
    this.#telemetry = senderTelemetry(
      deps.telemetry,
      () => new Map([...this.#receivers.values()].map(({ queue }) => [queue.url, queue.waiting])),
    );
    this.#relabel = createRelabeler(config.alert_relabel_configs);
    this.applyConfig(config);
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    const queues = [...this.#receivers.values()].map(({ queue }) => queue);
    this.#receivers = new Map();
    await Promise.all(queues.map((queue) => queue.stop()));
  }

  /** Alertmanagers that did not change keep what waits for them. Throws a system error when a TLS file cannot be read. */
  applyConfig(config: AlertingConfig): void {
    this.#relabel = createRelabeler(config.alert_relabel_configs);
    const next = new Map<string, Receiver>();
    for (const entry of config.alertmanagers)
      for (const url of alertmanagerUrls(entry)) next.set(url, this.#receiver(url, entry));
    for (const [url, { queue }] of this.#receivers) {
      if (next.get(url)?.queue === queue) continue;
      if (!next.has(url)) this.#telemetry.forget(url);
      void queue.stop();
    }
    this.#receivers = next;
  }

  /** Where alerts go now. */
  urls(): readonly string[] {
    return [...this.#receivers.keys()];
  }

  /** Queues alerts for every Alertmanager; never waits. */
  send(alerts: readonly OutgoingAlert[]): void {
    if (this.#receivers.size === 0) return;
    const kept = alerts.flatMap((alert) => relabelled(alert, this.#relabel) ?? []);
    for (const { queue, relabel } of this.#receivers.values()) {
      const posted = kept.flatMap((alert) => relabelled(alert, relabel) ?? []).map(postedAlert);
      if (posted.length > 0) queue.push(posted);
    }
  }

  #receiver(url: string, config: AlertmanagerConfig): Receiver {
    const identity = JSON.stringify(config);
    const known = this.#receivers.get(url);
    if (known?.identity === identity) return known;
    const { clock, readText, log } = this.#deps;
    const deps: QueueDeps = {
      clock,
      readText,
      telemetry: this.#telemetry,
      failed: (alertmanager, reason) =>
        log.warn({ alertmanager, reason }, 'an Alertmanager did not take alerts'),
    };
    return {
      identity,
      queue: new AlertmanagerQueue(url, config, deps),
      relabel: createRelabeler(config.alert_relabel_configs),
    };
  }
}

function relabelled(alert: OutgoingAlert, relabel: Receiver['relabel']): OutgoingAlert | undefined {
  const labels = new Map(alert.labels);
  return relabel(labels) ? { ...alert, labels } : undefined;
}

function postedAlert({ labels, annotations, startsAt, endsAt, generatorUrl }: OutgoingAlert): PostedAlert {
  return {
    labels: recordOf(labels),
    annotations: recordOf(annotations),
    startsAt: new Date(startsAt).toISOString(),
    endsAt: new Date(endsAt).toISOString(),
    generatorURL: generatorUrl,
  };
}

/** Names are arbitrary: no prototype that one of them could mean. */
function recordOf(texts: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const record: Record<string, string> = Object.create(null) as Record<string, string>; // oxlint-disable-line typescript/no-unsafe-type-assertion -- Object.create(null) is typed any
  for (const [name, text] of texts) record[name] = text;
  return record;
}
