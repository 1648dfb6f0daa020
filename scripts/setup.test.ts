import { describe, expect, it } from 'vitest';
import { badEngines, checkNode, SetupProblem } from './setup.mjs';

describe('setup', () => {
  it.each(['20.19.0', '20.20.2', '22.12.0', '24.0.0', '25.1.0'])('takes Node %s', (version) =>
    expect(() => checkNode(version)).not.toThrow(),
  );
  it.each(['18.20.0', '20.18.3', '16.0.0', '21.7.3', '22.11.0', '23.5.0'])(
    'refuses Node %s with one line that says what to do',
    (version) => {
      expect(() => checkNode(version)).toThrow(SetupProblem);
      expect(() => checkNode(version)).toThrow(
        new RegExp(
          `^Pharos needs Node 20\\.19, 22\\.12 or 24 and newer, and this is ${version}: install[^\\n]+$`,
        ),
      );
    },
  );

  it('lists packages that refuse this Node, but for the written exceptions', () => {
    const warning = (name: string) =>
      `npm warn EBADENGINE Unsupported engine {\nnpm warn EBADENGINE   package: '${name}@3.0.0',\n`;
    expect(badEngines(warning('content-disposition'))).toEqual([]);
    expect(badEngines(warning('undici') + warning('@scope/pkg'))).toEqual(['undici', '@scope/pkg']);
  });
});
