import { Modal } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { RelativeTime } from '../../ui/figures.tsx';
import { formatValue } from '../../ui/format.ts';
import { StatusBadge } from '../../ui/status.tsx';
import { errorInWords } from './error-words.ts';
import { STATUS, type TargetRow } from './rows.ts';
import styles from './targets.module.css';
import type { Samples } from './use-samples.ts';

function LabelList({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  const entries = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return <p className={styles['quiet']}>none</p>;
  return (
    <dl className={styles['labels']}>
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const told = (value: number | null | undefined): string => (value == null ? '–' : value.toLocaleString('en'));

function Scraped({ row, samples }: { readonly row: TargetRow; readonly samples: Samples | undefined }) {
  const { target } = row;
  if (target === null)
    return (
      <p>
        Relabelling left this one out: none of it is scraped. Its discovered labels below are what the rules
        of the job {row.pool} saw.
      </p>
    );
  const meaning = errorInWords(target.lastError);
  return (
    <>
      <p className={styles['line']}>
        <StatusBadge status={STATUS[target.health]} />
        <span>
          last scrape {target.lastScrape === null ? 'never' : <RelativeTime at={target.lastScrape} />}, took{' '}
          {formatValue(target.lastScrapeDuration, 'seconds')}; every {target.scrapeInterval}, at most{' '}
          {target.scrapeTimeout}
        </span>
      </p>
      {target.lastError !== '' && (
        <div className={styles['problem']} role="alert">
          {meaning !== '' && <strong>{meaning}</strong>}
          <code>{target.lastError}</code>
        </div>
      )}
      {target.limits.map(({ limit, samples: left, message }) => (
        <div key={limit} className={styles['problem']} data-limit>
          <strong>
            {limit} left {left.toLocaleString('en')} samples of the last scrape out
          </strong>
          <code>{message}</code>
        </div>
      ))}
      <p className={styles['line']}>
        <span>{told(target.series)} series</span>
        <span>{told(samples?.scraped)} samples scraped</span>
        <span>{told(samples?.kept)} kept after relabelling</span>
        <span>{told(samples?.added)} new series</span>
      </p>
      <p className={styles['line']}>
        <Link
          to="/explore"
          search={(previous) => ({
            ...previous,
            q: [
              `topk(50, count by (__name__) ({job=${JSON.stringify(row.job)}, instance=${JSON.stringify(row.instance)}}))`,
            ],
            view: 'table',
            state: undefined,
            pool: undefined,
          })}
        >
          Its metrics
        </Link>
        <Link to="/services/$name" params={{ name: row.job }} search={true}>
          Its service
        </Link>
        <a href={target.scrapeUrl} target="_blank" rel="noreferrer">
          {target.scrapeUrl}
        </a>
      </p>
      <h3>Labels</h3>
      <LabelList labels={target.labels} />
    </>
  );
}

export interface TargetDetailProps {
  readonly row: TargetRow | null;
  readonly samples: Samples | undefined;
  readonly close: () => void;
}

/** All that is known of one target. */
export function TargetDetail({ row, samples, close }: TargetDetailProps) {
  return (
    <Modal
      opened={row !== null}
      onClose={close}
      size="lg"
      title={row === null ? '' : `${row.job} · ${row.instance}`}
    >
      {row !== null && (
        <>
          <Scraped row={row} samples={samples} />
          <h3>Discovered labels, before relabelling</h3>
          <LabelList labels={row.discovered} />
        </>
      )}
    </Modal>
  );
}
