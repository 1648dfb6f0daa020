import { z } from 'zod';
import type { StateKind } from '../journal/index.ts';

/** Something that happened, to be drawn on every chart: a deployment, a configuration change, a note. Times in epoch ms. */
export const annotation = z.strictObject({
  id: z.string(),
  time: z.number(),
  timeEnd: z.number().optional(),
  kind: z.enum(['deployment', 'annotation']),
  service: z.string().optional(),
  title: z.string(),
  text: z.string(),
  tags: z.array(z.string()),
});

export type Annotation = z.output<typeof annotation>;

export const annotationKind: StateKind<Annotation> = {
  name: 'annotations.annotation',
  version: 1,
  schema: annotation,
};
