import { ActionIcon, Button, NumberInput, Select, Switch } from '@mantine/core';
import { IconTrash } from '../../../ui/icons.ts';
import { REDUCER_WORDS } from '../field/reduce.ts';
import { UNIT_CHOICES } from '../field/units.ts';
import { type FieldSettings, optionText, type Panel } from '../model.ts';
import styles from './edit.module.css';

export interface PartProps {
  readonly panel: Panel;
  readonly set: (change: Partial<Panel>) => void;
}

const toNumber = (value: string | number): number | undefined =>
  value === '' || Number.isNaN(Number(value)) ? undefined : Number(value);

export function Field({ panel, set }: PartProps) {
  const { field } = panel;
  const change = (to: Partial<FieldSettings>): void => set({ field: { ...field, ...to } });
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
          data={[...UNIT_CHOICES, ...(known ? [] : [{ value: field.unit ?? '', label: field.unit ?? '' }])]}
          value={field.unit ?? null}
          onChange={(unit) => change({ unit: unit ?? undefined })}
        />
        <NumberInput
          size="xs"
          label="Decimals"
          min={0}
          max={15}
          w={100}
          value={field.decimals ?? ''}
          onChange={(value) => change({ decimals: toNumber(value) })}
        />
        <NumberInput
          size="xs"
          label="Min"
          w={100}
          value={field.min ?? ''}
          onChange={(value) => change({ min: toNumber(value) })}
        />
        <NumberInput
          size="xs"
          label="Max"
          w={100}
          value={field.max ?? ''}
          onChange={(value) => change({ max: toNumber(value) })}
        />
      </div>
      {panel.type === 'timeseries' && <Drawing field={field} draw={draw} />}
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
      <Thresholds field={field} change={change} />
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
          <Select
            size="xs"
            aria-label={`Colour of threshold ${index}`}
            allowDeselect={false}
            data={[
              ...new Set(['green', 'yellow', 'orange', 'red', 'blue', 'purple', 'transparent', step.color]),
            ]}
            value={step.color}
            onChange={(color) =>
              color !== null && put(steps.map((one, place) => (place === index ? { ...one, color } : one)))
            }
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
