import { Button, Modal, Select, Switch, Tabs, TagsInput, Textarea, TextInput } from '@mantine/core';
import type { Dashboard, Variable } from '../model.ts';
import { Annotations } from './annotations.tsx';
import styles from './edit.module.css';

/** Title, folder, tags, range; variables; annotations. */
export function SettingsDialog({
  draft,
  onChange,
  onClose,
}: {
  readonly draft: Dashboard;
  readonly onChange: (draft: Dashboard) => void;
  readonly onClose: () => void;
}) {
  const set = (change: Partial<Dashboard>): void => onChange({ ...draft, ...change });
  const variable = (index: number, change: Partial<Variable>): void =>
    set({ variables: draft.variables.map((one, place) => (place === index ? { ...one, ...change } : one)) });
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title="Settings of the dashboard"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Tabs defaultValue="general">
        <Tabs.List mb="sm">
          <Tabs.Tab value="general">General</Tabs.Tab>
          <Tabs.Tab value="variables">
            Variables{draft.variables.length === 0 ? '' : ` (${draft.variables.length})`}
          </Tabs.Tab>
          <Tabs.Tab value="annotations">
            Annotations{draft.annotations.length === 0 ? '' : ` (${draft.annotations.length})`}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="general" className={styles['stack'] ?? ''}>
          <TextInput
            size="xs"
            label="Title"
            value={draft.title}
            onChange={(event) => set({ title: event.currentTarget.value })}
          />
          <Textarea
            size="xs"
            label="Description"
            autosize
            value={draft.description}
            onChange={(event) => set({ description: event.currentTarget.value })}
          />
          <div className={styles['line']}>
            <TextInput
              size="xs"
              label="Folder"
              value={draft.folder}
              onChange={(event) => set({ folder: event.currentTarget.value })}
            />
            <TagsInput size="xs" label="Tags" value={draft.tags} onChange={(tags) => set({ tags })} />
            <TextInput
              size="xs"
              label="Range when opened"
              w={140}
              value={draft.time.range}
              onChange={(event) => set({ time: { range: event.currentTarget.value } })}
            />
            <Select
              size="xs"
              label="Refresh"
              w={170}
              allowDeselect={false}
              data={[
                { value: '', label: 'as the range needs' },
                ...['off', '5s', '10s', '30s', '1m', '5m'].map((value) => ({ value, label: value })),
              ].map((one) => (one.value === '' ? { ...one, value: 'auto' } : one))}
              value={draft.refresh || 'auto'}
              onChange={(value) => set({ refresh: value === null || value === 'auto' ? '' : value })}
            />
          </div>
        </Tabs.Panel>
        <Tabs.Panel value="variables" className={styles['stack'] ?? ''}>
          {draft.variables.map((one, index) => (
            <VariableForm
              key={index}
              one={one}
              change={(change) => variable(index, change)}
              remove={() => set({ variables: draft.variables.filter((_, place) => place !== index) })}
            />
          ))}
          <div className={styles['line']}>
            {(['query', 'custom', 'interval', 'textbox', 'constant'] as const).map((type) => (
              <Button
                key={type}
                size="compact-xs"
                variant="default"
                onClick={() =>
                  set({ variables: [...draft.variables, newVariable(type, draft.variables.length)] })
                }
              >
                Add {VARIABLES[type]}
              </Button>
            ))}
          </div>
        </Tabs.Panel>
        <Tabs.Panel value="annotations">
          <Annotations annotations={draft.annotations} onChange={(annotations) => set({ annotations })} />
        </Tabs.Panel>
      </Tabs>
    </Modal>
  );
}

const VARIABLES = {
  query: 'values from a query',
  custom: 'a list of values',
  interval: 'intervals',
  textbox: 'free text',
  constant: 'a constant',
} as const;

interface VariableFormProps {
  readonly one: Variable;
  readonly change: (to: Partial<Variable>) => void;
  readonly remove: () => void;
}

function VariableForm({ one, change, remove }: VariableFormProps) {
  return (
    <fieldset className={styles['query']}>
      <legend>Variable ${one.name}</legend>
      <div className={styles['line']}>
        <TextInput
          size="xs"
          label="Name"
          value={one.name}
          onChange={(event) => change({ name: event.currentTarget.value.replaceAll(/\W/g, '') })}
        />
        <TextInput
          size="xs"
          label="Label"
          value={one.label}
          onChange={(event) => change({ label: event.currentTarget.value })}
        />
        {one.type === 'query' && (
          <TextInput
            size="xs"
            label="Query"
            w={320}
            value={one.query ?? ''}
            onChange={(event) => change({ query: event.currentTarget.value })}
          />
        )}
        {one.type === 'query' && (
          <TextInput
            size="xs"
            label="Pattern"
            value={one.regex ?? ''}
            onChange={(event) => change({ regex: event.currentTarget.value })}
          />
        )}
        {one.type === 'custom' && (
          <TextInput
            size="xs"
            label="Values, by commas"
            w={320}
            value={(one.options ?? []).map(({ value }) => value).join(',')}
            onChange={(event) =>
              change({
                options: event.currentTarget.value.split(',').map((value) => ({ value, text: value })),
              })
            }
          />
        )}
        {one.type === 'constant' && (
          <TextInput
            size="xs"
            label="Value"
            value={one.value ?? ''}
            onChange={(event) => change({ value: event.currentTarget.value })}
          />
        )}
        {one.type === 'interval' && (
          <TextInput
            size="xs"
            label="Values, by commas"
            value={(one.values ?? []).join(',')}
            onChange={(event) => change({ values: event.currentTarget.value.split(',') })}
          />
        )}
        {(one.type === 'query' || one.type === 'custom') && (
          <>
            <Switch
              size="xs"
              label="Several"
              checked={one.multi === true}
              onChange={(event) => change({ multi: event.currentTarget.checked })}
            />
            <Switch
              size="xs"
              label="All"
              checked={one.includeAll === true}
              onChange={(event) => change({ includeAll: event.currentTarget.checked })}
            />
          </>
        )}
        <Button size="compact-xs" variant="default" onClick={remove}>
          Remove
        </Button>
      </div>
    </fieldset>
  );
}

function newVariable(
  type: 'query' | 'custom' | 'interval' | 'textbox' | 'constant',
  index: number,
): Variable {
  const common = { name: `${type}${index + 1}`, label: '', description: '', hide: 'no' as const };
  switch (type) {
    case 'query':
      return {
        ...common,
        type,
        query: 'label_values(up, job)',
        multi: true,
        includeAll: true,
        current: ['$__all'],
      };
    case 'custom':
      return { ...common, type, options: [{ value: 'a', text: 'a' }] };
    case 'interval':
      return { ...common, type, values: ['1m', '5m', '1h'] };
    case 'textbox':
      return { ...common, type };
    case 'constant':
      return { ...common, type, value: '' };
  }
}
