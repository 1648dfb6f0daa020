import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { apiUrl } from '../../api/base.ts';
import { askFrame } from '../../api/query-client.ts';
import type { AnswerFacts } from '../../api/query-protocol.ts';
import { formatClock, formatValue } from '../format.ts';
import { Bone, Command, ErrorLine } from '../states.tsx';
import { type Account, accountOf } from './account.ts';
import { curlOf } from './curl.ts';
import styles from './inspector.module.css';

/** One query as a page asks it. Times are epoch seconds; a step of 0 asks for the instant `end`. */
export interface Inspected {
  /** `Query A`, or of which panel. */
  readonly title: string;
  readonly query: string;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** The request on a command line. */
export function commandOf({ query, start, end, step }: Inspected): string {
  const range = { start: String(start), end: String(end), step: String(step) };
  const path = step === 0 ? 'api/v1/query' : 'api/v1/query_range';
  return curlOf(new URL(apiUrl(path), window.location.href).href, {
    query,
    ...(step === 0 ? { time: String(end) } : range),
  });
}

const seconds = (value: number): string => formatValue(value, 'seconds');
const count = (value: number): string => value.toLocaleString('en');

function Phases({ phases }: Pick<Account, 'phases'>) {
  const total = phases.reduce((sum, phase) => sum + phase.seconds, 0) || 1;
  let before = 0;
  return (
    <table className={styles['phases']}>
      <caption className="sr-only">What the time went into</caption>
      <tbody>
        {phases.map((phase) => {
          const left = before;
          before += phase.seconds;
          return (
            <tr key={phase.name}>
              <th scope="row">{phase.name}</th>
              <td className="num">{seconds(phase.seconds)}</td>
              <td aria-hidden>
                <i
                  style={{
                    marginLeft: `${(100 * left) / total}%`,
                    width: `${(100 * phase.seconds) / total}%`,
                  }}
                />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Part({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <section className={styles['part']} aria-label={title}>
      <h3>
        {title} {note !== undefined && <small>{note}</small>}
      </h3>
      {children}
    </section>
  );
}

const SOURCES: Readonly<Record<string, string>> = {
  head: 'memory (head)',
  'head and engine': 'memory and the engine',
  buckets: 'downsampled buckets',
};

function Selections({ explain }: { readonly explain: NonNullable<Account['explain']> }) {
  return (
    <Part title="What was read" note={`the query's id is ${explain.id}`}>
      <div className={styles['scroll']}>
        <table className={styles['table']}>
          <thead>
            <tr>
              <th>Selector</th>
              <th>Over</th>
              <th>From</th>
              <th>Series</th>
              <th>Samples</th>
              <th>Took</th>
            </tr>
          </thead>
          <tbody>
            {explain.selections.map((one, index) => (
              <tr key={index}>
                <td>
                  <code>{one.selector}</code>
                </td>
                <td>
                  {formatClock(one.start * 1000, one.end * 1000, 'local', true)} to{' '}
                  {formatClock(one.end * 1000, one.end * 1000, 'local', true)}
                </td>
                <td title={one.note}>{SOURCES[one.from] ?? one.from}</td>
                <td className="num">{count(one.series)}</td>
                <td className="num">{count(one.samples)}</td>
                <td className="num">{seconds(one.seconds)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Part>
  );
}

function Statements({ explain }: { readonly explain: NonNullable<Account['explain']> }) {
  const { statements, statementsLeftOut } = explain;
  if (statements.length === 0)
    return (
      <Part title="SQL">
        <p>None ran: the head holds all that was asked for in memory.</p>
      </Part>
    );
  return (
    <Part
      title="SQL"
      note={`${count(statements.length)} ${statements.length === 1 ? 'statement' : 'statements'}${statementsLeftOut > 0 ? `, and ${count(statementsLeftOut)} more` : ''}`}
    >
      {statements.map((one, index) => (
        <details key={index} className={styles['statement']}>
          <summary>
            {one.purpose}
            <span className="num">
              {seconds(one.seconds)}, {one.result === 'ok' ? formatValue(one.bytes, 'bytes') : one.result}
            </span>
          </summary>
          <pre className={styles['pre']} tabIndex={0}>
            {one.sql}
          </pre>
        </details>
      ))}
    </Part>
  );
}

function Report({ inspected, facts, series }: { inspected: Inspected; facts: AnswerFacts; series: number }) {
  const account = accountOf(facts);
  const { explain } = account;
  const figures: readonly (readonly [string, string])[] = [
    ['Series', count(series)],
    ['Samples read', count(account.samplesRead)],
    ['In memory at most', `${count(account.peakSamples)} samples`],
    ['Answer', formatValue(facts.size, 'bytes')],
  ];
  return (
    <>
      <dl className={styles['figures']}>
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
      <Part title="Where the time went">
        <Phases phases={account.phases} />
      </Part>
      {explain !== null && <Selections explain={explain} />}
      {explain !== null && <Statements explain={explain} />}
      <Part title="The same on a command line">
        <Command text={commandOf(inspected)} />
      </Part>
      {facts.stats != null && (
        <details className={styles['statement']}>
          <summary>All that the server tells about this run</summary>
          <pre className={styles['pre']} tabIndex={0}>
            {JSON.stringify(facts.stats, null, 2)}
          </pre>
        </details>
      )}
    </>
  );
}

/** Runs a query once more and tells what it cost: where the time went, what was read from where, the SQL, the request. */
export function QueryInspector({
  inspected,
  close,
}: {
  readonly inspected: Inspected | null;
  readonly close: () => void;
}) {
  const { data, error, isPending } = useQuery({
    queryKey: ['inspect', inspected],
    enabled: inspected !== null,
    queryFn: ({ signal }) =>
      askFrame(
        {
          query: inspected?.query ?? '',
          start: inspected?.start ?? 0,
          end: inspected?.end ?? 0,
          step: inspected?.step ?? 0,
          stats: true,
          explain: true,
          ref: 'A',
          legend: '',
          limit: 1,
          search: '',
          histograms: 'quantiles',
        },
        signal,
      ),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  return (
    <Modal
      opened={inspected !== null}
      onClose={close}
      size="xl"
      title={inspected?.title ?? ''}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {inspected !== null && (
        <>
          <pre className={styles['pre']}>{inspected.query}</pre>
          {isPending && <Bone height={240} />}
          {error !== null && <ErrorLine what="The run" error={error} />}
          {data !== undefined && (
            <Report inspected={inspected} facts={data.facts} series={data.frame.total} />
          )}
        </>
      )}
    </Modal>
  );
}
