import { Select, Switch, TagsInput, TextInput } from '@mantine/core';
import type { Dashboard } from '../model.ts';
import styles from './edit.module.css';
import { Entries } from './parts.tsx';
import { QueryField } from './query-field.tsx';

type Annotation = Dashboard['annotations'][number];

/** What is marked on every chart of the dashboard. */
export function Annotations({
  annotations,
  onChange,
}: {
  readonly annotations: readonly Annotation[];
  readonly onChange: (annotations: Annotation[]) => void;
}) {
  return (
    <Entries
      what="annotation"
      entries={annotations}
      onChange={onChange}
      make={(): Annotation => ({
        name: 'New annotation',
        enabled: true,
        hidden: false,
        color: 'blue',
        kind: 'query',
        tags: [],
        expr: '',
        title: '',
        text: '',
        step: '',
      })}
      titleOf={({ name }) => name || 'Annotation'}
    >
      {(one, change) => (
        <div className={styles['stack']}>
          <div className={styles['line']}>
            <TextInput
              size="xs"
              label="Name"
              value={one.name}
              onChange={({ currentTarget }) => change({ ...one, name: currentTarget.value })}
            />
            <Select
              size="xs"
              w={210}
              label="Marks"
              allowDeselect={false}
              data={[
                { value: 'events', label: 'deployments and notes' },
                { value: 'query', label: 'when a query is not zero' },
              ]}
              value={one.kind}
              onChange={(kind) => (kind === 'events' || kind === 'query') && change({ ...one, kind })}
            />
            <Switch
              size="xs"
              label="On"
              checked={one.enabled}
              onChange={({ currentTarget }) => change({ ...one, enabled: currentTarget.checked })}
            />
          </div>
          {one.kind === 'events' ? (
            <TagsInput
              size="xs"
              label="Only with one of these tags"
              placeholder={one.tags.length === 0 ? 'all of them' : ''}
              value={one.tags}
              onChange={(tags) => change({ ...one, tags })}
            />
          ) : (
            <>
              <QueryField
                label={`PromQL of ${one.name}`}
                value={one.expr}
                onChange={(expr) => change({ ...one, expr })}
              />
              <TextInput
                size="xs"
                label="Words at the mark"
                placeholder="{{job}} was down"
                value={one.title}
                onChange={({ currentTarget }) => change({ ...one, title: currentTarget.value })}
              />
            </>
          )}
        </div>
      )}
    </Entries>
  );
}
