import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { Link, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { copyText } from '../../ui/copy.ts';
import { ErrorsOf } from '../../ui/errors-of.tsx';
import { formatInstant, type Zone } from '../../ui/format.ts';
import { IconCopy, IconList, IconMinus, IconPlus, IconShare } from '../../ui/icons.ts';
import { LineContext, type Order } from './line-context.tsx';
import { LineLinks } from './line-links.tsx';
import { type LogLine, placeNameOf, relatedOf, traceIdOf } from './lines.ts';
import styles from './logs.module.css';
import type { Term } from './query.ts';
import type { LogQuery } from './use-log-query.ts';

/** A link to a line shows the minute on each side of it. */
const AROUND_MS = 60_000;

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

/** Copies a link that opens the page at this line, whatever comes later. */
function useShareLine(line: LogLine, log: LogQuery): () => void {
  const router = useRouter();
  return () => {
    const search = {
      q: log.all ? undefined : log.query,
      wrap: log.wrap ? (true as const) : undefined,
      line: placeNameOf(line),
      range: undefined,
      from: line.at - AROUND_MS,
      to: line.at + AROUND_MS,
    };
    const { href } = router.buildLocation({ to: '/logs', search });
    copyText(new URL(router.history.createHref(href), window.location.href).href, 'The link to the line');
  };
}

export interface DetailProps {
  readonly line: LogLine;
  readonly zone: Zone;
  readonly log: LogQuery;
  readonly order: Order;
  /** Its context is shown from the start. */
  readonly withContext?: boolean;
}

/** Levels of lines that may tell of an error. */
const TROUBLED: ReadonlySet<string> = new Set(['error', 'fatal', 'critical']);

/** Everything that is known of a line, and what leads on from it. */
export function LineDetail({ line, zone, log, order, withContext = false }: DetailProps) {
  const [context, setContext] = useState(withContext);
  const share = useShareLine(line, log);
  const related = relatedOf(line);
  const trace = traceIdOf(line);
  const request = related.find(({ name }) => name === 'request_id')?.value;
  return (
    <div className={styles['detail']}>
      <div className={styles['detailHead']}>
        <time dateTime={new Date(line.at).toISOString()}>{formatInstant(line.at, zone)}</time>
        {trace !== undefined && <LineLinks line={line} traceId={trace} />}
        {request !== undefined && (
          <Link to="/requests/$requestId" params={{ requestId: request }} className={styles['linkish']}>
            Its request
          </Link>
        )}
        {related.map(({ name, words, value }) => (
          <Button
            key={name}
            size="compact-xs"
            variant="default"
            title={`${name} ${value}`}
            onClick={() => log.add({ name, op: '=', value })}
          >
            All lines of this {words}
          </Button>
        ))}
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconList size={12} />}
          className={styles['chip'] ?? ''}
          data-chosen={context}
          aria-pressed={context}
          onClick={() => setContext(!context)}
        >
          Lines around it
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconCopy size={12} />}
          onClick={() => copyText(line.text, 'The line')}
        >
          Copy
        </Button>
        <Button size="compact-xs" variant="default" leftSection={<IconShare size={12} />} onClick={share}>
          Share line
        </Button>
      </div>
      {TROUBLED.has(line.level) && (trace ?? request) !== undefined && (
        <ErrorsOf by={trace === undefined ? 'request_id' : 'trace_id'} id={trace ?? request ?? ''} />
      )}
      <pre className={styles['whole']}>{line.text}</pre>
      {context && <LineContext line={line} zone={zone} order={order} />}
      <div className={styles['sources']}>
        <Fields title="Labels of the stream" fields={line.stream} add={log.add} />
        <Fields title="Of this line" fields={line.metadata} add={log.add} />
        <Fields title="Parsed by the query" fields={line.parsed} add={log.add} />
      </div>
    </div>
  );
}
