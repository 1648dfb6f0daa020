import { ActionIcon, Button, NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { IconTrash } from '../../../ui/icons.ts';
import { REDUCER_WORDS } from '../field/reduce.ts';
import { UNIT_CHOICES } from '../field/units.ts';
import { type FieldSettings, optionText, type PanelType } from '../model.ts';
import styles from './edit.module.css';
import { Mappings } from './mappings.tsx';
import { ColorSelect, type PartProps, toNumber } from './parts.tsx';

interface FieldFormProps {
  readonly field: FieldSettings;
  readonly change: (to: Partial<FieldSettings>) => void;
  readonly type: PanelType;
  /** For some series only: what is not set here is as in the whole panel. */
  readonly own?: boolean;
}

/** How values are written, coloured and drawn: of a whole panel, or of some of its series. */
export function FieldForm({ field, change, type, own = false }: FieldFormProps) {
  const draw = (to: NonNullable<FieldSettings['draw']>): void => change({ draw: { ...field.draw, ...to } });
  const known = UNIT_CHOICES.some(({ value }) => value === field.unit) || field.unit === undefined;
  return (
    <div className={styles['stack']}>
      <div className={styles['line']}>
        <Select
          size="xs"
          label="Unit"
          searchable
          clearable
          placeholder={own ? 'as the panel' : ''}
          data={[...UNIT_CHOICES, ...(known ? [] : [{ value: field.unit ?? '', label: field.unit ?? '' }])]}
          value={field.unit ?? null}
          onChange={(unit) => change({ unit: unit ?? undefined })}
        />
        <NumberInput
          size="xs"
          label="Decimals"
          min={0}
          max={15}
          w={90}
          value={field.decimals ?? ''}
          onChange={(value) => change({ decimals: toNumber(value) })}
        />
        <NumberInput
          size="xs"
          label="Min"
          w={90}
          value={field.min ?? ''}
          onChange={(value) => change({ min: toNumber(value) })}
        />
        <NumberInput
          size="xs"
          label="Max"
          w={90}
          value={field.max ?? ''}
          onChange={(value) => change({ max: toNumber(value) })}
        />
        <TextInput
          size="xs"
          label="Shown as"
          placeholder="its name"
          w={140}
          value={field.displayName ?? ''}
          onChange={({ currentTarget }) => change({ displayName: currentTarget.value || undefined })}
        />
      </div>
      <Colors field={field} change={change} />
      {type === 'timeseries' && <Drawing field={field} draw={draw} />}
      {own && (
        <Switch
          size="xs"
          label="Hidden"
          checked={field.hidden === true}
          onChange={({ currentTarget }) => change({ hidden: currentTarget.checked || undefined })}
        />
      )}
      <Thresholds field={field} change={change} />
      <details open={!own || (field.mappings ?? []).length > 0}>
        <summary className={styles['summary']}>Value mappings</summary>
        <Mappings mappings={field.mappings ?? []} onChange={(mappings) => change({ mappings })} />
      </details>
    </div>
  );
}

const COLORINGS = [
  { value: 'auto', label: 'as usual' },
  { value: 'palette', label: 'one for each series' },
  { value: 'thresholds', label: 'by thresholds' },
  { value: 'continuous', label: 'from green to red' },
  { value: 'fixed', label: 'always this one' },
] as const;

function Colors({ field, change }: Pick<FieldFormProps, 'field' | 'change'>) {
  const mode = field.color?.mode ?? 'auto';
  return (
    <div className={styles['line']}>
      <Select
        size="xs"
        w={170}
        label="Colour"
        allowDeselect={false}
        data={COLORINGS}
        value={mode}
        onChange={(value) => {
          const chosen = COLORINGS.find((one) => one.value === value)?.value ?? 'auto';
          if (chosen === 'auto') change({ color: undefined });
          else change({ color: { mode: chosen, ...(chosen === 'fixed' ? { fixed: 'blue' } : {}) } });
        }}
      />
      {mode === 'fixed' && (
        <ColorSelect
          label="Which"
          value={field.color?.fixed ?? 'blue'}
          onChange={(fixed) => change({ color: { mode: 'fixed', fixed } })}
        />
      )}
    </div>
  );
}

export function Field({ panel, set }: PartProps) {
  const { field } = panel;
  return (
    <div className={styles['stack']}>
      {['stat', 'gauge', 'bar'].includes(panel.type) && (
        <Select
          size="xs"
          label="Of each series, show the"
          data={Object.entries(REDUCER_WORDS).map(([value, label]) => ({ value, label }))}
          allowDeselect={false}
          value={optionText(panel, 'calc', 'lastNotNull')}
          onChange={(calc) => calc !== null && set({ options: { ...panel.options, calc } })}
        />
      )}
      <FieldForm field={field} type={panel.type} change={(to) => set({ field: { ...field, ...to } })} />
    </div>
  );
}

function Drawing({
  field,
  draw,
}: {
  readonly field: FieldSettings;
  readonly draw: (to: NonNullable<FieldSettings['draw']>) => void;
}) {
  return (
    <div className={styles['line']}>
      <Select
        size="xs"
        w={110}
        label="Drawn as"
        data={['line', 'bars', 'points']}
        value={field.draw?.style ?? 'line'}
        allowDeselect={false}
        onChange={(style) => (style === 'line' || style === 'bars' || style === 'points') && draw({ style })}
      />
      <Select
        size="xs"
        w={110}
        label="Stacked"
        data={['none', 'normal', 'percent']}
        value={field.draw?.stack ?? 'none'}
        allowDeselect={false}
        onChange={(stack) =>
          (stack === 'none' || stack === 'normal' || stack === 'percent') && draw({ stack })
        }
      />
      <NumberInput
        size="xs"
        w={100}
        label="Fill, %"
        min={0}
        max={100}
        value={field.draw?.fill ?? 0}
        onChange={(value) => draw({ fill: toNumber(value) })}
      />
      <Select
        size="xs"
        w={110}
        label="Scale"
        data={['linear', 'log10', 'log2']}
        value={field.draw?.scale ?? 'linear'}
        allowDeselect={false}
        onChange={(scale) => (scale === 'linear' || scale === 'log10' || scale === 'log2') && draw({ scale })}
      />
      <Switch
        size="xs"
        label="Thresholds as lines"
        checked={(field.draw?.thresholds ?? 'off') !== 'off'}
        onChange={(event) => draw({ thresholds: event.currentTarget.checked ? 'line' : 'off' })}
      />
    </div>
  );
}

function Thresholds({
  field,
  change,
}: {
  readonly field: FieldSettings;
  readonly change: (to: Partial<FieldSettings>) => void;
}) {
  const steps = field.thresholds?.steps ?? [];
  const put = (next: typeof steps): void =>
    change({
      thresholds: {
        mode: field.thresholds?.mode ?? 'absolute',
        steps: next.toSorted(
          (a, b) => (a.value ?? Number.NEGATIVE_INFINITY) - (b.value ?? Number.NEGATIVE_INFINITY),
        ),
      },
      color: field.color ?? { mode: 'thresholds' },
    });
  return (
    <fieldset className={styles['query']}>
      <legend>Thresholds</legend>
      {steps.map((step, index) => (
        <div key={index} className={styles['line']}>
          {step.value === null ? (
            <span className={styles['base']}>Below all</span>
          ) : (
            <NumberInput
              size="xs"
              aria-label={`Threshold ${index}`}
              value={step.value}
              onChange={(value) =>
                put(
                  steps.map((one, place) =>
                    place === index ? { ...one, value: toNumber(value) ?? 0 } : one,
                  ),
                )
              }
            />
          )}
          <ColorSelect
            bare
            label={`Colour of threshold ${index}`}
            value={step.color}
            onChange={(color) => put(steps.map((one, place) => (place === index ? { ...one, color } : one)))}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove threshold ${index}`}
            onClick={() => put(steps.filter((_, place) => place !== index))}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </div>
      ))}
      <Button
        size="compact-xs"
        variant="default"
        onClick={() =>
          put(
            steps.length === 0
              ? [
                  { value: null, color: 'green' },
                  { value: 80, color: 'red' },
                ]
              : [...steps, { value: (steps.at(-1)?.value ?? 0) + 10, color: 'red' }],
          )
        }
      >
        Add a threshold
      </Button>
    </fieldset>
  );
}
