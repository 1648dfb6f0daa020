import { Button } from '@mantine/core';
import { useState } from 'react';
import { RelativeTime } from '../../ui/figures.tsx';
import { IconList } from '../../ui/icons.ts';
import styles from './explorer.module.css';
import { readHistory } from './history.ts';

/** Questions that nearly every installation can answer. */
const EXAMPLES: readonly { readonly asks: string; readonly query: string }[] = [
  { asks: 'Which targets answer?', query: 'up' },
  { asks: 'Requests a second, by job', query: 'sum by (job) (rate(http_requests_total[1m]))' },
  {
    asks: 'p95 latency, by job',
    query: 'histogram_quantile(0.95, sum by (job, le) (rate(http_request_duration_seconds_bucket[5m])))',
  },
  { asks: 'Which metrics have most series?', query: 'topk(10, count by (__name__) ({__name__!=""}))' },
  { asks: 'How much is scraped, by job', query: 'sum by (job) (scrape_samples_scraped)' },
];
const RECENT = 5;

interface StartProps {
  readonly run: (queries: readonly string[]) => void;
  readonly browse: () => void;
}

/** What stands on the page before anything is asked: examples to run, and what this browser asked last. */
export function Start({ run, browse }: StartProps) {
  const [recent] = useState(() => readHistory(localStorage).slice(0, RECENT));
  return (
    <div className={styles['start']}>
      <section aria-label="Begin with">
        <h2>Begin with</h2>
        <p className={styles['quiet']}>
          Write PromQL above and press Enter, browse the metrics, or run one of these.
        </p>
        <ul className={styles['list']}>
          {EXAMPLES.map(({ asks, query }) => (
            <li key={query}>
              <button type="button" onClick={() => run([query])}>
                <span>{asks}</span>
                <span className={`${styles['mono']} ${styles['quiet']}`}>{query}</span>
              </button>
            </li>
          ))}
        </ul>
        <Button mt="sm" size="xs" variant="default" leftSection={<IconList size={14} />} onClick={browse}>
          Browse the metrics
        </Button>
      </section>
      {recent.length > 0 && (
        <section aria-label="Asked lately">
          <h2>Asked lately</h2>
          <p className={styles['quiet']}>Kept in this browser only.</p>
          <ul className={styles['list']}>
            {recent.map(({ q, at }) => (
              <li key={`${at}`}>
                <button type="button" onClick={() => run(q)}>
                  <span className={styles['mono']}>{q.join(' · ')}</span>
                  <span className={styles['quiet']}>
                    <RelativeTime at={at} />
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
