import { Modal } from '@mantine/core';
import { z } from 'zod';
import type { AnswerFacts } from '../../api/query-protocol.ts';
import { formatValue } from '../../ui/format.ts';
import { Command } from '../../ui/states.tsx';
import { curlOf } from './curl.ts';
import styles from './explorer.module.css';

/** What is looked at: one run of one query. */
export interface Inspected {
  readonly letter: string;
  readonly text: string;
  readonly facts: AnswerFacts | null;
  readonly series: number;
  readonly points: number;
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
}

const statsSchema = z.object({
  timings: z
    .object({ evalTotalTime: z.number(), execQueueTime: z.number(), execTotalTime: z.number() })
    .partial()
    .default({}),
  samples: z.object({ totalQueryableSamples: z.number(), peakSamples: z.number() }).partial().default({}),
});

function timing(value: number | undefined): string {
  return value === undefined ? 'not told' : formatValue(value, 'seconds');
}

function factRows({ facts, series, points }: Inspected): readonly (readonly [string, string])[] {
  const parsed = statsSchema.safeParse(facts?.stats ?? {});
  const { timings, samples } = parsed.success ? parsed.data : { timings: {}, samples: {} };
  const count = (value: number | undefined): string =>
    value === undefined ? 'not told' : value.toLocaleString('en');
  return [
    ['Server, in total', timing(timings.execTotalTime)],
    ['of it waiting for a turn', timing(timings.execQueueTime)],
    ['of it evaluating', timing(timings.evalTotalTime)],
    ['Request to last byte', timing(facts === null ? undefined : facts.fetchMs / 1000)],
    ['Reading the answer', timing(facts === null ? undefined : facts.parseMs / 1000)],
    ['Answer', facts === null ? 'none' : formatValue(facts.size, 'bytes')],
    ['Series, points', `${series.toLocaleString('en')}, ${points.toLocaleString('en')}`],
    ['Samples read', count(samples.totalQueryableSamples)],
    ['Samples in memory at most', count(samples.peakSamples)],
  ];
}

/** Timings, sizes and the request of one run, and all that the server told about it. */
export function Inspector({
  inspected,
  close,
}: {
  readonly inspected: Inspected | null;
  readonly close: () => void;
}) {
  return (
    <Modal
      opened={inspected !== null}
      onClose={close}
      size="lg"
      title={inspected === null ? '' : `Query ${inspected.letter}`}
    >
      {inspected !== null && (
        <>
          <pre className={styles['pre']}>{inspected.text}</pre>
          <dl className={styles['facts']}>
            {factRows(inspected).map(([name, value]) => (
              <FactRow key={name} name={name} value={value} />
            ))}
          </dl>
          <h3>The same on a command line</h3>
          <Command text={curlOf(inspected.url, inspected.params)} />
          {inspected.facts?.stats != null && (
            <details>
              <summary>All that the server tells about this run</summary>
              <pre className={styles['pre']}>{JSON.stringify(inspected.facts.stats, null, 2)}</pre>
            </details>
          )}
        </>
      )}
    </Modal>
  );
}

function FactRow({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="num">{value}</dd>
    </>
  );
}
