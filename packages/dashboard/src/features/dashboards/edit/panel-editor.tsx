import { ActionIcon, Button, Drawer, Select, Switch, Tabs, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { IconPlus, IconTrash } from '../../../ui/icons.ts';
import { hasData, newQuery, optionText, type Panel, type PanelQuery, type PanelType } from '../model.ts';
import styles from './edit.module.css';
import { Field } from './field-editor.tsx';
import { JsonField } from './json-field.tsx';
import { Overrides } from './overrides.tsx';
import type { PartProps } from './parts.tsx';
import { QueryField } from './query-field.tsx';
import { Transformations } from './transformations.tsx';

export interface PanelEditorProps {
  readonly panel: Panel;
  readonly onChange: (panel: Panel) => void;
  readonly onClose: () => void;
  /** The panel as it will be, live. */
  readonly preview: ReactNode;
}

const TYPES: readonly { readonly value: PanelType; readonly label: string }[] = [
  { value: 'timeseries', label: 'Time series' },
  { value: 'stat', label: 'Figure' },
  { value: 'gauge', label: 'Gauge' },
  { value: 'bar', label: 'Bars' },
  { value: 'table', label: 'Table' },
  { value: 'heatmap', label: 'Heatmap' },
  { value: 'statetimeline', label: 'State timeline' },
  { value: 'text', label: 'Text' },
];
const isType = (value: string | null): value is PanelType => TYPES.some((type) => type.value === value);

function counted(entries: readonly unknown[]): string {
  return entries.length === 0 ? '' : ` (${entries.length})`;
}

/** Everything about one panel, beside the panel itself. */
export function PanelEditor({ panel, onChange, onClose, preview }: PanelEditorProps) {
  const set = (change: Partial<Panel>): void => onChange({ ...panel, ...change });
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="min(100%, 860px)"
      title={`Edit “${panel.title || 'panel'}”`}
      closeButtonProps={{ 'aria-label': 'Close the editor' }}
    >
      <div className={styles['editor']}>
        <div className={styles['preview']}>{preview}</div>
        <Tabs defaultValue={hasData(panel) ? 'queries' : 'panel'} keepMounted={false}>
          <Tabs.List>
            {hasData(panel) && <Tabs.Tab value="queries">Queries</Tabs.Tab>}
            <Tabs.Tab value="panel">Panel</Tabs.Tab>
            {hasData(panel) && <Tabs.Tab value="field">Values</Tabs.Tab>}
            {hasData(panel) && <Tabs.Tab value="overrides">Overrides{counted(panel.overrides)}</Tabs.Tab>}
            {hasData(panel) && (
              <Tabs.Tab value="transformations">Transformations{counted(panel.transformations)}</Tabs.Tab>
            )}
            {hasData(panel) && <Tabs.Tab value="json">JSON</Tabs.Tab>}
          </Tabs.List>
          <Tabs.Panel value="queries" pt="sm">
            <Queries panel={panel} set={set} />
          </Tabs.Panel>
          <Tabs.Panel value="panel" pt="sm">
            <General panel={panel} set={set} />
          </Tabs.Panel>
          <Tabs.Panel value="field" pt="sm">
            <Field panel={panel} set={set} />
          </Tabs.Panel>
          <Tabs.Panel value="overrides" pt="sm">
            <Overrides panel={panel} set={set} />
          </Tabs.Panel>
          <Tabs.Panel value="transformations" pt="sm">
            <Transformations panel={panel} set={set} />
          </Tabs.Panel>
          <Tabs.Panel value="json" pt="sm">
            <AsJson panel={panel} set={set} />
          </Tabs.Panel>
        </Tabs>
      </div>
    </Drawer>
  );
}

function freeRef(queries: readonly PanelQuery[]): string {
  const taken = new Set(queries.map(({ ref }) => ref));
  return (
    Array.from({ length: 26 }, (_, index) => String.fromCodePoint(65 + index)).find(
      (ref) => !taken.has(ref),
    ) ?? `Q${queries.length}`
  );
}

