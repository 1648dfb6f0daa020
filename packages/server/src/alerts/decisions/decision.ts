/** What was decided of an alert, at one station of its way. */
export const OUTCOMES = [
  'routed',
  'grouped',
  'inhibited',
  /** Outside of the times in which its route is active. */
  'inactive',
  'muted',
  'silenced',
  /** It is part of the page about a service that its own one calls, or waits for that. */
  'folded',
  /** It ended, and is not told to have while it may come back at once. */
  'damped',
  /** Its receiver has nobody to tell. */
  'dropped',
  /** Nothing new to tell. */
  'deduplicated',
  /** Not for this receiver: it wants no end of alerts, or cannot be sent to. */
  'skipped',
  'queued',
  'sent',
  'retrying',
  /** The receiver refused it for good. */
  'failed',
  /** Its time was over; what is true by then is told instead. */
  'abandoned',
  /** News came before it was sent. */
  'superseded',
  /** Pharos ended while it was sent: it is sent again and may come twice. */
  'uncertain',
  /** A level of its escalation policy was told, or somebody asked for the next one. */
  'escalated',
  /** Nobody was told by its escalation policy, for now or at all; the reason says why. */
  'held',
  'acknowledged',
  /** Somebody took the acknowledgement back, or its time is over. */
  'unacknowledged',
  /** The page of its escalation policy ended. */
  'ended',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** The outcome of a stored word; one that a newer Pharos wrote is as `skipped`, whose reason says it in words. */
export function outcomeOf(word: string): Outcome {
  return OUTCOMES.find((known) => known === word) ?? 'skipped';
}

/** One decision, kept for good. Empty texts are what is not known yet. */
export interface Decision {
  /** Epoch ms. */
  readonly at: number;
  readonly outcome: Outcome;
  /** Of the alert. */
  readonly fingerprint: string;
  /** Id of the route (routes/tree.ts). */
  readonly route: string;
  readonly group: string;
  readonly receiver: string;
  /** `slack[0]` */
  readonly integration: string;
  /** Why, in words for people. */
  readonly reason: string;
  /** What decided it: ids of silences, fingerprints of alerts, names of intervals, the id of a delivery. */
  readonly by: readonly string[];
  /** Of a delivery that was tried: how often, up to then. */
  readonly attempts?: number;
  /** Of a delivery: the receiver may have had it before, or has it now though that is not known. */
  readonly mayBeDuplicate?: boolean;
  /** Of a delivery: what the alert is called (labels/alert-title.ts), for when its labels are no longer known. */
  readonly title?: string;
}
