import { Link } from '@tanstack/react-router';
import { formatDuration, NO_VALUE } from '../../../ui/format.ts';
import { Bone, ErrorLine, Section } from '../../../ui/states.tsx';
import table from '../../../ui/table.module.css';
import styles from '../alerts.module.css';
import { matcherText } from '../matchers.ts';
import type { AlertFigures } from './contracts.ts';
import own from './oncall.module.css';
import { useStatistics } from './use-on-call.ts';

const SECOND_MS = 1000;
const MOST_SHOWN = 20;

function lasting(seconds: number | null): string {
  return seconds === null ? NO_VALUE : formatDuration(seconds * SECOND_MS);
}

function Row({ figures }: { readonly figures: AlertFigures }) {
  const { alert, pages, tellings, told, acknowledged, unanswered, advice } = figures;
  const [first, ...others] = advice;
  return (
    <tr>
      <td>
        <Link to="/alerts" search={{ f: [matcherText('alertname', alert)] }} className={styles['link']}>
          {alert === '' ? 'an alert without a name' : alert}
        </Link>
      </td>
      <td className={`${table['right']} num`}>{pages.toLocaleString('en')}</td>
      <td className={`${table['right']} num`}>{tellings.toLocaleString('en')}</td>
      <td className={`${table['right']} num`}>
        {acknowledged} of {told}
      </td>
      <td className={`${table['right']} num`} data-bad={unanswered > 0 && acknowledged === 0}>
        {unanswered.toLocaleString('en')}
      </td>
      <td className={`${table['right']} num`}>{lasting(figures.seconds_to_acknowledge)}</td>
      <td className={`${table['right']} num`}>{lasting(figures.seconds_to_end)}</td>
      <td className={own['advice']}>
        {first === undefined ? (
          <span className={styles['quiet']}>{told < 3 ? 'too few pages to say' : 'as it should be'}</span>
        ) : (
          <>
            {first.text}
            {others.map(({ what, text }) => (
              <span key={what} className={styles['quiet']}>
                {text}
              </span>
            ))}
          </>
        )}
      </td>
    </tr>
  );
}

/** The noisiest alerts, those that nobody acts on, how long answers take, and what to change about each. */
export function Statistics() {
  const { data, error } = useStatistics();
  if (error !== null && data === undefined) return <ErrorLine what="The statistics" error={error} />;
  if (data === undefined) return <Bone height={120} />;
  const { total, alerts } = data;
  return (
    <Section
      title="Last 30 days"
      note={
        total.pages === 0
          ? 'nobody was paged'
          : `${total.pages.toLocaleString('en')} pages, people told ${total.tellings.toLocaleString('en')} times; acknowledged after ${lasting(total.seconds_to_acknowledge)}, over after ${lasting(total.seconds_to_end)} in the median`
      }
    >
      {alerts.length > 0 && (
        <div className={table['scroll']} tabIndex={0} role="region" aria-label="Pages by alert">
          <table className={`${table['table']} ${own['statistics']}`}>
            <thead>
              <tr>
                <th scope="col">Alert</th>
                <th scope="col" className={table['right']}>
                  Pages
                </th>
                <th scope="col" className={table['right']}>
                  Told
                </th>
                <th scope="col" className={table['right']}>
                  Acknowledged
                </th>
                <th scope="col" className={table['right']}>
                  Nobody acted
                </th>
                <th scope="col" className={table['right']}>
                  To acknowledge
                </th>
                <th scope="col" className={table['right']}>
                  To its end
                </th>
                <th scope="col">What to change</th>
              </tr>
            </thead>
            <tbody>
              {alerts.slice(0, MOST_SHOWN).map((figures) => (
                <Row key={figures.alert} figures={figures} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {alerts.length > MOST_SHOWN && (
        <p className={styles['quiet']}>
          The noisiest {MOST_SHOWN} of {alerts.length.toLocaleString('en')} alerts.
        </p>
      )}
    </Section>
  );
}