function Queries({ panel, set }: PartProps) {
  const change = (index: number, to: Partial<PanelQuery>): void =>
    set({ queries: panel.queries.map((query, place) => (place === index ? { ...query, ...to } : query)) });
  return (
    <div className={styles['stack']}>
      {panel.queries.map((query, index) => (
        <fieldset key={query.ref} className={styles['query']}>
          <legend>Query {query.ref}</legend>
          <QueryField
            label={`Query ${query.ref}, PromQL`}
            value={query.expr}
            onChange={(expr) => change(index, { expr })}
          />
          <div className={styles['line']}>
            <TextInput
              size="xs"
              label="Legend"
              placeholder="{{label}}"
              value={query.legend}
              onChange={(event) => change(index, { legend: event.currentTarget.value })}
            />
            <TextInput
              size="xs"
              label="Smallest step"
              placeholder="15s"
              w={110}
              value={query.interval}
              onChange={(event) => change(index, { interval: event.currentTarget.value })}
            />
            <Select
              size="xs"
              w={110}
              label="Format"
              allowDeselect={false}
              data={[
                { value: 'series', label: 'Series' },
                { value: 'table', label: 'Table' },
                { value: 'heatmap', label: 'Heatmap' },
              ]}
              value={query.format}
              onChange={(format) =>
                (format === 'series' || format === 'table' || format === 'heatmap') &&
                change(index, { format })
              }
            />
            <Switch
              size="xs"
              label="Now only"
              checked={query.instant}
              onChange={(event) => change(index, { instant: event.currentTarget.checked })}
            />
            <Switch
              size="xs"
              label="Hidden"
              checked={query.hidden}
              onChange={(event) => change(index, { hidden: event.currentTarget.checked })}
            />
            {panel.type === 'timeseries' && (
              <Switch
                size="xs"
                label="Exemplars"
                checked={query.exemplars}
                onChange={(event) => change(index, { exemplars: event.currentTarget.checked })}
              />
            )}
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove query ${query.ref}`}
              onClick={() => set({ queries: panel.queries.filter((_, place) => place !== index) })}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </div>
        </fieldset>
      ))}
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} />}
        onClick={() => set({ queries: [...panel.queries, newQuery(freeRef(panel.queries))] })}
      >
        Add a query
      </Button>
    </div>
  );
}

function General({ panel, set }: PartProps) {
  return (
    <div className={styles['stack']}>
      <TextInput
        size="xs"
        label="Title"
        value={panel.title}
        onChange={(event) => set({ title: event.currentTarget.value })}
      />
      {panel.type !== 'row' && panel.type !== 'unsupported' && (
        <Select
          size="xs"
          label="Shown as"
          data={[...TYPES]}
          allowDeselect={false}
          value={panel.type}
          onChange={(type) =>
            isType(type) && set({ type, options: type === 'text' ? { mode: 'markdown', content: '' } : {} })
          }
        />
      )}
      <Textarea
        size="xs"
        label="Description"
        autosize
        minRows={2}
        value={panel.description}
        onChange={(event) => set({ description: event.currentTarget.value })}
      />
      {panel.type === 'text' && (
        <Textarea
          size="xs"
          label="Text, in Markdown"
          autosize
          minRows={8}
          value={optionText(panel, 'content')}
          onChange={(event) => set({ options: { ...panel.options, content: event.currentTarget.value } })}
        />
      )}
      <TextInput
        size="xs"
        label="Repeat for each value of the variable"
        description="Its name without $; empty for one panel only"
        value={panel.repeat?.variable ?? ''}
        onChange={(event) => {
          const variable = event.currentTarget.value.trim();
          const { repeat, ...rest } = panel;
          set(
            variable === ''
              ? { ...rest, repeat: undefined }
              : { repeat: { direction: 'horizontal', perRow: 4, ...repeat, variable } },
          );
        }}
      />
      {hasData(panel) && (
        <div className={styles['line']}>
          <TextInput
            size="xs"
            label="Always the last"
            placeholder="as the page"
            value={panel.timeFrom}
            onChange={(event) => set({ timeFrom: event.currentTarget.value.trim() })}
          />
          <TextInput
            size="xs"
            label="Shifted back by"
            placeholder="1d"
            value={panel.timeShift}
            onChange={(event) => set({ timeShift: event.currentTarget.value.trim() })}
          />
          <TextInput
            size="xs"
            label="Smallest step"
            placeholder="15s"
            value={panel.interval}
            onChange={(event) => set({ interval: event.currentTarget.value.trim() })}
          />
        </div>
      )}
    </div>
  );
}

const JSON_LINES = { least: 10, most: 24 };

/** All settings as they are kept, those without a form (links, options of some kinds) among them. */
function AsJson({ panel, set }: PartProps) {
  const { overrides, transformations, links, field, options } = panel;
  return (
    <JsonField
      label="All settings, as JSON"
      description="Checked by the server when the dashboard is saved"
      lines={JSON_LINES}
      value={{ field, options, overrides, transformations, links }}
      onChange={(next: object) => set(next)}
    />
  );
}
