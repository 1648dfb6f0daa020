// @vitest-environment happy-dom
import { MantineProvider } from '@mantine/core';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/client.ts';
import { countStates, worstOf } from '../app/nav.tsx';
import { useKeyboard } from '../keys/hotkeys.tsx';
import { useListKeys } from '../keys/use-list-keys.ts';
import { Legend } from './chart/legend.tsx';
import { Delta, Numeral } from './figures.tsx';
import { CodeArea } from './forms/code-area.tsx';
import { sparkPath } from './sparkline.tsx';
import { EmptyState, ErrorState } from './states.tsx';
import { StatusBadge } from './status.tsx';

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

const show = (part: ReactNode) => render(<MantineProvider>{part}</MantineProvider>);

describe('the parts of pages', () => {
  it('a state is never told by its colour alone', () => {
    const { container } = show(<StatusBadge status="degraded" />);
    expect(screen.getByText('degraded')).toBeTruthy();
    expect(container.querySelector('svg')).not.toBeNull();
  });

  it('a figure has its unit, and its absence is spoken', () => {
    show(<Numeral value={0.142} unit="seconds" />);
    expect(screen.getByText('142').textContent).toBe('142ms');
    show(<Numeral value={null} unit="seconds" />);
    expect(screen.getByText('no data')).toBeTruthy();
  });

  it('a comparison says what it compares with', () => {
    const against = { unit: 'rate', against: 'vs. 5 min before', absent: 'no requests' } as const;
    show(<Delta now={150} before={100} {...against} />);
    expect(screen.getByText(/\+50.%.*vs\. 5 min before/)).toBeTruthy();
    show(<Delta now={null} before={100} {...against} />);
    expect(screen.getByText('no requests')).toBeTruthy();
  });

  it('an error says what it means, what it was, and offers to try again', () => {
    const retry = vi.fn();
    show(
      <ErrorState
        what="The curves"
        error={new ApiError('broken', 'api/x', 503, 'restarting')}
        retry={retry}
      />,
    );
    expect(screen.getByRole('alert').textContent).toContain('could not answer just now');
    expect(screen.getByRole('alert').textContent).toContain('api/x: restarting');
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(retry).toHaveBeenCalledOnce();
  });

  it('a list is walked and opened by keys, also after a button was pressed', () => {
    const open = vi.fn();
    const press = vi.fn();
    const key = (name: string) =>
      fireEvent.keyDown(document.activeElement ?? document.body, { key: name, bubbles: true });
    function Page() {
      useKeyboard();
      useListKeys(3, 'row', open);
      return (
        <>
          <button type="button" onClick={press}>
            Filter
          </button>
          <div role="region" aria-label="Rows" tabIndex={0} />
        </>
      );
    }
    show(<Page />);
    screen.getByRole('button').focus();
    key('Enter');
    expect(open).not.toHaveBeenCalled();
    key('j');
    key('j');
    key('Enter');
    expect(open.mock.calls).toEqual([[1]]);
    screen.getByRole('region').focus();
    key('j');
    key('Enter');
    expect(open.mock.calls).toEqual([[1], [2]]);
  });

  it('a query of plain text is run by Enter and left by Escape; Shift Enter begins a line', () => {
    const run = vi.fn();
    const lines = { least: 1, most: 6 };
    render(
      <MantineProvider env="test">
        <CodeArea label="LogQL" value="{}" onChange={vi.fn()} onSubmit={run} refused={false} lines={lines} />
      </MantineProvider>,
    );
    const field = screen.getByRole('textbox', { name: 'LogQL' });
    field.focus();
    fireEvent.keyDown(field, { key: 'Enter', shiftKey: true });
    expect(run).not.toHaveBeenCalled();
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(run).toHaveBeenCalledOnce();
    fireEvent.keyDown(field, { key: 'Escape' });
    expect(document.activeElement).not.toBe(field);
  });

  it('an empty state has its command ready to copy', () => {
    show(
      <EmptyState title="No service yet" command="npm start">
        Nothing.
      </EmptyState>,
    );
    expect(screen.getByText('npm start')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Copy the command' })).toBeTruthy();
  });

  it('a legend shows values at the crosshair, the last ones without, and isolates', () => {
    const isolate = vi.fn();
    const rows = [{ name: 'order', values: [1, 2, null] }];
    const legend = (at: number | null) => (
      <Legend rows={rows} colors={['red']} unit="rate" at={at} isolated={null} onIsolate={isolate} />
    );
    const { rerender } = render(legend(null));
    expect(screen.getByRole('button').textContent).toContain('2');
    rerender(legend(0));
    expect(screen.getByRole('button').textContent).toContain('1');
    fireEvent.click(screen.getByRole('button'));
    expect(isolate).toHaveBeenCalledWith('order');
  });
});

describe('sparklines', () => {
  it('leave gaps open', () => {
    const { line, area } = sparkPath([1, 2, null, 3, 4], 40, 10, 0);
    expect(line.match(/M/g)).toHaveLength(2);
    expect(area.match(/Z/g)).toHaveLength(2);
  });

  it('draw nothing of nothing, and a dot of one value', () => {
    expect(sparkPath([], 40, 10, 0)).toEqual({ line: '', area: '' });
    expect(sparkPath([null, Number.NaN], 40, 10, 0).line).toBe('');
    expect(sparkPath([null, 5, null], 40, 10, 0).line).toContain('h0.1');
  });

  it('keep noise near zero flat', () => {
    expect(sparkPath([0, 0.001], 10, 22, 1).line).toBe('M0.0,21.0L10.0,21.0');
  });
});

it('states are counted and compared worst first', () => {
  expect(countStates(['healthy', 'unhealthy', 'healthy'])).toBe('1 unhealthy, 2 healthy');
  expect(worstOf(['healthy', 'degraded', 'unknown'])).toBe('degraded');
  expect(worstOf([])).toBe('unknown');
});
