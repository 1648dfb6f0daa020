import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { copyText } from '../../ui/copy.ts';
import { formatDate, formatInstant, type Zone } from '../../ui/format.ts';
import { IconChevronDown, IconChevronRight, IconCopy, IconMinus, IconPlus } from '../../ui/icons.ts';
import { Level } from './level.tsx';
import { type LogLine, relatedOf } from './lines.ts';
import styles from './logs.module.css';
import { NO_FILTERS, queryOf, type Term } from './query.ts';

/** A row shows the beginning of what may be a very long line; opened it shows all. */
const SHOWN = 2000;

/** `14:03:22.481`, with the day where the range has several. */
function clockOf(at: number, zone: Zone, withDay: boolean): string {
  const clock = `${formatDate(at, 'seconds', zone)}.${String(at % 1000).padStart(3, '0')}`;
  return withDay ? `${formatDate(at, 'day', zone)} ${clock}` : clock;
}

const AROUND_MS = 30_000;

/** All that the line's service wrote around it. */
function around({ at, service }: LogLine) {
  return {
    q: queryOf({ ...NO_FILTERS, services: [service] }),
    range: undefined,
    from: at - AROUND_MS,
    to: at + AROUND_MS,
  };
}

interface FieldsProps {
  readonly title: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly add: (term: Term) => void;
}

function Fields({ title, fields, add }: FieldsProps) {
  const entries = Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return null;
  return (
    <section className={styles['fields']} aria-label={title}>
      <h3>{title}</h3>
      <dl>
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <span>{value}</span>
              {/^[A-Za-z_]\w*$/.test(name) && (
                <span className={styles['fieldActions']}>
                  {(['=', '!='] as const).map((op) => {
                    const words = `Filter ${op === '=' ? 'for' : 'out'} ${name} ${value}`;
                    return (
                      <Tooltip key={op} label={op === '=' ? 'Filter for' : 'Filter out'} openDelay={300}>
                        <ActionIcon
                          size="xs"
                          variant="subtle"
                          color="gray"
                          aria-label={words}
                          onClick={() => add({ name, op, value })}
                        >
                          {op === '=' ? <IconPlus size={12} /> : <IconMinus size={12} />}
                        </ActionIcon>
                      </Tooltip>
                    );
                  })}
                </span>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

interface DetailProps {
  readonly line: LogLine;
  readonly zone: Zone;
  readonly add: (term: Term) => void;
}

function Detail({ line, zone, add }: DetailProps) {
  return (
    <div className={styles['detail']}>
      <div className={styles['detailHead']}>
        <time dateTime={new Date(line.at).toISOString()}>{formatInstant(line.at, zone)}</time>
        {relatedOf(line).map(({ name, words, value }) => (
          <Button
            key={name}
            size="compact-xs"
            variant="default"
            title={`${name} ${value}`}
            onClick={() => add({ name, op: '=', value })}
          >
            All lines of this {words}
          </Button>
        ))}
        <Link
          to="/logs"
          search={(previous) => ({ ...previous, ...around(line) })}
          className={styles['linkish']}
          title="What this service wrote in the minute around the line"
        >
          Lines around it
        </Link>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconCopy size={12} />}
          onClick={() => copyText(line.text, 'The line')}
        >
          Copy
        </Button>
      </div>
      <pre className={styles['whole']}>{line.text}</pre>
      <div className={styles['sources']}>
        <Fields title="Labels of the stream" fields={line.stream} add={add} />
        <Fields title="Of this line" fields={line.metadata} add={add} />
        <Fields title="Parsed by the query" fields={line.parsed} add={add} />
      </div>
    </div>
  );
}

export interface LineProps extends DetailProps {
  readonly open: boolean;
  readonly wrap: boolean;
  readonly withDay: boolean;
  readonly toggle: () => void;
}

/** One line: when, how bad, who, what; opened everything that is known of it. */
export function Line({ line, open, wrap, withDay, zone, toggle, add }: LineProps) {
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <>
      <div className={styles['row']} data-wrap={wrap} data-level={line.level} data-day={withDay}>
        <span className={`${styles['time']} num`}>{clockOf(line.at, zone, withDay)}</span>
        <Level level={line.level} />
        <Link
          to="/services/$name"
          params={{ name: line.service }}
          search={true}
          className={styles['service']}
          tabIndex={-1}
        >
          {line.service}
        </Link>
        <button type="button" className={styles['message']} aria-expanded={open} onClick={toggle}>
          <Chevron size={12} aria-hidden />
          <span>{line.text.slice(0, SHOWN) || '(empty line)'}</span>
        </button>
      </div>
      {open && <Detail line={line} zone={zone} add={add} />}
    </>
  );
}
