import { ActionIcon, Autocomplete, Button, Select, TextInput } from '@mantine/core';
import { type RefObject, useEffect, useState } from 'react';
import { leaveOnEscape } from '../../../keys/leave-on-escape.ts';
import { IconAlertTriangle, IconX } from '../../../ui/icons.ts';
import styles from '../traces.module.css';
import { durationOf, type TracesSearch } from './search.ts';
import { useOperations, useTraceServices } from './use-traces.ts';

interface QueryBarProps {
  readonly search: TracesSearch;
  readonly set: (next: TracesSearch) => void;
  readonly input: RefObject<HTMLInputElement | null>;
}

interface DurationFieldProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly commit: (value: string | undefined) => void;
}

function DurationField({ label, placeholder, value, commit }: DurationFieldProps) {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  const invalid = draft !== '' && durationOf(draft) === null;
  const done = (): void => {
    if (!invalid && draft !== value) commit(draft || undefined);
  };
  return (
    <TextInput
      size="xs"
      className={styles['duration'] ?? ''}
      aria-label={label}
      placeholder={placeholder}
      value={draft}
      error={invalid && 'such as 100ms or 1.5s'}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={done}
      onKeyDown={(event) => {
        leaveOnEscape(event);
        if (event.key === 'Enter') done();
      }}
    />
  );
}

function TagField({ search, set, input }: QueryBarProps) {
  const [draft, setDraft] = useState('');
  const tags = search.tag ?? [];
  const invalid = draft.trim() !== '' && draft.indexOf('=') <= 0;
  const add = (): void => {
    const text = draft.trim();
    if (text === '' || invalid) return;
    const at = text.indexOf('=');
    const tag = `${text.slice(0, at).trim()}=${text.slice(at + 1).trim()}`;
    set({ tag: [...tags.filter((other) => other !== tag), tag] });
    setDraft('');
  };
  return (
    <>
      <TextInput
        ref={input}
        size="xs"
        className={styles['tagInput'] ?? ''}
        aria-label="Attribute of a span"
        placeholder="Attribute, such as http.response.status_code=500 ( / )"
        value={draft}
        error={invalid && 'write key=value'}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={add}
        onKeyDown={(event) => {
          leaveOnEscape(event);
          if (event.key === 'Enter') add();
        }}
      />
      {tags.map((tag) => (
        <span key={tag} className={styles['term']}>
          <span className={styles['cut']} title={tag}>
            {tag}
          </span>
          <ActionIcon
            size="xs"
            variant="subtle"
            color="gray"
            aria-label={`Remove ${tag}`}
            onClick={() => set({ tag: tags.filter((other) => other !== tag) })}
          >
            <IconX size={12} />
          </ActionIcon>
        </span>
      ))}
    </>
  );
}

/** Which spans a trace must have: one span of it satisfies all the filters. */
export function QueryBar({ search, set, input }: QueryBarProps) {
  const { service, operation, min = '', max = '', error } = search;
  const { data: services = [] } = useTraceServices();
  const { data: operations = [] } = useOperations(service);
  const [draft, setDraft] = useState(operation ?? '');
  useEffect(() => setDraft(operation ?? ''), [operation]);
  const choose = (text: string): void => {
    if (text !== (operation ?? '')) set({ operation: text || undefined });
  };
  return (
    <div className={styles['filters']} role="search" aria-label="Filters">
      <Select
        size="xs"
        className={styles['field'] ?? ''}
        aria-label="Service"
        placeholder="Any service"
        data={[...new Set([...services, ...(service === undefined ? [] : [service])])]}
        value={service ?? null}
        onChange={(next) => set({ service: next ?? undefined, operation: undefined })}
        searchable
        clearable
        limit={200}
        nothingFoundMessage="No such service sent spans"
      />
      <Autocomplete
        size="xs"
        className={styles['field'] ?? ''}
        aria-label="Operation"
        placeholder={service === undefined ? 'Any operation' : `Any operation of ${service}`}
        data={operations}
        value={draft}
        limit={200}
        onChange={setDraft}
        onOptionSubmit={choose}
        onBlur={() => choose(draft)}
        onKeyDown={(event) => {
          leaveOnEscape(event);
          if (event.key === 'Enter') choose(draft);
        }}
      />
      <TagField search={search} set={set} input={input} />
      <DurationField
        label="The span takes at least"
        placeholder="Span takes ≥"
        value={min}
        commit={(next) => set({ min: next })}
      />
      <DurationField
        label="The span takes at most"
        placeholder="Span takes ≤"
        value={max}
        commit={(next) => set({ max: next })}
      />
      <Button
        size="xs"
        variant="default"
        className={styles['chip'] ?? ''}
        leftSection={<IconAlertTriangle size={14} />}
        aria-pressed={error === true}
        data-chosen={error === true}
        onClick={() => set({ error: error === true ? undefined : true })}
      >
        Failed spans only
      </Button>
    </div>
  );
}
