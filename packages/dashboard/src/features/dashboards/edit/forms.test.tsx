// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { type ReactNode, useState } from 'react';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { newPanel, type Panel } from '../model.ts';
import { JsonField } from './json-field.tsx';
import { Mappings } from './mappings.tsx';
import { Overrides } from './overrides.tsx';
import { Transformations } from './transformations.tsx';

beforeAll(() => {
  // happy-dom's own is not enough for Mantine, which listens for changes of the colour scheme.
  vi.stubGlobal('matchMedia', () => ({
    matches: false,
    addEventListener: vi.fn(),
    removeEventListener: vi.fn(),
  }));
  // It has no fonts, for whose arrival fields that grow wait.
  Object.defineProperty(document, 'fonts', { value: new EventTarget(), configurable: true });
});
afterEach(cleanup);

let now: Panel = newPanel(1, 'timeseries', 0);

function Edited({
  children,
}: {
  readonly children: (panel: Panel, set: (to: Partial<Panel>) => void) => ReactNode;
}) {
  const [panel, setPanel] = useState(newPanel(1, 'timeseries', 0));
  now = panel;
  return (
    <MantineProvider env="test">{children(panel, (to) => setPanel({ ...panel, ...to }))}</MantineProvider>
  );
}

const press = (name: string): void => void fireEvent.click(screen.getByRole('button', { name }));
const write = (label: string, value: string): void =>
  void fireEvent.change(screen.getByLabelText(label), { target: { value } });

describe('the forms of a panel', () => {
  it('make an override of some series and take it away', () => {
    render(<Edited>{(panel, set) => <Overrides panel={panel} set={set} />}</Edited>);
    press('Add an override');
    write('Name', 'errors');
    write('Shown as', 'failed');
    expect(now.overrides).toEqual([
      { match: { by: 'name', value: 'errors' }, set: { displayName: 'failed' } },
    ]);
    press('Remove override 1');
    expect(now.overrides).toEqual([]);
  });

  it('make value mappings', () => {
    render(
      <Edited>
        {({ field }, set) => (
          <Mappings
            mappings={field.mappings ?? []}
            onChange={(mappings) => set({ field: { ...field, mappings } })}
          />
        )}
      </Edited>,
    );
    press('Add a value mapping');
    write('Value', '2');
    write('As the words', 'open');
    expect(now.field.mappings).toEqual([{ type: 'value', value: '2', text: 'open', color: 'green' }]);
  });

  it('put transformations in order and switch them off', () => {
    render(<Edited>{(panel, set) => <Transformations panel={panel} set={set} />}</Edited>);
    press('Add a transformation');
    press('Add a transformation');
    fireEvent.click(screen.getAllByLabelText('On')[0]!);
    expect(now.transformations.map(({ disabled }) => disabled)).toEqual([true, false]);
    press('Later: transformation 1');
    expect(now.transformations.map(({ disabled }) => disabled)).toEqual([false, true]);
  });

  it('take an object as JSON, and say of anything else why not', () => {
    const taken = vi.fn();
    render(
      <MantineProvider env="test">
        <JsonField label="All" lines={{ least: 1, most: 4 }} value={{ a: 1 }} onChange={taken} />
      </MantineProvider>,
    );
    write('All', '{"a": [2]}');
    write('All', '[2]');
    expect(screen.getByText('expected an object')).toBeTruthy();
    write('All', '{');
    expect(screen.queryByText('expected an object')).toBeNull();
    expect(taken.mock.calls).toEqual([[{ a: [2] }]]);
  });
});
