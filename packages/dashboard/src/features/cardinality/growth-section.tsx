import { useZone } from '../../time/use-range.ts';
import { formatClock } from '../../ui/format.ts';
import { Bone, ErrorLine, Section } from '../../ui/states.tsx';
import { Bars } from './bars.tsx';
import styles from './cardinality.module.css';
import type { Report } from './contracts.ts';
import { useGrowth } from './use-cardinality.ts';

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

function Key() {
  return (
    <>
      <span className={styles['key']}>
        <i /> known
      </span>
      <span className={styles['key']}>
        <i data-fresh /> new
      </span>
    </>
  );
}

/** How the number of series grows: by day from what is stored, by ten minutes from what is in memory. */
export function GrowthSection({ report }: { readonly report: Report }) {
  const growth = useGrowth();
  const [zone] = useZone();
  const { data, error } = growth;
  return (
    <div className={styles['pair']}>
      <Section
        title="Series by day"
        note={
          <>
            UTC days
            {data !== undefined && data.sampled > 1 && `, estimated from one series in ${data.sampled}`}
            <Key />
          </>
        }
      >
        {error !== null && data === undefined ? (
          <ErrorLine what="Stored series" error={error} />
        ) : data === undefined ? (
          <Bone height={140} />
        ) : (
          <Bars
            name="Series by day"
            bars={data.days.map(({ start, series, fresh }) => ({
              label: DAY.format(start),
              total: series,
              fresh: Math.min(series, fresh),
            }))}
          />
        )}
      </Section>
      <Section title="New series" note="in steps of ten minutes">
        {/* The first step holds all that is older. */}
        <Bars
          name="Series by when they were first seen"
          bars={report.arrivals.slice(1).map(({ start, series }) => ({
            label: formatClock(start, report.at, zone),
            total: series,
            fresh: series,
          }))}
        />
      </Section>
    </div>
  );
}
