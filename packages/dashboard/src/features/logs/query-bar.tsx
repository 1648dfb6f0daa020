import { ActionIcon, Button, MultiSelect, TextInput, Tooltip } from '@mantine/core';
import { type RefObject, useEffect, useState } from 'react';
import { ApiError } from '../../api/client.ts';
import { leaveOnEscape } from '../../keys/leave-on-escape.ts';
import { useTimeRange } from '../../time/use-range.ts';
import { CodeArea } from '../../ui/forms/code-area.tsx';
import { IconSearch, IconX } from '../../ui/icons.ts';
import styles from './logs.module.css';
import { type Filters, placeOf } from './query.ts';
import type { LogQuery } from './use-log-query.ts';
import { useLogServices } from './use-logs.ts';

/** A field's text while it is written; what the URL says whenever that changes. */
function useDraft(shared: string) {
  const [draft, setDraft] = useState(shared);
  useEffect(() => setDraft(shared), [shared]);
  return [draft, setDraft] as const;
}

function SearchField({
  log,
  input,
}: {
  readonly log: LogQuery;
  readonly input: RefObject<HTMLInputElement | null>;
}) {
  const shared = log.filters?.text ?? '';
  const [draft, setDraft] = useDraft(shared);
  const commit = (): void => {
    if (draft !== shared) log.filter({ text: draft });
  };
  return (
    <TextInput
      ref={input}
      size="xs"
      className={styles['search'] ?? ''}
      aria-label="Lines that contain"
      placeholder="Lines that contain… ( / )"
      leftSection={<IconSearch size={14} />}
      value={draft}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        leaveOnEscape(event);
        if (event.key === 'Enter') commit();
      }}
    />
  );
}

function ServiceField({ log }: { readonly log: LogQuery }) {
  const [range] = useTimeRange();
  const { data = [] } = useLogServices(range);
  const chosen = [...(log.filters?.services ?? [])];
  return (
    <MultiSelect
      size="xs"
      className={styles['services'] ?? ''}
      aria-label="Services"
      placeholder={chosen.length === 0 ? 'All services' : ''}
      data={[...new Set([...data, ...chosen])]}
      value={chosen}
      onChange={(services) => log.filter({ services })}
      searchable
      clearable
      limit={200}
      nothingFoundMessage="No such service in this time range"
    />
  );
}

/** A part of the filters that was added by a click, to be taken away again. */
function Chip({ words, remove }: { readonly words: string; readonly remove: () => void }) {
  return (
    <span className={styles['term']}>
      <span className={styles['cut']} title={words}>
        {words}
      </span>
      <ActionIcon size="xs" variant="subtle" color="gray" aria-label={`Remove ${words}`} onClick={remove}>
        <IconX size={12} />
      </ActionIcon>
    </span>
  );
}

function Chips({ log, filters }: { readonly log: LogQuery; readonly filters: Filters }) {
  const { patterns, parser, terms } = filters;
  return (
    <>
      {patterns.map((one) => (
        <Chip
          key={`${one.op}${one.pattern}`}
          words={`${one.op === '|>' ? 'like' : 'not like'} ${one.pattern}`}
          remove={() => log.filter({ patterns: patterns.filter((other) => other !== one) })}
        />
      ))}
      {parser !== '' && <Chip words={`fields of ${parser}`} remove={() => log.filter({ parser: '' })} />}
      {terms.map((term) => (
        <Chip
          key={`${term.name}${term.op}${term.value}`}
          words={`${term.name} ${term.op === '=' ? '=' : '≠'} ${term.value}`}
          remove={() => log.filter({ terms: terms.filter((other) => other !== term) })}
        />
      ))}
    </>
  );
}

/** LogQL's own error: where it stopped understanding, shown in the text. */
function QueryProblem({ error, query }: { readonly error: Error; readonly query: string }) {
  const place = placeOf(error.message, query);
  if (place === null)
    return (
      <div className={styles['problem']} role="alert">
        <strong>The query was refused</strong>
        <span>{error.message}</span>
      </div>
    );
  return (
    <div className={styles['problem']} role="alert">
      <strong>{place.words}</strong>
      <span>{place.reason}</span>
      <code>
        {query.slice(0, place.at)}
        <mark>{query.slice(place.at, place.at + 1).trim() || '␣'}</mark>
        {query.slice(place.at + 1)}
      </code>
    </div>
  );
}

export function isRefused(error: Error | null): error is ApiError {
  return error instanceof ApiError && error.kind === 'refused' && error.status === 400;
}

const LINES = { least: 1, most: 6 };

function QueryField({ log, error }: { readonly log: LogQuery; readonly error: Error | null }) {
  const [draft, setDraft] = useDraft(log.query);
  return (
    <div className={styles['logql']}>
      <CodeArea
        label="LogQL"
        lines={LINES}
        value={draft}
        refused={isRefused(error)}
        onChange={setDraft}
        onSubmit={() => log.ask(draft)}
      />
      <Tooltip label="Enter runs it, Shift Enter begins a line" openDelay={400}>
        <Button size="xs" variant="default" onClick={() => log.ask(draft)}>
          Run
        </Button>
      </Tooltip>
    </div>
  );
}

interface QueryBarProps {
  readonly log: LogQuery;
  readonly error: Error | null;
  readonly input: RefObject<HTMLInputElement | null>;
}

/** The question in two forms: filters for most of them, LogQL for all. Both are the same query. */
export function QueryBar({ log, error, input }: QueryBarProps) {
  const { filters } = log;
  return (
    <div className={styles['bar']}>
      {filters === null ? (
        <p className={styles['quiet']}>
          This query says more than the filters can.{' '}
          <button type="button" className={styles['linkish']} onClick={() => log.ask('')}>
            Back to the filters
          </button>
        </p>
      ) : (
        <div className={styles['filters']}>
          <ServiceField log={log} />
          <SearchField log={log} input={input} />
          <Chips log={log} filters={filters} />
        </div>
      )}
      <QueryField log={log} error={error} />
      {isRefused(error) && <QueryProblem error={error} query={log.query} />}
    </div>
  );
}
