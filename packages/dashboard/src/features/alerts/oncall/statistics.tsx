import { Link } from '@tanstack/react-router';
import { formatDuration, NO_VALUE } from '../../../ui/format.ts';
import { Bone, ErrorLine, Section } from '../../../ui/states.tsx';
import table from '../../../ui/table.module.css';
import styles from '../alerts.module.css';
import { type NamedRule, useRulesByAlert } from '../editor/named-rules.ts';
import { suggestionOf } from '../editor/suggestion.ts';
import { matcherText } from '../matchers.ts';
import type { AlertFigures } from './contracts.ts';
import own from './oncall.module.css';
import { useStatistics } from './use-on-call.ts';

const SECOND_MS = 1000;
const MOST_SHOWN = 20;
const NONE: readonly NamedRule[] = [];

function lasting(seconds: number | null): string {
  return seconds === null ? NO_VALUE : formatDuration(seconds * SECOND_MS);
}

const MOST_RULES = 3;

/** Leads to the rules of an alert with the suggestion filled in; nothing where their text cannot answer it. */
function Tries({
  advice,
  rules,
}: {
  readonly advice: AlertFigures['advice'][number];
  readonly rules: readonly NamedRule[];
}) {
  const suggestion = suggestionOf(advice);
  if (suggestion === null) return null;
  const search = { suggest: suggestion.what, seconds: suggestion.seconds };
  return rules.slice(0, MOST_RULES).map(({ id, word, own: isOwn }) => {
    const text = rules.length === 1 ? 'Try it' : `Try it: ${word}`;
    return isOwn ? (
      <Link key={id} to="/alerts/rules/$id/edit" params={{ id }} search={search} className={styles['link']}>
        {text}
      </Link>
    ) : (
      <Link key={id} to="/alerts/rules/new" search={{ like: id, ...search }} className={styles['link']}>
        {text}
      </Link>
    );
  });
}

interface RowProps {
  readonly figures: AlertFigures;
  /** That its alerts come from. */
  readonly rules: readonly NamedRule[];
}

function Row({ figures, rules }: RowProps) {
  const { alert, pages, tellings, told, acknowledged, unanswered, advice } = figures;
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
      <td>
        <div className={own['advice']}>
          {advice.length === 0 && (
            <span className={styles['quiet']}>{told < 3 ? 'too few pages to say' : 'as it should be'}</span>
          )}
          {advice.map((one, place) => (
            <span key={one.what} className={place === 0 ? undefined : styles['quiet']}>
              {one.text} <Tries advice={one} rules={rules} />
            </span>
          ))}
        </div>
      </td>
    </tr>
  );
}

/** The noisiest alerts, those that nobody acts on, how long answers take, and what to change about each. */
export function Statistics() {
  const { data, error } = useStatistics();
  const rulesBy = useRulesByAlert();
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
                <Row key={figures.alert} figures={figures} rules={rulesBy.get(figures.alert) ?? NONE} />
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
