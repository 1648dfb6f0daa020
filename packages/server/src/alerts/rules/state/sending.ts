import type { Alert } from './alert.ts';

/** Whether somebody is to be told of an alert now: it fires, or is over, and was not told of lately. */
export function needsSending(alert: Alert, at: number, resendMs: number): boolean {
  if (alert.state === 'pending') return false;
  const { resolvedAt, lastSentAt } = alert;
  if (lastSentAt === null) return true;
  if (resolvedAt !== null && resolvedAt > lastSentAt) return true;
  return lastSentAt + resendMs < at;
}

/** The alert as told of now: valid for four rounds, so that two may fail. */
export function sent(alert: Alert, at: number, resendMs: number, intervalMs: number): Alert {
  return { ...alert, lastSentAt: at, validUntil: at + 4 * Math.max(intervalMs, resendMs) };
}

/** An alert as it is handed on. Times in ms. */
export interface OutgoingAlert {
  /** External labels among them. */
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly startsAt: number;
  /** When it ended, or until when it is taken for firing if nothing more is heard. */
  readonly endsAt: number;
  readonly isResolved: boolean;
  /** Where the expression can be looked at. */
  readonly generatorUrl: string;
}

/** What is handed on of an alert that was just {@link sent}. An external label gives way to the alert's own. */
export function outgoing(
  alert: Alert,
  externalLabels: ReadonlyMap<string, string>,
  generatorUrl: string,
): OutgoingAlert {
  return {
    labels: new Map([...externalLabels, ...alert.labels.toMap()]),
    annotations: alert.annotations,
    startsAt: alert.firedAt ?? alert.activeAt,
    endsAt: alert.resolvedAt ?? alert.validUntil ?? alert.activeAt,
    isResolved: alert.resolvedAt !== null,
    generatorUrl,
  };
}
