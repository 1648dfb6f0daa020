import { z } from 'zod';
import type { StateKind } from '../../journal/index.ts';
import { labelSet } from '../labels/label-set.ts';
import { type Alert, alertOf } from './alert.ts';

const pairs = z.array(z.tuple([z.string(), z.string()]));

/** An alert as JSON. */
export const alertFields = {
  labels: pairs,
  annotations: pairs,
  startsAt: z.number(),
  endsAt: z.number(),
  updatedAt: z.number(),
  isTimeout: z.boolean(),
  generatorUrl: z.string(),
};

const alertSchema = z.strictObject(alertFields);
export type StoredAlert = z.output<typeof alertSchema>;

/** Alerts that fire, or ended and were not told of everywhere; by fingerprint. They are all there at once after a restart. */
export const alertKind: StateKind<StoredAlert> = { name: 'alerts.alert', version: 1, schema: alertSchema };

export function storedAlertFields(alert: Alert): StoredAlert {
  const { labels, annotations, startsAt, endsAt, updatedAt, isTimeout, generatorUrl } = alert;
  return {
    labels: [...labels],
    annotations: [...annotations],
    startsAt,
    endsAt,
    updatedAt,
    isTimeout,
    generatorUrl,
  };
}

export function storedAlertOf({ labels, annotations, ...rest }: StoredAlert): Alert {
  return alertOf({ ...rest, labels: labelSet(labels), annotations: labelSet(annotations) });
}
