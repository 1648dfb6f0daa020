import type { Zone } from '../../../ui/format.ts';
import type { FieldSettings, Mapping, Override } from '../model.ts';
import { cssOf } from './colors.ts';
import { compile, isTooLong } from './pattern.ts';
import { formatParts, formatUnit, type Shown } from './units.ts';

/** What an override is chosen by. */
export interface FieldIdentity {
  readonly name: string;
  readonly ref: string;
  readonly kind: 'number' | 'string' | 'time';
}

function matches({ by, value }: Override['match'], field: FieldIdentity): boolean {
  switch (by) {
    case 'name':
      return field.name === value || field.name.trim() === value.trim();
    case 'names':
      return value.split('\n').includes(field.name);
    case 'regex':
      return !isTooLong(field.name) && compile(value)?.test(field.name) === true;
    case 'query':
      return field.ref === value;
    case 'type':
      return field.kind === value;
  }
}

/** The settings of one field: the panel's own, then each override that is meant for it, later ones last. */
export function settingsOf(
  defaults: FieldSettings,
  overrides: readonly Override[],
  field: FieldIdentity,
): FieldSettings {
  return overrides
    .filter(({ match }) => matches(match, field))
    .reduce<FieldSettings>(
      (settings, { set }) => ({
        ...settings,
        ...set,
        ...(set.draw === undefined ? {} : { draw: { ...settings.draw, ...set.draw } }),
        ...(set.column === undefined ? {} : { column: { ...settings.column, ...set.column } }),
      }),
      defaults,
    );
}

function mappingFits(mapping: Mapping, value: number | string | null): boolean {
  switch (mapping.type) {
    case 'value':
      return value !== null && String(value) === mapping.value;
    case 'range': {
      const size = Number(value);
      return (
        value !== null &&
        !Number.isNaN(size) &&
        size >= (mapping.from ?? Number.NEGATIVE_INFINITY) &&
        size <= (mapping.to ?? Number.POSITIVE_INFINITY)
      );
    }
    case 'regex':
      return value !== null && compile(mapping.pattern ?? '')?.test(String(value)) === true;
    case 'special': {
      const nothing = value === null;
      const notNumber = typeof value === 'number' && Number.isNaN(value);
      const { match } = mapping;
      if (match === 'null' || match === 'nan' || match === 'null+nan') return nothing || notNumber;
      return match === 'empty' ? value === '' : String(value) === match;
    }
  }
}

/** The mapping that a value has, the first that fits. */
function mappingOf(settings: FieldSettings, value: number | string | null): Mapping | undefined {
  return settings.mappings?.find((mapping) => mappingFits(mapping, value));
}

export interface ShownValue extends Shown {
  /** A colour of a mapping's own. */
  readonly color: string | undefined;
}

/** A value as people read it: mapped to a word, or in its unit. */
export function show(
  settings: FieldSettings,
  value: number | string | null,
  zone: Zone = 'local',
): ShownValue {
  const mapped = mappingOf(settings, value);
  const color = mapped?.color === undefined ? undefined : cssOf(mapped.color);
  if (mapped?.text !== undefined && mapped.text !== '') return { value: mapped.text, unit: '', color };
  if (typeof value === 'string') return { value, unit: '', color };
  if (value === null && settings.noValue !== undefined) return { value: settings.noValue, unit: '', color };
  return { ...formatParts(value, settings.unit, settings.decimals, zone), color };
}

/** The same as one text. */
export function showText(
  settings: FieldSettings,
  value: number | string | null,
  zone: Zone = 'local',
): string {
  const mapped = mappingOf(settings, value);
  if (mapped?.text !== undefined && mapped.text !== '') return mapped.text;
  return typeof value === 'string' ? value : formatUnit(value, settings.unit, settings.decimals, zone);
}
