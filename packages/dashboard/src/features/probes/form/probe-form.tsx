import { Button, Select } from '@mantine/core';
import { useState } from 'react';
import { FormActions } from '../../../ui/forms/form-actions.tsx';
import { type Problems, problemsOf } from '../../../ui/forms/problems.ts';
import { type Definition, type ProbeDetail, type ProbeType, TYPES } from '../contracts.ts';
import styles from '../probes.module.css';
import { TestResult } from '../test-result.tsx';
import { useProbeActions, useTest } from '../use-probes.ts';
import { TYPE_WORD } from '../words.ts';
import { FieldInput } from './field.tsx';
import { FIELDS, type FieldGroup, fieldOf } from './fields.ts';

function Group({
  group,
  definition,
  change,
  problems,
}: {
  readonly group: FieldGroup;
  readonly definition: Definition;
  readonly change: (to: Definition) => void;
  readonly problems: Problems;
}) {
  const fields = group.fields.map((field) => (
    <FieldInput
      key={field.path}
      field={field}
      definition={definition}
      change={change}
      problem={problems.at.get(field.path)}
    />
  ));
  if (group.folded !== true)
    return (
      <fieldset className={styles['group']}>
        <legend>{group.title}</legend>
        {fields}
      </fieldset>
    );
  return (
    <details
      className={styles['folded']}
      open={group.fields.some(({ path }) => problems.at.has(path)) || undefined}
    >
      <summary>{group.title}</summary>
      <div className={styles['group']}>{fields}</div>
    </details>
  );
}

export interface ProbeFormProps {
  /** The probe it changes; null for a new one. */
  readonly probe: ProbeDetail | null;
  readonly done: (id: string) => void;
  readonly cancel: () => void;
}

/** Makes or changes a probe; what is wrong stands at its field, in the server's words. */
export function ProbeForm({ probe, done, cancel }: ProbeFormProps) {
  const [type, setType] = useState<ProbeType>(probe?.type ?? 'http');
  const [definition, setDefinition] = useState<Definition>(probe?.definition ?? {});
  const { save } = useProbeActions();
  const test = useTest();
  const written = { ...definition, type };
  const problems = problemsOf(save.error ?? test.error, (place) => fieldOf(type, place));
  const change = (to: Definition): void => {
    setDefinition(to);
    save.reset();
    test.reset();
  };
  return (
    <form
      className={styles['form']}
      aria-label="Probe"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        test.reset();
        save.mutate(
          probe === null
            ? { definition: written }
            : {
                id: probe.id,
                definition: written,
                ...(probe.version === null ? {} : { version: probe.version }),
              },
          { onSuccess: ({ id }) => done(id) },
        );
      }}
    >
      {probe === null && (
        <Select
          size="xs"
          label="Type"
          allowDeselect={false}
          data={TYPES.map((value) => ({ value, label: TYPE_WORD[value] }))}
          value={type}
          onChange={(next) => {
            setType(TYPES.find((one) => one === next) ?? type);
            // Only what every type has goes along.
            const { name, service, tags } = definition;
            change(
              Object.fromEntries(Object.entries({ name, service, tags }).filter(([, v]) => v !== undefined)),
            );
          }}
        />
      )}
      {FIELDS[type].map((group) => (
        <Group
          key={`${type} ${group.title}`}
          group={group}
          definition={definition}
          change={change}
          problems={problems}
        />
      ))}
      {test.data !== undefined && <TestResult answer={test.data} />}
      <FormActions
        submit={probe === null ? 'Make the probe' : 'Save'}
        busy={save.isPending}
        problems={problems.rest}
        cancel={cancel}
      >
        {type !== 'heartbeat' && (
          <Button
            size="xs"
            variant="default"
            loading={test.isPending}
            onClick={() => {
              save.reset();
              test.mutate({ id: probe?.id, definition: testable(written) });
            }}
          >
            Test now
          </Button>
        )}
      </FormActions>
    </form>
  );
}

/** A test needs no name. */
function testable(definition: Definition): Definition {
  return { ...definition, name: definition['name'] ?? 'test' };
}
