import { z } from 'zod';
import type { AnswerFacts } from '../../api/query-protocol.ts';

const figure = z.number().catch(0);
const selection = z.object({
  selector: z.string(),
  start: figure,
  end: figure,
  from: z.string(),
  note: z.string().catch(''),
  series: figure,
  samples: figure,
  seconds: figure,
});
const statement = z.object({
  purpose: z.string(),
  sql: z.string(),
  seconds: figure,
  bytes: figure,
  result: z.string(),
});

/** The server's account of a run (`stats=all&explain=true`); what it does not tell counts as nothing. */
const statsSchema = z.object({
  timings: z
    .object({ evalTotalTime: figure, execQueueTime: figure, execTotalTime: figure })
    .catch({ evalTotalTime: 0, execQueueTime: 0, execTotalTime: 0 }),
  samples: z
    .object({ totalQueryableSamples: figure, peakSamples: figure })
    .catch({ totalQueryableSamples: 0, peakSamples: 0 }),
  explain: z
    .object({
      id: z.string(),
      selections: z.array(selection),
      statements: z.array(statement),
      statementsLeftOut: figure,
    })
    .nullable()
    .catch(null)
    .default(null),
});

interface Phase {
  readonly name: string;
  readonly seconds: number;
}

export interface Account {
  /** What the time went into, in the order it happened; nothing counted twice. */
  readonly phases: readonly Phase[];
  readonly samplesRead: number;
  readonly peakSamples: number;
  readonly explain: z.output<typeof statsSchema>['explain'];
}

/** What a run cost, from the server's account and the browser's own clock. */
export function accountOf({ stats, fetchMs, parseMs }: AnswerFacts): Account {
  const parsed = statsSchema.safeParse(stats ?? {});
  const { timings, samples, explain } = parsed.success ? parsed.data : statsSchema.parse({});
  // Selectors may be read side by side: together they cannot take longer than the evaluation they are part of.
  const reading = Math.min(
    timings.evalTotalTime,
    (explain?.selections ?? []).reduce((sum, { seconds }) => sum + seconds, 0),
  );
  const phases: Phase[] = [
    { name: 'Waiting for a turn', seconds: timings.execQueueTime },
    { name: 'Selecting and reading samples', seconds: reading },
    { name: 'Evaluating', seconds: timings.evalTotalTime - reading },
    { name: 'Writing and sending the answer', seconds: Math.max(0, fetchMs / 1000 - timings.execTotalTime) },
    { name: 'Reading it in the browser', seconds: parseMs / 1000 },
  ];
  return {
    phases,
    samplesRead: samples.totalQueryableSamples,
    peakSamples: samples.peakSamples,
    explain,
  };
}
