import { Drawer } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { RelativeTime } from '../../ui/figures.tsx';
import { significant } from '../../ui/format.ts';
import { Bone, ErrorLine, Section } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import type { EventDetail, Issue } from './contracts.ts';
import styles from './events.module.css';
import type { EventsFilter } from './search.ts';
import { useEvent } from './use-events.ts';
import { DECISION_MEANS, DecisionWord, VerdictMark } from './verdict-mark.tsx';

type FilterBy = (filter: EventsFilter & { event?: string | undefined }) => void;

function shown(value: Issue['value']): string {
  return value === null ? 'null' : typeof value === 'number' ? String(value) : JSON.stringify(value);
}

/** What each rule found: its value, its limit, and why. */
function Findings({ event, filterBy }: { readonly event: EventDetail; readonly filterBy: FilterBy }) {
  if (event.issues.length === 0) return <p className={styles['quiet']}>No rule found anything wrong.</p>;
  return (
    <ul className={styles['findings']}>
      {event.issues.map((issue, index) => (
        // One rule may speak of a field twice.
        <li key={`${issue.rule} ${issue.field} ${index}`} data-weight={issue.weight}>
          <p>{issue.message}</p>
          <dl className={styles['facts']}>
            <dt>Rule</dt>
            <dd>
              <button
                type="button"
                className={styles['linkish']}
                title="Only events in which it found something"
                onClick={() => filterBy({ rule: issue.rule, event: undefined })}
              >
                {issue.rule}
              </button>
              ,{' '}
              {issue.weight === 'caution'
                ? 'a caution'
                : issue.weight === 'critical'
                  ? 'critical by itself'
                  : 'a violation'}
            </dd>
            <dt>{issue.field}</dt>
            <dd>
              <code>{shown(issue.value)}</code>
            </dd>
            <dt>Limit</dt>
            <dd>
              <code>{typeof issue.limit === 'string' ? issue.limit : shown(issue.limit)}</code>
            </dd>
            <dt>Asks to</dt>
            <dd>
              <DecisionWord decision={issue.decision} />: {DECISION_MEANS[issue.decision]}
            </dd>
          </dl>
        </li>
      ))}
    </ul>
  );
}

/** How findings became a score, a status and a decision: the table of docs/events.md with its row marked. */
function Severity({ event }: { readonly event: EventDetail }) {
  const { row, rows, warning, critical } = event.severity;
  return (
    <>
      <table className={`${table['table']} ${styles['scores']}`}>
        <thead>
          <tr>
            <th scope="col">What was found</th>
            <th scope="col">Score</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr
              key={one.when}
              data-chosen={one.when === row}
              aria-current={one.when === row ? 'true' : undefined}
            >
              <td>
                {one.when === row && <span aria-hidden>▸ </span>}
                {one.when}
              </td>
              <td>{one.when === row ? <b className="num">{event.severity_score}</b> : one.scored}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles['quiet']}>
        A warning from {warning} on, critical from {critical} on. The decision is the severest that the
        findings ask for.
      </p>
    </>
  );
}

/** What the source sent before: what its figures were compared with. */
function History({ event }: { readonly event: EventDetail }) {
  if (event.baseline.length === 0)
    return <p className={styles['quiet']}>None of its figures had a history.</p>;
  return (
    <div className={table['scroll']} tabIndex={0} role="region" aria-label="History of its figures">
      <table className={table['table']}>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            <th scope="col" className={table['right']}>
              This event
            </th>
            <th scope="col" className={table['right']}>
              Mean before
            </th>
            <th scope="col" className={table['right']}>
              Deviation
            </th>
            <th scope="col" className={table['right']}>
              Values before
            </th>
          </tr>
        </thead>
        <tbody>
          {event.baseline.map((one) => (
            <tr key={one.field}>
              <td>{one.field}</td>
              <td className={`num ${table['right']}`}>{one.value}</td>
              <td className={`num ${table['right']}`}>{significant(one.mean)}</td>
              <td className={`num ${table['right']}`}>{significant(one.deviation)}</td>
              <td className={`num ${table['right']}`}>{one.count.toLocaleString('en')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function textIn(event: EventDetail, name: string): string {
  const value = event.metadata[name] ?? event.input[name];
  return typeof value === 'string' ? value : '';
}

/** From an event to its source, its trace, its logs, its request. */
function Joins({ event, filterBy }: { readonly event: EventDetail; readonly filterBy: FilterBy }) {
  const trace = textIn(event, 'trace_id');
  const request = textIn(event, 'request_id');
  return (
    <p className={styles['joins']}>
      <Link to="/services/$name" params={{ name: event.source }} search={true}>
        {event.source}
      </Link>
      {/^[0-9a-f]{16,32}$/i.test(trace) && (
        <>
          <Link to="/traces/$traceId" params={{ traceId: trace }} search={{}}>
            Its trace
          </Link>
          <Link to="/logs" search={{ q: `{service_name=~".+"} | trace_id=${JSON.stringify(trace)}` }}>
            Its logs
          </Link>
        </>
      )}
      {request !== '' && (
        <Link to="/requests/$requestId" params={{ requestId: request }} search={true}>
          Its request
        </Link>
      )}
      <button
        type="button"
        className={styles['linkish']}
        onClick={() => filterBy({ source: event.source, type: event.event_type, event: undefined })}
      >
        Events like it
      </button>
    </p>
  );
}

function Members({
  title,
  members,
}: {
  readonly title: string;
  readonly members: Readonly<Record<string, unknown>>;
}) {
  if (Object.keys(members).length === 0) return null;
  return (
    <Section title={title}>
      <pre className={styles['json']} tabIndex={0}>
        {JSON.stringify(members, null, 2)}
      </pre>
    </Section>
  );
}

function Detail({ event, filterBy }: { readonly event: EventDetail; readonly filterBy: FilterBy }) {
  return (
    <>
      <p className={styles['verdict']}>
        <VerdictMark status={event.status} /> <span className="num">score {event.severity_score}</span>
        <span>
          <DecisionWord decision={event.decision} />: {DECISION_MEANS[event.decision]}
        </span>
      </p>
      <p className={styles['quiet']}>
        {event.event_type} of {event.source}, <RelativeTime at={event.timestamp} />, <code>{event.id}</code>
      </p>
      <Joins event={event} filterBy={filterBy} />
      <Section title="What was found">
        <Findings event={event} filterBy={filterBy} />
      </Section>
      <Section title="Why this score">
        <Severity event={event} />
      </Section>
      {event.suggestions.length > 0 && (
        <Section title="What to do">
          <ul className={styles['suggestions']}>
            {event.suggestions.map((suggestion) => (
              <li key={suggestion}>{suggestion}</li>
            ))}
          </ul>
        </Section>
      )}
      <Section title="What it was compared with" note="its source's own history as of the event">
        <History event={event} />
      </Section>
      <Members title="Data" members={event.input} />
      <Members title="Metadata" members={event.metadata} />
    </>
  );
}

/** One event, with why its verdict is what it is. */
export function EventDrawer({
  id,
  close,
  filterBy,
}: {
  readonly id: string;
  readonly close: () => void;
  readonly filterBy: FilterBy;
}) {
  const { data, error } = useEvent(id);
  return (
    <Drawer
      opened={id !== ''}
      onClose={close}
      position="right"
      size="lg"
      title="Event"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {error !== null && <ErrorLine what="The event" error={error} />}
      {data === undefined && error === null && <Bone height={320} />}
      {data !== undefined && id !== '' && <Detail event={data} filterBy={filterBy} />}
    </Drawer>
  );
}
